/** THE table of what upstreams do wrong (see `faults.ts`): forged answers, broken ones, late ones, none, and data that few programs expect. */
import type { Fault, FaultBehaviour, FaultOutcome } from './faults.js';
import type { ReceivedQuery } from './upstream.js';
import {
  recordFromText, toQuestion, uint16, wireLabels, wireMessage, wireName, wireOpt, wireOption, wireQuestion, wireRecord, type WireMessage,
} from './wire.js';

const address = (last: number): Buffer => Buffer.of(192, 0, 2, last);
const a = (rdata: Buffer, ttl = 300): Buffer => wireRecord(toQuestion, 'A', rdata, { ttl });
const right = a(address(1));
const forged = a(Buffer.of(203, 0, 113, 66));
const forgedAnswers = { answers: [forged] };
const soa = (minimum: number, owner = 'test.', ttl = 300): Buffer => recordFromText(`${owner} ${ttl} IN SOA ns.test. host.test. 1 2 3 4 ${minimum}`);
const rcode = (code: number): number => 0x8180 | code;
const truncated = 0x8380;

/** An answer to a query, octet by octet; by default the right one. */
const answer = (query: ReceivedQuery, parts: WireMessage = {}): Buffer => wireMessage({
  id: query.id, flags: 0x8180, questions: [query.question], answers: [right], ...parts,
  additionals: [...(parts.additionals ?? []), ...(query.edns === undefined ? [] : [wireOpt()])],
});

/** For names that are in no table: an address, octet by octet at the name that was asked for, or no records. */
export const faultless: FaultBehaviour = (query) => answer(query, query.type === 'A' ? {} : { answers: [] });

const says = (parts: WireMessage): FaultBehaviour => (query) => answer(query, parts);
/** Says something else first. */
const first = (forge: (query: ReceivedQuery) => Buffer): FaultBehaviour => (query) => {
  query.send(forge(query));
  return answer(query);
};
/** One thing over UDP, another over TCP. */
const by = (udp: FaultBehaviour, tcp: FaultBehaviour): FaultBehaviour => (query, world) => (query.transport === 'udp' ? udp : tcp)(query, world);
const truncates = says({ flags: truncated, answers: [] });
const isRight: FaultBehaviour = (query) => answer(query);
/** Says nothing, for longer than anybody waits for one answer. */
const silent: FaultBehaviour = async (_query, world) => void (await world.pass(2_100));
const late = (ms: number): FaultBehaviour => async (query, world) => {
  await world.pass(ms);
  return answer(query);
};

const good: FaultOutcome = { rcode: 'NOERROR', answers: ['300 A 192.0.2.1'], udp: 1, tcp: 0, cached: 1 };
const overTcp: FaultOutcome = { ...good, tcp: 1 };
/** No server could be made to answer; that is remembered for a moment. */
const failure: FaultOutcome = { rcode: 'SERVFAIL', answers: [], udp: 1, tcp: 1, cached: 1 };
const gaveUp: FaultOutcome = { ...failure, udp: 3, tcp: 0 };
const empty: FaultOutcome = { ...good, answers: [], cached: 0 };
const uncached = (...answers: readonly string[]): FaultOutcome => ({ ...good, answers, cached: 0 });

function fault(name: string, what: string, behave: FaultBehaviour, outcome: FaultOutcome, more: Partial<Pick<Fault, 'type' | 'listens'>> = {}): Fault {
  return { id: name.slice(0, 3).toUpperCase(), name: `${name}.test`, what, behave, outcome, type: 'A', listens: 'udp and tcp', ...more };
}

/** An answer of one record of some type, whose data must reach the client octet by octet. */
function carries(name: string, type: string, rdata: Buffer): Fault {
  const outcome = { ...good, answers: [`300 ${type} \\# ${rdata.length} ${rdata.toString('hex')}`.trimEnd()] };
  return fault(name, `${type} data that is to stay as it is`, says({ answers: [wireRecord(toQuestion, type, rdata)] }), outcome, { type });
}

