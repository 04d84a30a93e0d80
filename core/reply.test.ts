import test from 'ava';
import packet, { type Answer, type Packet, type RecordType } from 'dns-packet';
import { parseAddress } from './address.js';
import type { DnsBlock } from './block.js';
import { limits } from './limits.js';
import { nameFromText } from './name.js';
import { nameOfQuestion, Query } from './query.js';
import { createReply, dropped, failed, refused, render, renderError, upstreamReply, withTtl, type Reply } from './reply.js';
import { readOpt } from './wire/edns.js';
import { endOfQuestion } from './wire/guard.js';
import { ede, flag, rcode } from './wire/layout.js';
import { addressBody } from './wire/records.js';
import { surveyResponse } from './wire/survey.js';

interface Asking {
  readonly name?: string;
  readonly type?: string;
  readonly flags?: number;
  readonly edns?: { readonly size: number; readonly dnssecOk?: boolean };
  readonly transport?: 'udp' | 'tcp';
}

const optOf = (size: number, flags = 0): Answer => ({ type: 'OPT', name: '.', udpPayloadSize: size, flags, options: [] }) as unknown as Answer;

/** A query as the server makes it; what a block is matters to no reply. */
function queryFor({ name = 'www.example.org', type = 'A', flags = flag.rd, edns, transport = 'udp' }: Asking = {}): Query {
  const additionals = edns === undefined ? [] : [optOf(edns.size, edns.dnssecOk === true ? packet.DNSSEC_OK : 0)];
  const bytes = packet.encode({ type: 'query', id: 4711, flags, questions: [{ name, type: type as RecordType }], additionals });
  const end = endOfQuestion(bytes);
  const client = { address: parseAddress('192.0.2.7')!, port: 1, transport, local: '127.0.0.1:53' };
  return new Query(bytes, end, edns && readOpt(bytes, end), nameOfQuestion(bytes, end), client, {} as DnsBlock, 0);
}

function addresses(count: number): Reply {
  const list = Array.from({ length: count }, (_, i) => parseAddress(`192.0.${i >> 8}.${i & 255}`)!);
  return createReply(rcode.noError, 'test', { answers: count, body: addressBody(list, 60) });
}

const flagsOf = (bytes: Buffer): number => bytes.readUInt16BE(2);
const countsOf = (bytes: Buffer): number[] => [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at));

/** The reply to a message of an upstream. */
function repliedBy(message: Partial<Packet>, trustAd = false): Reply {
  const bytes = packet.encode({ type: 'response', questions: [{ name: 'www.example.org', type: 'A' }], ...message });
  return upstreamReply(bytes, surveyResponse(bytes)!, 'forward', trustAd);
}

const record = (name: string, ttl: number, data = '192.0.2.1'): Answer => ({ type: 'A', name, ttl, data });

test('a message has the query’s id and its question in its own case', (t) => {
  const message = render(addresses(1), queryFor({ name: 'wWw.eXample.ORG' }));
  const { id, questions, answers } = packet.decode(message);
  t.is(id, 4711);
  t.deepEqual(questions!.map(({ name }) => name), ['wWw.eXample.ORG']);
  t.deepEqual(answers!.map(({ name }) => name), ['wWw.eXample.ORG']);
});

test('RD and CD are the client’s, AA and AD the answer’s; RA is always set', (t) => {
  const { qr, ra, rd, cd, aa, ad } = flag;
  t.is(flagsOf(render(createReply(0, 'test'), queryFor({ flags: 0 }))), qr | ra);
  t.is(flagsOf(render(createReply(0, 'test'), queryFor({ flags: rd | cd | ad }))), qr | ra | rd | cd);
  t.is(flagsOf(render(createReply(rcode.nxDomain, 'test', { flags: aa | ad }), queryFor())), qr | ra | rd | aa | ad | 3);
});

test('there is an OPT record exactly for a client that sent one, with its DO bit', (t) => {
  t.deepEqual(countsOf(render(addresses(1), queryFor())), [1, 1, 0, 0]);
  for (const dnssecOk of [false, true]) {
    const message = render(addresses(1), queryFor({ edns: { size: 4096, dnssecOk } }));
    t.deepEqual(countsOf(message), [1, 1, 0, 1]);
    t.deepEqual(readOpt(message, message.length - 11), { version: 0, udpSize: limits.udpPayloadOctets, dnssecOk, extendedRcode: 0 });
  }
});

