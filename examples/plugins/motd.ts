/**
 * A whole plugin, as somebody outside this project would write it: the message of the day, as TXT records of a name.
 *
 *     plugin ./motd.js
 *
 *     example.org {
 *         motd motd.example.org motd.txt {
 *             ttl 5m
 *         }
 *     }
 */
import { readFile } from 'node:fs/promises';
import {
  createReply, definePlugin, fields, flags, messageOf, name, one, OperationalError, path, rcodes, recordBody, seconds, sharedCall, textOfName,
  types, type Explanation, type Name, type PluginInstance, type Query, type Reply,
} from 'vpncore';

/** A character-string of a TXT record has 255 octets at most (RFC 1035 section 3.3). */
const stringOctets = 255;
/** Octets of a message: it is to fit into a UDP answer. */
const messageOctets = 1000;

/** A TXT record for each line of the text. */
function replyOf(text: string, ttl: number): Reply {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const records = lines.map((line) => recordBody(types.txt, ttl, characterStrings(Buffer.from(line))));
  return createReply(rcodes.noError, 'motd', { flags: flags.aa, answers: records.length, body: Buffer.concat(records) });
}

function characterStrings(text: Buffer): Buffer {
  const strings: Buffer[] = [];
  for (let i = 0; i < text.length; i += stringOctets) {
    const string = text.subarray(i, i + stringOctets);
    strings.push(Buffer.of(string.length), string);
  }
  return Buffer.concat(strings);
}

/** What `setup` leaves behind: one instance for each place where the directive stands. */
class Motd implements PluginInstance {
  readonly #name: Name;
  readonly #file: string;
  readonly #ttl: number;
  readonly #nodata = createReply(rcodes.noError, 'motd', { flags: flags.aa });
  #reply = this.#nodata;

  constructor(owner: Name, file: string, ttl: number) {
    this.#name = owner;
    this.#file = file;
    this.#ttl = ttl;
  }

  /** Called before anything starts, and by the API. When the file can't be read, the old message stays. */
  async load(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch((error: unknown) => {
      throw new OperationalError(`cannot read ${this.#file}: ${messageOf(error)}`);
    });
    if (Buffer.byteLength(text) > messageOctets) throw new OperationalError(`${this.#file} is longer than ${messageOctets} octets`);
    this.#reply = replyOf(text, this.#ttl);
  }

  /** The answer, made beforehand; `undefined` for "not mine". */
  answer(query: Query): Reply | undefined {
    if (query.name !== this.#name) return undefined;
    return query.type === types.txt ? this.#reply : this.#nodata;
  }

  explain(query: Query): Explanation | undefined {
    const reply = this.answer(query);
    return reply && { decision: `answers for ${textOfName(this.#name)} with ${reply.answers} line(s) of ${this.#file}`, final: true };
  }
}

/** Every worker reads for itself; what went wrong in any of them is told once. */
const reload = sharedCall<Motd, readonly string[]>({
  method: 'POST', path: '/motd/reload', summary: 'Reads the messages of the day anew',
  async ask(instances) {
    const results = await Promise.allSettled(instances.map((each) => each.load()));
    return results.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []));
  },
  reply(parts) {
    const errors = [...new Set(parts.flat())];
    return { message: errors.length === 0 ? 'read' : 'some could not be read', data: { errors }, failed: errors.length > 0 };
  },
});

export default definePlugin({
  name: 'motd',
  repeatable: true,
  args: fields({ name: one(name()), file: one(path()) }),
  properties: { ttl: one(seconds(), { default: 60 }) },
  api: [reload],
  setup({ args, ttl }, { block, host }) {
    const motd = new Motd(args.name, args.file, ttl);
    const answers = host.metrics.counter('motd_answers_total', 'Questions that got the message of the day.').child({});
    block.hooks.query.tap('motd', (query) => {
      const reply = motd.answer(query);
      if (reply !== undefined) answers.inc();
      return reply;
    });
    return motd;
  },
});