/** A broken answer over UDP and TCP alike. */
const breaks = (name: string, what: string, parts: WireMessage): Fault => fault(name, what, says(parts), failure);

const forgeries: readonly Fault[] = [
  fault('u01.wrong-id', 'a wrong id, then the right answer', first((q) => answer(q, { ...forgedAnswers, id: q.id ^ 1 })), good),
  fault('u02.wrong-name', 'another name', first((q) => answer(q, { ...forgedAnswers, questions: [wireQuestion('other.test')] })), good),
  fault('u03.wrong-type', 'another type', first((q) => answer(q, { ...forgedAnswers, questions: [wireQuestion(q.name, 'AAAA')] })), good),
  fault('u04.wrong-class', 'another class', first((q) => answer(q, { ...forgedAnswers, questions: [wireQuestion(q.name, 'A', 'CH')] })), good),
  fault('u05.no-response', 'an answer that says it is a query', first((q) => answer(q, { ...forgedAnswers, flags: 0x0180 })), good),
  fault('u06.other-port', 'an answer from another port, then the right one', async (q) => {
    await q.sendFromElsewhere(answer(q, forgedAnswers));
    return answer(q);
  }, good),
  fault('u07.other-case', 'the question in another case over UDP', by(
    (q) => answer(q, { ...forgedAnswers, questions: [wireQuestion(q.name.toUpperCase())] }), isRight,
  ), overTcp),
  fault('u11.twice', 'the answer twice', first(answer), good),
  fault('u38.echo', 'the query itself, never an answer', async (q, world) => {
    q.send(q.bytes);
    return silent(q, world);
  }, gaveUp),
  fault('u39.mirror', 'the query itself under another id, then the answer', first((q) => Buffer.concat([uint16(q.id ^ 0xff), q.bytes.subarray(2)])), good),
];

const slow: readonly Fault[] = [
  fault('u09.late-1900', 'each answer after 1.9 s', late(1_900), good),
  fault('u09.late-2100', 'each answer after 2.1 s, when the query has been sent again', late(2_100), gaveUp),
  fault('u09.late-10000', 'each answer after 10 s', late(10_000), gaveUp),
  fault('u10.never', 'no answer', silent, gaveUp),
  fault('u29.closed', 'a closed port', isRight, { ...failure, udp: 0, tcp: 0 }, { listens: 'nowhere' }),
  fault('u30.tcp-only', 'answers over TCP only; nobody says so over UDP', by(silent, isRight), gaveUp),
  fault('u40.flap', 'silence for two seconds, then answers', (q, world) => (world.nth === 0 ? silent(q, world) : answer(q)), { ...good, udp: 2 }),
];

const byTcp: readonly Fault[] = [
  fault('u08.truncated', 'TC and no records over UDP', by(truncates, isRight), overTcp),
  fault('u08.truncated-part', 'TC and a part of the records over UDP', by(says({ ...forgedAnswers, flags: truncated }), isRight), overTcp),
  fault('u08.truncated-always', 'TC over TCP as well', truncates, failure),
  fault('u08.tcp-refused', 'TC, and no TCP', truncates, { ...failure, tcp: 0 }, { listens: 'udp' }),
  fault('u08.tcp-closes', 'TC, and a TCP connection that is closed at the query', by(truncates, (q) => void q.hangUp()), failure),
  fault('u17.largest', 'the largest message that TCP can carry', by(truncates, (q) => {
    const rest = 65_535 - answer(q, { answers: [] }).length - 12;
    return answer(q, { answers: [wireRecord(toQuestion, 'TYPE65280', Buffer.alloc(rest, 7))] });
  }), { ...overTcp, answers: 1 }, { type: 'TYPE65280' }),
  fault('u31.trickle', 'one octet a segment over TCP', by(truncates, (q) => {
    const whole = answer(q);
    for (const octet of Buffer.concat([uint16(whole.length), whole])) q.sendRaw(Buffer.of(octet));
    return undefined;
  }), overTcp),
  fault('u31.two-at-once', 'the answer twice in one segment over TCP', by(truncates, (q) => {
    const framed = Buffer.concat([uint16(answer(q).length), answer(q)]);
    q.sendRaw(Buffer.concat([framed, framed]));
    return undefined;
  }), overTcp),
  fault('u31.short', 'a length that promises less than follows', by(truncates, (q) => void q.sendRaw(Buffer.concat([uint16(20), answer(q)]))), failure),
  fault('u31.cut', 'a length that promises more than follows, and the end', by(truncates, (q) => {
    q.sendRaw(Buffer.concat([uint16(answer(q).length + 1), answer(q)]));
    return void q.hangUp();
  }), failure),
];