test('an extended response code is split between header and OPT', (t) => {
  const message = render(createReply(rcode.badVers, 'test'), queryFor({ edns: { size: 1232 } }));
  t.is(flagsOf(message) & 15, 0);
  t.is(readOpt(message, message.length - 11)?.extendedRcode, 1);
});

test('an answer is as large as its client takes, to the octet', (t) => {
  // 12 + 21 octets of header and question, 16 an address.
  const fits = (count: number, asking: Asking): boolean => (flagsOf(render(addresses(count), queryFor(asking))) & flag.tc) === 0;
  t.deepEqual([fits(29, {}), fits(30, {})], [true, false], '512 octets without EDNS');
  t.deepEqual([fits(29, { edns: { size: 512 } }), fits(28, { edns: { size: 100 } })], [true, true], 'less than 512 counts as 512, and the OPT takes 11');
  t.deepEqual([fits(42, { edns: { size: 720 } }), fits(43, { edns: { size: 720 } })], [true, false], 'what EDNS says');
  t.deepEqual([fits(74, { edns: { size: 65_535 } }), fits(75, { edns: { size: 65_535 } })], [true, false], 'no more than no path fragments');
  t.deepEqual([fits(4093, { transport: 'tcp' }), fits(4094, { transport: 'tcp' })], [true, false], '65,535 octets over TCP');
});

test('what does not fit goes without any record, but with TC and OPT', (t) => {
  const message = render({ ...addresses(200), authorities: 3, additionals: 4 }, queryFor({ edns: { size: 1232 } }));
  t.not(flagsOf(message) & flag.tc, 0);
  t.deepEqual(countsOf(message), [1, 0, 0, 1]);
  t.is(message.length, 33 + 11);
});

test('an explanation gives way to the records', (t) => {
  const explained = (count: number): { readonly tc: boolean; readonly options: number } => {
    const reply = { ...addresses(count), error: refused('test', ede.blocked, 'a reason of some length').error };
    const message = render(reply, queryFor({ edns: { size: 512 } }));
    return { tc: (flagsOf(message) & flag.tc) !== 0, options: message.readUInt16BE(33 + 16 * count + 9) };
  };
  t.deepEqual(explained(27), { tc: false, options: 6 + 23 });
  t.deepEqual(explained(28), { tc: false, options: 0 });
});

test('a long explanation is cut, whatever its letters', (t) => {
  const message = render(refused('test', ede.blocked, 'ä'.repeat(1000)), queryFor({ edns: { size: 512 } }));
  t.true(message.length <= 512);
  t.is(readOpt(message, 33)?.udpSize, limits.udpPayloadOctets);
});

test('failures and refusals say why; silence is no message', (t) => {
  t.like(failed('test', new Error('time-out')), { rcode: 2, kind: 'failure', failure: 'time-out', dropped: false });
  t.is(failed('test', 'x', ede.noReachableAuthority).error?.code, 22);
  t.like(refused('test', ede.prohibited, 'no'), { rcode: 5, kind: undefined, failure: undefined });
  t.true(dropped('test').dropped);
});

test('with a fixed TTL all records say the same, and the reply that is shared does not change', (t) => {
  const reply = repliedBy({ answers: [record('www.example.org', 300), record('www.example.org', 20, '192.0.2.2')], authorities: [record('x.example.org', 5)] });
  const ttls = (each: Reply): (number | undefined)[] => {
    const { answers, authorities } = packet.decode(render(each, queryFor()));
    return [...answers!, ...authorities!].map((answer) => (answer as { ttl?: number }).ttl);
  };
  t.deepEqual(ttls(withTtl(reply, 'cache', 7)), [7, 7, 7]);
  t.deepEqual(ttls(reply), [300, 20, 5]);
  t.like(withTtl(reply, 'cache', 7), { plugin: 'cache', lifetime: undefined, kind: 'positive' });
});

