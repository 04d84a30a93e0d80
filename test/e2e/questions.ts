/** What several DNS servers are asked over one upstream, to see where they differ. */
import {
  faults, toQuestion, wireLabels, wireMessage, wireName, wireOpt, wireOption, wireQuestion, wireRecord, type Fault, type WireMessage,
} from '../../testing/index.js';

export interface Question {
  /** Tells it from all others. */
  readonly title: string;
  readonly bytes: Buffer;
}

/** Faults that take seconds, or that have two right outcomes: what a server does with them is a question of its timers. */
const untimely = new Set(['U09', 'U10', 'U29', 'U30', 'U38', 'U40']);

/** After these a server asks without EDNS for a while: they come last. */
const lasting = new Set(['U12', 'U14']);

const opt = wireOpt();
/** A name for each question, so that no server has its answer from the one before. */
const nameFor = (title: string): string => `${title.replace(/\W+/g, '-')}.test`;
const ask = (title: string, parts: WireMessage): Question => ({ title, bytes: wireMessage({ questions: [wireQuestion(nameFor(title))], ...parts }) });
const named = (title: string, question: Buffer): Question => ask(title, { questions: [question], additionals: [opt] });

const ofFaults = (of: readonly Fault[]): readonly Question[] => of.map(({ name, type, what }) => ({
  title: `${what} (${name})`, bytes: wireMessage({ questions: [wireQuestion(name, type)], additionals: [opt] }),
}));

const longest = [63, 63, 63, 61].map((length) => 'a'.repeat(length)).join('.');

/** Some at a time: most of it is waiting for servers that never answer. */
export const questionsAtOnce: readonly Question[] = [
  ask('a plain query, without EDNS', {}),
  ask('with EDNS', { additionals: [opt] }),
  ask('DO', { additionals: [wireOpt([], { ttl: 0x8000 })] }),
  ask('CD', { flags: 0x0110 }),
  ask('AD', { flags: 0x0120 }),
  ask('no RD', { flags: 0 }),
  ask('AA, RA, Z and an RCODE in the query', { flags: 0x05cf }),
  ask('TC in the query', { flags: 0x0300 }),
  ask('a response', { flags: 0x8180 }),
  ...[1, 2, 4, 5, 15].map((opcode) => ask(`opcode ${opcode}`, { flags: (opcode << 11) | 0x0100 })),
  ask('no question', { questions: [] }),
  ask('two questions', { questions: [wireQuestion('one.test'), wireQuestion('other.test')] }),
  ask('a record in the answer section', { answers: [wireRecord(toQuestion, 'A', Buffer.of(192, 0, 2, 1))] }),
  ask('two OPT records', { additionals: [opt, opt] }),
  ask('EDNS version 1', { additionals: [wireOpt([], { ttl: 0x0001_0000 })] }),
  ask('all EDNS flags but DO', { additionals: [wireOpt([], { ttl: 0x7fff })] }),
  ask('an EDNS size of 0', { additionals: [wireOpt([], { size: 0 })] }),
  ask('an unknown EDNS option', { additionals: [wireOpt([wireOption(65_001, Buffer.from('x'))])] }),
  ask('an EDNS option that ends behind the record', { additionals: [wireOpt([wireOption(3, Buffer.alloc(0), 9)])] }),
  ask('a cookie of seven octets', { additionals: [wireOpt([wireOption(10, Buffer.alloc(7))])] }),
  ask('counts that the message can not hold', { counts: [1, 65_535, 65_535, 65_535] }),
  ask('octets behind the message', { trailing: Buffer.alloc(3) }),
  named('upper and lower case', wireQuestion('MiXeD.tEsT')),
  named('the root', wireQuestion('.', 'NS')),
  named('a name of 255 octets', wireQuestion(longest)),
  named('a label with a NUL, a dot and a high octet', Buffer.concat([Buffer.from('\x05a\0.\xffb\x04test\0', 'latin1'), Buffer.of(0, 1, 0, 1)])),
  named('a name of 321 octets', wireQuestion(wireLabels(...Array.from({ length: 5 }, () => 'a'.repeat(63))))),
  named('a name that points to itself', wireQuestion(Buffer.of(0xc0, 12))),
  named('a label of type 01', wireQuestion(Buffer.concat([Buffer.of(0x41), wireName('test')]))),
  named('type ANY', wireQuestion('typed1.test', 255)),
  named('type AXFR', wireQuestion('typed2.test', 252)),
  named('type OPT', wireQuestion('typed3.test', 41)),
  named('type TSIG', wireQuestion('typed4.test', 250)),
  named('class CH, version.bind', wireQuestion('version.bind', 'TXT', 'CH')),
  named('class ANY', wireQuestion('typed5.test', 1, 255)),
  named('class 0', wireQuestion('typed6.test', 1, 0)),
];

/** One after another: what a fault does to a connection, it does to all questions on it. */
const timely = faults.filter(({ id }) => !untimely.has(id));
export const questionsInTurn: readonly Question[] = ofFaults([...timely.filter(({ id }) => !lasting.has(id)), ...timely.filter(({ id }) => lasting.has(id))]);