const ednsRefusal = (flags: number, opt?: Buffer): FaultBehaviour => (q) => (q.edns === undefined ? answer(q) : wireMessage({
  id: q.id, flags, questions: [q.question], additionals: opt === undefined ? [] : [opt],
}));

const codes: readonly Fault[] = [
  fault('u12.formerr', 'FORMERR to any query with an OPT record', ednsRefusal(rcode(1)), { ...good, udp: 2 }),
  fault('u13.option', 'FORMERR to any option of EDNS', (q) => answer(q, q.bytes.length > q.questionEnd + 11 ? { flags: rcode(1), answers: [] } : {}), good),
  fault('u14.badvers', 'BADVERS to any query with an OPT record', ednsRefusal(rcode(0), wireOpt([], { ttl: 0x0100_0000 })), { ...good, udp: 2 }),
  ...([[2, 'SERVFAIL'], [4, 'NOTIMP'], [5, 'REFUSED'], [6, 'YXDOMAIN'], [15, 'RCODE15']] as const).map(([code, text]) => fault(
    `u15.${text.toLowerCase()}`, `${text} to everything`, says({ flags: rcode(code), answers: [] }), { ...empty, rcode: text, cached: 1 },
  )),
  fault('u28.extended', 'an RCODE of twelve bits', (q) => wireMessage({
    id: q.id, flags: rcode(7), questions: [q.question], additionals: [wireOpt([], { ttl: 0x0100_0000 })],
  }), { ...empty, rcode: 'BADCOOKIE', cached: 1 }),
  fault('u28.options', 'NSID, a cookie, an extended error and an unknown option', (q) => wireMessage({
    id: q.id, flags: 0x8180, questions: [q.question], answers: [right],
    additionals: [wireOpt([wireOption(3, Buffer.from('ns')), wireOption(10, Buffer.alloc(16)), wireOption(15, uint16(22)), wireOption(65_001)])],
  }), good),
  fault('u34.ad', 'AD', says({ flags: 0x81a0 }), good),
  fault('u36.referral', 'a referral, and no recursion', says({ flags: 0x8100, answers: [], authorities: [recordFromText('test. 300 IN NS ns.test.')] }), empty),
];