test('an upstream’s records pass as they came: unknown types, and names compressed into the question', (t) => {
  const body = Buffer.concat([Buffer.from('c00c', 'hex'), Buffer.from('ff0100010000003c0003aabbcc', 'hex')]);
  const bytes = Buffer.concat([packet.encode({ type: 'response', questions: [{ name: 'www.example.org', type: 'A' }] }), body]);
  bytes.writeUInt16BE(1, 6);
  const message = render(upstreamReply(bytes, surveyResponse(bytes)!, 'forward', false), queryFor({ name: 'WWW.example.org' }));
  t.true(message.subarray(33).equals(body));
});

test('an upstream’s OPT is for us alone, and what stands behind it is cut', (t) => {
  const reply = repliedBy({ answers: [record('www.example.org', 60)], additionals: [record('a.example.org', 60), optOf(4096), record('b.example.org', 60)] });
  t.like(reply, { answers: 1, additionals: 1 });
  t.is(reply.ttls.length, 2);
  t.deepEqual(packet.decode(render(reply, queryFor())).additionals!.map(({ name }) => name), ['a.example.org']);
});

test('a TTL with its top bit set leaves as 0, which is what it means', (t) => {
  const reply = repliedBy({ answers: [record('www.example.org', 2 ** 31), record('www.example.org', 2 ** 32 - 1), record('www.example.org', 2 ** 31 - 1)] });
  const { answers } = packet.decode(render(reply, queryFor()));
  t.deepEqual(answers!.map((answer) => (answer as { readonly ttl: number }).ttl), [0, 0, 2 ** 31 - 1]);
  t.is(reply.lifetime, 0);
});

test('AA is not ours to claim, and AD only from an upstream that is trusted', (t) => {
  const flags = flag.aa | flag.ad | flag.ra | flag.tc | flag.cd;
  t.is(repliedBy({ flags }).flags, 0);
  t.is(repliedBy({ flags }, true).flags, flag.ad);
});

test('an answer lives as long as its smallest TTL, a denial as its SOA says, a failure not at all', (t) => {
  const data = { mname: 'a', rname: 'b', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 60 };
  const soa: Answer = { type: 'SOA', name: 'example.org', ttl: 900, data };
  t.like(repliedBy({ answers: [record('www.example.org', 300)], additionals: [record('x.example.org', 20)] }), { kind: 'positive', lifetime: 20 });
  t.like(repliedBy({ flags: 3, authorities: [soa] }), { kind: 'nxdomain', lifetime: 60 });
  t.like(repliedBy({ authorities: [soa] }), { kind: 'nodata', lifetime: 60 });
  t.like(repliedBy({ flags: 3 }), { kind: 'nxdomain', lifetime: undefined });
  t.like(repliedBy({ flags: 2 }), { kind: 'failure', lifetime: undefined });
});

test('a reply knows where its answers lead', (t) => {
  const { targets } = repliedBy({ answers: [{ type: 'CNAME', name: 'www.example.org', ttl: 60, data: 'Ads.Example.net' }, record('ads.example.net', 60)] });
  t.deepEqual(targets, [nameFromText('ads.example.net')]);
});

test('an error has as much of the question as could be read, and the sender’s opcode, RD and CD', (t) => {
  const { bytes, questionEnd } = queryFor({ flags: 0x2000 | flag.rd | flag.cd | flag.ad });
  const whole = renderError(bytes, rcode.notImp, questionEnd);
  t.true(whole.subarray(12).equals(bytes.subarray(12, questionEnd)));
  t.is(flagsOf(whole), flag.qr | flag.ra | 0x2000 | flag.rd | flag.cd | 4);
  t.deepEqual(countsOf(whole), [1, 0, 0, 0]);
  const header = renderError(bytes, rcode.formErr);
  t.is(header.length, 12);
  t.deepEqual(countsOf(header), [0, 0, 0, 0]);
  const withOpt = renderError(bytes, rcode.badVers, questionEnd, true);
  t.deepEqual(countsOf(withOpt), [1, 0, 0, 1]);
  t.is(readOpt(withOpt, questionEnd)?.extendedRcode, 1);
});
