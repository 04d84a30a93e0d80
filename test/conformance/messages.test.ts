/**
 * What the server makes of each kind of message, over UDP and TCP: reliability.md sections 1.2 (C), 2.2 (A) and 4 (P). One table; what it does
 * not say holds for every answer: see `test/answer-rules.ts`.
 */
import test, { type ExecutionContext } from 'ava';
import { surveyResponse, type Survey } from '../../core/wire/survey.js';
import { rcodeText } from '../../core/wire/types.js';
import {
  toQuestion, wireLabels, wireMessage, wireOpt, wireOption, wireQuestion, wireRecord, type WireMessage,
} from '../../testing/index.js';
import { faultsOf } from '../answer-rules.js';
import { startLive, TcpClient, UdpClient, type Live } from './live.js';

/** Too much for any UDP answer. */
const manyAddresses = Array.from({ length: 100 }, (_, i) => `2001:db8::${(i + 1).toString(16)}`);

const directives = `
any
static {
  record host1.example.com 192.0.2.1
  record big.example.com ${manyAddresses.join(' ')}
}
forward . UPSTREAM
`;

interface Case {
  /** The ids that it shows, and what is sent. */
  readonly title: string;
  readonly query: Buffer | readonly Buffer[];
  /** `NOERROR 1` (with so many records in the answer section), `FORMERR` or `silence`. */
  readonly answer: string;
  /** Whether the question travels on to the upstream, octet by octet. */
  readonly forwarded?: boolean;
  readonly only?: 'udp' | 'tcp';
  /** What else must hold of the answer. */
  readonly also?: (t: ExecutionContext, reply: Buffer, survey: Survey) => void;
}

const host = wireQuestion('host1.example.com');
const big = wireQuestion('big.example.com', 'AAAA');
const query = (parts: WireMessage = {}): Buffer => wireMessage({ questions: [host], ...parts });
const asking = (name: string | Buffer, type: string | number = 'A', qclass: string | number = 1): Buffer =>
  query({ questions: [wireQuestion(name, type, qclass)] });
/** A query with EDNS. */
const withOpt = (options: readonly Buffer[] = [], more: Parameters<typeof wireOpt>[1] = {}, parts: WireMessage = {}): Buffer =>
  query({ additionals: [wireOpt(options, more)], ...parts });
const option = (code: number, hex = ''): Buffer => wireOption(code, Buffer.from(hex, 'hex'));
const octets = (length: number): string => '5a'.repeat(length);
const prefixes = (bytes: Buffer, from: number): Buffer[] => Array.from({ length: bytes.length - from }, (_, i) => bytes.subarray(0, from + i));
const label63 = 'a'.repeat(63);
/** Labels of these lengths. */
const nameOf = (...lengths: readonly number[]): Buffer => wireLabels(...lengths.map((length) => 'x'.repeat(length)));
const pointingAt = (offset: number): Buffer => asking(Buffer.of(0xc0 | (offset >> 8), offset & 255));
const address = wireRecord('host1.example.com', 'A', Buffer.of(203, 0, 113, 66));

const isTruncated: Case['also'] = (t, reply, { records }) => {
  t.is(reply[2]! & 2, 2, 'TC');
  t.is(records.length, 0, 'no part of the records');
};

const isBadVers: Case['also'] = (t, reply, { opt }) => {
  t.is(reply[opt!.start + 6], 0, 'the version that we speak');
  t.is(opt!.end - opt!.start, 11, 'no option comes back');
};