const broken: readonly Fault[] = [
  fault('u16.oversized', '4096 octets over UDP to a query that asks for 1232', says({ answers: Array.from({ length: 254 }, (_, i) => a(address(i))) }),
    { ...good, answers: 254 }),
  fault('u18.garbage', 'octets behind the message', says({ trailing: Buffer.alloc(20, 0xff) }), good),
  fault('u19.pointer-loop', 'a name that points to itself', (q) => answer(q, {
    answers: [wireRecord(Buffer.of(0xc0, q.questionEnd), 'A', address(1))],
  }), failure),
  fault('u19.pointer-chain', 'a name behind 200 pointers, each to the one before', (q) => {
    const start = q.questionEnd + 12;
    const pointers = Array.from({ length: 200 }, (_, i) => (i === 0 ? toQuestion : uint16(0xc000 + start + 2 * (i - 1))));
    const last = uint16(0xc000 + start + 2 * 199);
    return answer(q, { answers: [wireRecord(toQuestion, 'NULL', Buffer.concat(pointers)), wireRecord(last, 'A', address(1))] });
  }, { ...good, answers: 2 }),
  breaks('u19.pointer-ahead', 'a name that points behind the message', { answers: [wireRecord(Buffer.of(0xff, 0xff), 'A', address(1))] }),
  breaks('u19.pointer-header', 'a name that points into the header', { answers: [wireRecord(Buffer.of(0xc0, 2), 'A', address(1))] }),
  breaks('u19.label', 'a label of a type that there is not', { answers: [wireRecord(Buffer.of(0x41, 1, 0), 'A', address(1))] }),
  breaks('u20.length-0', 'an address of no octets', { answers: [a(Buffer.alloc(0))] }),
  breaks('u20.length-3', 'an address of three octets', { answers: [a(Buffer.of(192, 0, 2))] }),
  breaks('u20.length-16', 'an IPv4 address of 16 octets', { answers: [a(Buffer.alloc(16, 1))] }),
  breaks('u20.length-lies', 'data that ends behind the message', { answers: [wireRecord(toQuestion, 'A', address(1), { rdlength: 5_000 })] }),
  breaks('u20.counts', 'more records promised than there are', { counts: [1, 65_535, 65_535, 65_535] }),
  breaks('u28.opt-twice', 'two OPT records', { additionals: [wireOpt()] }),
  breaks('u28.opt-in-answer', 'an OPT record among the answers', { answers: [wireOpt()] }),
];

const chain = Array.from({ length: 20 }, (_, i) => recordFromText(`${i === 0 ? 'u21.chain.test' : `c${i}.test`}. 300 IN CNAME c${i + 1}.test.`));

const data: readonly Fault[] = [
  fault('u21.loop', 'two CNAMEs that lead to each other', says({
    answers: [recordFromText('u21.loop.test. 300 IN CNAME x.test.'), recordFromText('x.test. 300 IN CNAME u21.loop.test.')],
  }), uncached('300 CNAME x.test.', '300 CNAME u21.loop.test.')),
  fault('u21.chain', 'a chain of 20 CNAMEs', says({ answers: [...chain, recordFromText('c20.test. 300 IN A 192.0.2.1')] }), { ...good, answers: 21 }),
  fault('u21.cname-and-a', 'a CNAME and an address of one name', says({ answers: [wireRecord(toQuestion, 'CNAME', wireName('x.test')), right] }),
    { ...good, answers: ['300 CNAME x.test.', '300 A 192.0.2.1'] }),
  fault('u22.unrelated', 'an address of another zone in the additional section', says({
    additionals: [recordFromText('bank.example. 300 IN A 203.0.113.66')],
  }), good),
  fault('u23.zero', 'a TTL of 0', says({ answers: [a(address(1), 0)] }), uncached('0 A 192.0.2.1')),
  fault('u23.top-bit', 'a TTL of 2^31', says({ answers: [a(address(1), 2 ** 31)] }), uncached('0 A 192.0.2.1')),
  fault('u23.all-bits', 'a TTL of 2^32 - 1', says({ answers: [a(address(1), 2 ** 32 - 1)] }), uncached('0 A 192.0.2.1')),
  fault('u23.mixed', 'different TTLs in one set', says({ answers: [a(address(1), 300), a(address(2), 10)] }),
    { ...good, answers: ['10 A 192.0.2.1', '10 A 192.0.2.2'] }),
  fault('u24.no-soa', 'NXDOMAIN without an SOA record', says({ flags: rcode(3), answers: [] }), { ...empty, rcode: 'NXDOMAIN' }),
  fault('u24.nodata-no-soa', 'no data and no SOA record', says({ answers: [] }), empty),
  fault('u24.soa-minimum', 'an SOA record with a minimum of 2^31',
    says({ flags: rcode(3), answers: [], authorities: [soa(2 ** 31)] }), { ...empty, rcode: 'NXDOMAIN' }),
  fault('u24.soa-elsewhere', 'an SOA record of another zone', says({ flags: rcode(3), answers: [], authorities: [soa(60, 'example.')] }),
    { ...empty, rcode: 'NXDOMAIN', cached: 1 }),
  fault('u32.many', '4000 addresses', by(truncates, says({
    answers: Array.from({ length: 4_000 }, (_, i) => a(Buffer.of(10, 0, i >> 8, i & 255))),
  })), { ...overTcp, answers: 4_000 }),
  fault('u33.duplicates', 'one record three times', says({ answers: [right, right, right] }), { ...good, answers: Array<string>(3).fill('300 A 192.0.2.1') }),
  fault('u35.private', 'a private address', says({ answers: [a(Buffer.of(192, 168, 0, 1))] }), { ...good, answers: ['300 A 192.168.0.1'] }),
  fault('u37.nxdomain-with-answer', 'NXDOMAIN and an address', says({ flags: rcode(3) }), { ...uncached('300 A 192.0.2.1'), rcode: 'NXDOMAIN' }),
];

