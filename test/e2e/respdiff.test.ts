/**
 * The same questions to vpndns, unbound and dnsmasq, over one upstream that does all that upstreams do wrong. Where vpndns answers otherwise than one of
 * the others, `test/conformance/respdiff/README.md` says so and says why; this test holds the page against what the servers really do.
 * `REWRITE=1 npm run e2e -- --match='respdiff*'` writes the page anew; a difference without a reason is then marked, and fails.
 */
import test, { type ExecutionContext } from 'ava';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Deframer, frame } from '../../core/wire/frame.js';
import { surveyResponse } from '../../core/wire/survey.js';
import { textOfRecords } from '../../core/wire/text.js';
import { opcodeOf } from '../../core/wire/layout.js';
import { rcodeText } from '../../core/wire/types.js';
import { startFaultUpstream } from '../../testing/index.js';
import { forwardingDnsmasq, forwardingUnbound } from './peers.js';
import { has, until } from './process.js';
import { questionsAtOnce, questionsInTurn, type Question } from './questions.js';
import { startVpndns } from './vpndns.js';

const page = new URL('../../../test/conformance/respdiff/README.md', import.meta.url);
/** What follows in the page is a table. */
const heading = '| question | vpndns | unbound | dnsmasq | why |\n| --- | --- | --- | --- | --- |\n';
/** Longer than any of them thinks about an answer that it has. */
const patienceMs = 4_000;
const recordsShown = 3;

type Answers = readonly [vpndns: string, unbound: string, dnsmasq: string];

test('respdiff: every difference to unbound and dnsmasq is known and has its reason', async (t) => {
  if (!has(t, 'unbound', 'dnsmasq')) return;
  const upstream = await startFaultUpstream();
  t.teardown(() => upstream.close());
  const vpndns = await startVpndns(t, `. {\nbind 127.0.0.1\nany\ncache\nforward . ${upstream.endpoint}\n}\n`);
  const peers = [await forwardingUnbound(t, upstream.port), await forwardingDnsmasq(t, upstream.port)] as const;
  const ports = [vpndns.port, peers[0].port, peers[1].port] as const;
  for (const port of ports) await until(async () => /NOERROR/.test(await answerOf(port, questionsAtOnce[0]!, 500)), () => `an answer on port ${port}`);
  holdPageAgainst(t, new Map([...await askAll(ports, questionsAtOnce, 12), ...await askAll(ports, questionsInTurn, 1)]));
});

async function askAll(ports: readonly number[], all: readonly Question[], atOnce: number): Promise<ReadonlyMap<string, Answers>> {
  const answers = new Map<string, Answers>(all.map(({ title }) => [title, ['', '', '']]));
  const waiting = [...all];
  const ask = async (): Promise<void> => {
    for (let question = waiting.shift(); question !== undefined; question = waiting.shift()) {
      const { title } = question;
      const [ours = '', unbounds = '', dnsmasqs = ''] = await Promise.all(ports.map((port) => answerOf(port, question!)));
      answers.set(title, [ours, unbounds, dnsmasqs]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return answers;
}

function holdPageAgainst(t: ExecutionContext, answers: ReadonlyMap<string, Answers>): void {
  const text = readFileSync(page, 'utf8');
  const [before = '', table = ''] = text.split(heading);
  const reasons = new Map(table.split('\n').filter((line) => line.startsWith('| ')).map((line) => {
    const cells = line.slice(2, -2).split(' | ');
    return [cells[0]!, cells.at(-1)!] as const;
  }));
  const differing = [...answers].filter(([, [ours, ...theirs]]) => theirs.some((each) => each !== ours));
  const rows = differing.map(([title, each]) => `| ${[title, ...each, reasons.get(title) ?? '**no reason yet**'].join(' | ')} |\n`);
  const summary = before.replace(/^\d+ questions, .*$/m, `${answers.size} questions, ${answers.size - rows.length} with the same answer from all three.`);
  const now = `${summary}${heading}${rows.join('')}`;
  if (process.env['REWRITE'] === '1') writeFileSync(page, now);
  else t.is(now, text);
  t.notRegex(now, /no reason yet/);
}

/** What a server makes of a message, as a word or a line; over TCP as well when UDP was not enough. */
async function answerOf(port: number, { bytes }: Question, patience = patienceMs): Promise<string> {
  const answer = await overUdp(port, bytes, patience);
  if (answer === undefined) return 'silence';
  if ((answer[2]! & 2) === 0) return describe(answer);
  const whole = await overTcp(port, bytes, patience);
  return `TC; over TCP ${whole === undefined ? 'silence' : describe(whole)}`;
}

async function overUdp(port: number, bytes: Buffer, patience: number): Promise<Buffer | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.send(bytes, port, '127.0.0.1');
    const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(patience) }) as [Buffer];
    return answer;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

async function overTcp(port: number, bytes: Buffer, patience: number): Promise<Buffer | undefined> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(frame(bytes));
    return await new Promise<Buffer | undefined>((resolve) => {
      const deframer = new Deframer();
      socket.on('data', (data: Buffer) => {
        const [message] = deframer.push(data);
        if (message !== undefined) resolve(message);
      });
      socket.on('close', () => resolve(undefined)).on('error', () => resolve(undefined)).setTimeout(patience, () => resolve(undefined));
    });
  } finally {
    socket.destroy();
  }
}

/** RCODE, the flags that may differ, and the answer section. */
function describe(answer: Buffer): string {
  const flags = answer.readUInt16BE(2);
  const survey = surveyResponse(answer);
  const words = [rcodeText(survey?.rcode ?? flags & 15)];
  for (const [bit, name] of [[0x0400, 'aa'], [0x0020, 'ad'], [0x0010, 'cd']] as const) if ((flags & bit) !== 0) words.push(name);
  if (opcodeOf(flags) !== 0) words.push(`opcode ${opcodeOf(flags)}`);
  if (survey === undefined) return words.join(' ');
  return [words.join(' '), ...answersIn(answer, survey)].join(', ');
}

function answersIn(answer: Buffer, survey: NonNullable<ReturnType<typeof surveyResponse>>): string[] {
  const all = textOfRecords(answer, survey).slice(0, answer.readUInt16BE(6));
  // A second may have passed, and not all keep an order.
  const lines = all.map((line) => line.replace(/^\S+ (\d+) \S+ /, (_, ttl: string) => `${Number(ttl) > 290 && Number(ttl) < 300 ? 300 : ttl} `)).sort();
  if (lines.length > recordsShown) return [`${lines.length} records`];
  return lines.map((line) => (line.length > 60 ? `${line.slice(0, 60)}…` : line).replaceAll('|', '\\|'));
}
