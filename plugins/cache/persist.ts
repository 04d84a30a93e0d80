/** The cache on disk, so that a restart does not ask everything anew: one JSON line an entry, times by the wall clock. */
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../core/files.js';
import { hashOf } from '../../core/hash.js';
import { limits } from '../../core/limits.js';
import { nameFromText, textOfName } from '../../core/name.js';
import type { Reply } from '../../core/reply.js';
import type { Clock } from '../../core/runtime.js';
import type { AskedQuestion, Content, Entry, Question } from './record.js';
import type { Store } from './store.js';

const format = 'vpndns cache 1';

interface Line extends Omit<Question, 'name'> {
  readonly name: string;
  readonly route: string;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
  readonly expiresAt: number;
  readonly reply: SavedReply;
}

type SavedReply = Pick<Reply, 'rcode' | 'plugin' | 'flags' | 'answers' | 'authorities' | 'additionals' | 'ttls' | 'kind'> & {
  /** In base64. */
  readonly body: string;
  readonly targets: readonly string[];
};

/** Writes all entries but failures. Throws what the file system says. */
export async function save(store: Store, path: string, clock: Clock): Promise<number> {
  const offset = clock.wall() - clock.now();
  const lines = [...store.entries()].filter(({ kind }) => kind !== 'failure').map((entry) => JSON.stringify(lineOf(entry, offset)));
  // Oldest first, as they are read back.
  await writeFileAtomically(path, `${[format, ...lines].join('\n')}\n`);
  return lines.length;
}

function lineOf(entry: Entry, offset: number): Line {
  const { name, type, dnssecOk, checkingDisabled, route, lifeMs, expiresAt } = entry;
  const reply = entry.reply();
  return {
    name: textOfName(name), type, dnssecOk, checkingDisabled, route,
    storedAt: Math.round(expiresAt - lifeMs + offset), expiresAt: Math.round(expiresAt + offset),
    reply: {
      rcode: reply.rcode, plugin: reply.plugin, flags: reply.flags, kind: reply.kind, ttls: reply.ttls,
      answers: reply.answers, authorities: reply.authorities, additionals: reply.additionals,
      body: reply.body.toString('base64'), targets: reply.targets.map(textOfName),
    },
  };
}

/**
 * Reads them back. A missing file is an empty one; a line that can't be read is skipped.
 * @returns how many were read and how many skipped
 * @throws what the file system says, or an Error when the file is something else
 */
export async function load(store: Store, path: string, clock: Clock): Promise<{ readonly read: number; readonly skipped: number }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { read: 0, skipped: 0 };
    throw error;
  }
  const [head, ...lines] = text.split('\n');
  if (head !== format) throw new Error(`${path} is no saved cache (its first line is not '${format}')`);
  const offset = clock.wall() - clock.now();
  let read = 0;
  let skipped = 0;
  for (const line of lines) {
    if (line === '') continue;
    const saved = savedIn(line, offset);
    if (saved === undefined) skipped++;
    else {
      store.put(saved.question, saved.route, saved.content);
      read++;
    }
  }
  return { read, skipped };
}

interface Saved {
  readonly question: AskedQuestion;
  readonly route: string;
  readonly content: Content;
}

function savedIn(line: string, offset: number): Saved | undefined {
  try {
    const { reply, ...saved } = JSON.parse(line) as Line;
    const body = Buffer.from(reply.body, 'base64');
    if (reply.ttls.some((at) => !Number.isInteger(at) || at < 0 || at + 4 > body.length)) return undefined;
    // Records longer than a message, or more TTLs than they have room for, are no reply's.
    if (body.length > limits.messageOctets || reply.ttls.length * 4 > body.length) return undefined;
    if (reply.kind === undefined || saved.type !== (saved.type & 0xffff)) return undefined;
    if (![saved.storedAt, saved.expiresAt, reply.rcode].every(Number.isFinite)) return undefined;
    const name = nameFromText(saved.name);
    return {
      question: { ...saved, name, nameHash: hashOf(name) }, route: saved.route,
      content: {
        reply: { ...reply, body, targets: reply.targets.map(nameFromText), failure: undefined }, kind: reply.kind,
        lifeMs: saved.expiresAt - saved.storedAt, expiresAt: saved.expiresAt - offset,
      },
    };
  } catch {
    return undefined;
  }
}