const svcb = (...parameters: readonly (readonly [number, string])[]): Buffer =>
  Buffer.concat([uint16(1), wireLabels(), ...parameters.map(([key, hex]) => wireOption(key, Buffer.from(hex, 'hex')))]);

/** Data with names in it that point back into the message: they must not be moved. */
const unusual: readonly Fault[] = [
  ...(['AFSDB', 'KX', 'RT'] as const).map((type) => carries(`u25.${type.toLowerCase()}`, type, Buffer.concat([uint16(10), toQuestion]))),
  carries('u25.rp', 'RP', Buffer.concat([toQuestion, toQuestion])),
  carries('u25.px', 'PX', Buffer.concat([uint16(10), toQuestion, toQuestion])),
  carries('u25.naptr', 'NAPTR', Buffer.concat([uint16(1), uint16(2), Buffer.from('\x01u\x00\x00', 'latin1'), toQuestion])),
  carries('u26.https', 'HTTPS', svcb([1, '026832'], [4, 'c0000201'], [5, 'fe0d'], [6, '20010db8000000000000000000000001'], [0xff00, '01'])),
  carries('u26.order', 'HTTPS', svcb([4, 'c0000201'], [1, '026832'])),
  carries('u27.rrsig', 'RRSIG', Buffer.from('00010d020000012c65000000640000001234047465737400aabbccdd', 'hex')),
  carries('u27.nsec', 'NSEC', Buffer.from('0161047465737400' + '0006400000000003' + '0100', 'hex')),
  carries('u27.dnskey', 'DNSKEY', Buffer.from('01000108aabbcc', 'hex')),
  carries('u27.sshfp', 'SSHFP', Buffer.from('0909abcdef', 'hex')),
  carries('u27.caa', 'CAA', Buffer.from('8105697373756500ff80fe', 'hex')),
  carries('u27.null', 'NULL', Buffer.from('00ff00ff', 'hex')),
  carries('u27.private', 'TYPE65280', Buffer.from('c00cffff0000', 'hex')),
  carries('u27.no-data', 'TYPE65281', Buffer.alloc(0)),
  fault('u27.txt', 'strings of 0 and of 255 octets', says({
    answers: [wireRecord(toQuestion, 'TXT', Buffer.concat([Buffer.of(0, 255), Buffer.alloc(255, 0x61)]))],
  }), { ...good, answers: [`300 TXT "" "${'a'.repeat(255)}"`] }, { type: 'TXT' }),
];

export const faultTable: readonly Fault[] = [...forgeries, ...slow, ...byTcp, ...codes, ...broken, ...data, ...unusual];