const plain: readonly Case[] = [
  {
    title: 'C01 C02: an address of our own', answer: 'NOERROR 1', also: (t, reply) => t.is(reply.readUInt16BE(2), 0x8580, 'AA, RD, RA, no Z'),
    query: query(),
  },
  { title: 'C03: without RD, an address of our own', query: query({ flags: 0 }), answer: 'NOERROR 1' },
  { title: 'C03 A49: without RD, a name of others', query: query({ flags: 0, questions: [wireQuestion('www.example.org')] }), answer: 'REFUSED' },
  { title: 'C04: AA, RA, Z and an RCODE in a query', query: query({ flags: 0x05cf }), answer: 'NOERROR 1' },
  { title: 'C05: TC in a query', query: query({ flags: 0x0300 }), answer: 'FORMERR' },
  { title: 'C08: ids 0 and 65535', query: [query({ id: 0 }), query({ id: 65_535 })], answer: 'NOERROR 1' },
  {
    title: 'C09 P23: letters in any case', query: asking('HoSt1.ExAmPlE.cOm'), answer: 'NOERROR 1',
    also: (t, reply, { records }) => t.deepEqual(reply.subarray(records[0]!.owner, records[0]!.owner + 2), toQuestion, 'the owner is the question’s name'),
  },
  {
    title: 'C10: another type of a name of our own', query: asking('host1.example.com', 'AAAA'), answer: 'NOERROR 0',
    also: (t, _reply, { records }) => t.deepEqual(records.map(({ section, type }) => [section, type]), [['authority', 6]]),
  },
  { title: 'C16: the root', query: asking('.', 'NS'), answer: 'NOERROR 1', forwarded: true },
  {
    title: 'C17 P17: types that nobody knows, of a name of our own', answer: 'NOERROR 0',
    query: [asking('host1.example.com', 1000), asking('host1.example.com', 65_280)],
  },
  {
    title: 'C17 P17: types that nobody knows, of names of others', answer: 'NOERROR 1', forwarded: true,
    query: [asking('www.example.org', 1000), asking('www.example.org', 65_280)],
  },
  {
    title: 'C20 A30: ANY', answer: 'NOERROR 1', also: (t, reply) => t.true(reply.length <= 512),
    query: [asking('host1.example.com', 'ANY'), asking('www.example.org', 'ANY')],
  },
  { title: 'C21: zone transfers', query: [asking('example.com', 'AXFR'), asking('example.com', 'IXFR')], answer: 'REFUSED' },
  {
    title: 'C22: types that are no data', answer: 'FORMERR',
    query: Array.from({ length: 127 }, (_, i) => asking('www.example.org', 128 + i)).filter((_, i) => i !== 123 && i !== 124),
  },
  { title: 'C22: type OPT', query: asking('www.example.org', 'OPT'), answer: 'FORMERR' },
  {
    title: 'C23 P16 V19: classes that are not ours', answer: 'REFUSED',
    query: [4, 254, 255, 0, 0x8001, 65_535].map((qclass) => asking('host1.example.com', 'A', qclass)),
  },
  { title: 'C24: who the server is', query: [asking('version.bind', 'TXT', 'CH'), asking('id.server', 'TXT', 'CH')], answer: 'REFUSED' },
  {
    title: 'C25: other opcodes', answer: 'NOTIMP',
    query: Array.from({ length: 15 }, (_, i) => [query({ flags: 0x100 | ((i + 1) << 11) }), wireMessage({ flags: (i + 1) << 11 })]).flat(),
  },
];

const names: readonly Case[] = [
  {
    title: 'C12: the longest label and the longest names', answer: 'NOERROR 1', forwarded: true,
    query: [wireLabels(label63), nameOf(63, 63, 63, 61), nameOf(...Array<number>(127).fill(1))].map((name) => asking(name)),
  },
  {
    title: 'C13 A22: names that are too long', answer: 'FORMERR',
    query: [nameOf(63, 63, 63, 62), nameOf(...Array<number>(5).fill(63)), nameOf(...Array<number>(1_000).fill(1))].map((name) => asking(name)),
  },
  {
    title: 'C14 A46 P11: labels of any octets', answer: 'NOERROR 1', forwarded: true,
    query: ['a\0b', '\x80\xfe\xff', 'a b', 'back\\slash', '*', '_sip', '\xff'.repeat(63), '\n', '"', '\x1b[2J']
      .map((label) => asking(wireLabels(label, 'example', 'org'))),
  },
  { title: 'C15 P12: a dot inside a label is no border', query: asking(wireLabels('host1.example', 'com')), answer: 'NOERROR 1', forwarded: true },
  {
    title: 'C49 A21 P3 P9: a name in a question that is a pointer', answer: 'FORMERR',
    query: [
      ...[12, 20, 0x3fff, 0, 2, 14].map(pointingAt),
      asking(Buffer.of(1, 0x61, 0xc0, 12)),
      asking(Buffer.of(0xc0, 14, 0xc0, 12)),
    ],
  },
  {
    title: 'C50 A22: labels of types that there are not', answer: 'FORMERR',
    query: [0x40, 0x41, 0x80, 0xbf].map((length) => asking(Buffer.concat([Buffer.of(length), Buffer.alloc(8, 0x61), Buffer.of(0)]))),
  },
  {
    title: 'C51: a query that is cut anywhere', answer: 'FORMERR',
    query: [...prefixes(query(), 12), ...prefixes(withOpt([option(65_001, '0102')]), 12)],
  },
  {
    title: 'C52 P8: octets behind the question, and behind the OPT record', answer: 'NOERROR 1',
    query: [query({ trailing: Buffer.alloc(9, 0xff) }), withOpt([], {}, { trailing: Buffer.alloc(9, 0xff) })],
  },
];

const sections: readonly Case[] = [
  { title: 'C26: two questions get FORMERR, once', query: query({ questions: [host, host] }), answer: 'FORMERR' },
  { title: 'C27: no question, but a cookie', query: wireMessage({ additionals: [wireOpt([option(10, octets(8))])] }), answer: 'FORMERR' },
  {
    title: 'C28 A18 P1: a header alone, with counts of 0 and of 65535', answer: 'FORMERR',
    query: [wireMessage({}), wireMessage({ counts: [65_535, 65_535, 65_535, 65_535] })],
  },
  {
    title: 'C28 A18 P1: a question, and counts of 65535', answer: 'FORMERR',
    query: [query({ counts: [1, 65_535, 0, 0] }), query({ counts: [1, 0, 0, 65_535] })],
  },
  {
    title: 'A19 P2: data that made dns-packet begin again and again', answer: 'FORMERR',
    query: [44, 13, 35].map((type) => query({ questions: [], answers: [wireRecord('.', type, Buffer.of(0, 9))], counts: [0, 65_535, 0, 0] })),
  },
  { title: 'C29 V02: less than a header', query: [0, 1, 2, 11].map((length) => query().subarray(0, length)), answer: 'silence' },
  {
    title: 'C30 A31 A13: what says that it is a response', answer: 'silence',
    query: [query({ flags: 0x8100 }), query({ flags: 0x8580, answers: [address] }), wireMessage({ flags: 0x8181 }), query({ flags: 0xa800 })],
  },
  {
    title: 'C31 P4: records in the answer and authority sections of a query', answer: 'FORMERR',
    query: [query({ answers: [address] }), query({ authorities: [address] })],
  },
  {
    title: 'C48: TSIG, alone, before an OPT record, and cut', answer: 'FORMERR',
    query: [
      query({ additionals: [wireRecord('key', 'TSIG', Buffer.alloc(20))] }),
      query({ additionals: [wireRecord('key', 'TSIG', Buffer.alloc(20)), wireOpt()] }),
      query({ additionals: [wireRecord('key', 'TSIG', Buffer.alloc(20)).subarray(0, 12)] }),
    ],
  },
];

const edns: readonly Case[] = [
  { title: 'C32: two OPT records', query: query({ additionals: [wireOpt(), wireOpt()] }), answer: 'FORMERR' },
  {
    title: 'C33 P20: an OPT record of another owner, or elsewhere', answer: 'FORMERR',
    query: [
      query({ additionals: [wireRecord('a', 'OPT', Buffer.alloc(0), { class: 1232 })] }),
      query({ answers: [wireOpt()] }),
      query({ authorities: [wireOpt()] }),
    ],
  },
  {
    title: 'C34 P21: EDNS of another version', answer: 'BADVERS', also: isBadVers,
    query: [1, 255].flatMap((version) => [withOpt([], { ttl: version << 16 }), withOpt([option(65_001)], { ttl: version << 16 })]),
  },
  { title: 'C35: all flags of EDNS but DO', query: withOpt([], { ttl: 0x7fff }), answer: 'NOERROR 1' },
  {
    title: 'C36: DO comes back', answer: 'NOERROR 1', also: (t, reply, { opt }) => t.is(reply.readUInt16BE(opt!.start + 7), 0x8000),
    query: withOpt([], { ttl: 0x8000 }),
  },
  {
    title: 'C37 P20: a size of less than 512 octets counts as 512', answer: 'NOERROR 0', only: 'udp', also: isTruncated,
    query: [0, 100, 512].map((size) => withOpt([], { size }, { questions: [big] })),
  },
  {
    title: 'C39 A23: options that nobody knows, however many', answer: 'NOERROR 1',
    query: [1, 50, 250].map((count) => withOpt(Array.from({ length: count }, () => option(65_001, '00')))),
  },
  { title: 'C39 A23: 16,000 options', query: withOpt(Array.from({ length: 16_000 }, () => option(65_001))), answer: 'NOERROR 1', only: 'tcp' },
  {
    title: 'C40 A25: an OPT record that is cut, or promises more than there is', answer: 'FORMERR',
    query: [
      ...[1, 65_535].map((rdlength) => withOpt([], { rdlength })),
      ...[wireOption(65_001, Buffer.alloc(2), 3), Buffer.of(0), Buffer.of(0, 10, 0)].map((rest) => withOpt([rest])),
    ],
  },
  { title: 'C41: NSID', query: withOpt([option(3)]), answer: 'NOERROR 1' },
  { title: 'C42: cookies', query: [withOpt([option(10, octets(8))]), withOpt([option(10, octets(24))])], answer: 'NOERROR 1' },
  {
    title: 'C42: cookies of lengths that there are not', answer: 'FORMERR',
    query: [0, 7, 9, 15, 41].map((length) => withOpt([option(10, octets(length))])),
  },
  {
    title: 'C43: client subnets', answer: 'NOERROR 1',
    query: ['000118 00c00002', '00010000', '00023800 20010db8000000'].map((hex) => withOpt([option(8, hex.replaceAll(' ', ''))])),
  },
  {
    title: 'C44 P7: client subnets that are none', answer: 'FORMERR',
    query: ['00012100c0000201ff', '00011800c000', '00011808c00002', '00631800c00002', '', '000100'].map((hex) => withOpt([option(8, hex)])),
  },
  { title: 'C45 C46: padding, and keepalive', query: [withOpt([option(12, octets(100))]), withOpt([option(11)])], answer: 'NOERROR 1' },
  {
    title: 'C47 A24: the same options twenty times', answer: 'NOERROR 1',
    query: withOpt(Array.from({ length: 20 }, () => [option(3), option(10, octets(8)), option(12, octets(4))]).flat()),
  },
];

const sizes: readonly Case[] = [
  {
    title: 'C38 A44: a large answer for a client without EDNS', answer: 'NOERROR 0', only: 'udp', also: isTruncated,
    query: query({ questions: [big] }),
  },
  {
    title: 'C53: a large answer for clients that take 1232 and 4096 octets', answer: 'NOERROR 0', only: 'udp', also: isTruncated,
    query: [1232, 4096].map((size) => withOpt([], { size }, { questions: [big] })),
  },
  {
    title: 'C54: a large answer over TCP, whatever size EDNS says', answer: 'NOERROR 100', only: 'tcp',
    query: withOpt([], { size: 512 }, { questions: [big] }),
  },
];

async function judge(t: ExecutionContext, { upstream }: Live, client: UdpClient | TcpClient, each: Case, sent: Buffer): Promise<void> {
  const transport = client instanceof TcpClient ? 'tcp' : 'udp';
  const before = upstream.received.length;
  const replies = await client.exchange(sent, each.answer === 'silence' ? 0 : 1);
  const message = `${sent.toString('hex').slice(0, 100)} over ${transport}`;
  t.is(replies.length, each.answer === 'silence' ? 0 : 1, message);
  if (client instanceof TcpClient) t.is(client.isClosed, each.answer === 'silence', 'who is told nothing waits for nothing');
  const arrived = upstream.received.slice(before);
  t.is(arrived.length, each.forwarded === true ? 1 : 0, `forwarded: ${message}`);
  for (const { question } of arrived) t.deepEqual(question, sent.subarray(12, 12 + question.length), 'what travels on is the question as it came');
  for (const reply of replies) {
    t.deepEqual(faultsOf(sent, reply, transport), [], message);
    const survey = surveyResponse(reply);
    const answers = reply.readUInt16BE(6);
    const code = rcodeText(survey?.rcode ?? reply.readUInt16BE(2) & 15);
    t.is(each.answer.includes(' ') ? `${code} ${answers}` : code, each.answer, message);
    if (survey !== undefined) each.also?.(t, reply, survey);
  }
}

for (const each of [...plain, ...names, ...sections, ...edns, ...sizes]) {
  test(`${each.title}: ${each.answer}${each.forwarded === true ? ', forwarded' : ''}`, async (t) => {
    const live = await startLive(t, directives);
    for (const Client of [UdpClient, TcpClient]) {
      if (each.only !== undefined && (each.only === 'udp') !== (Client === UdpClient)) continue;
      let client = await Client.open(t, live.port);
      for (const sent of Buffer.isBuffer(each.query) ? [each.query] : each.query) {
        if (client instanceof TcpClient && client.isClosed) client = await Client.open(t, live.port);
        await judge(t, live, client, each, sent);
      }
    }
  });
}
