/** What becomes of upstreams' answers, beside what the fault upstream's table shows: what is asked, shared, kept, and given to whom. */
import test from 'ava';
import packet from 'dns-packet';
import fc from 'fast-check';
import { limits } from '../../core/limits.js';
import { surveyResponse } from '../../core/wire/survey.js';
import {
  createTestServer, encodeQuestion, recordFromText, ScriptedUpstream, startForwarding, toQuestion, wireMessage, wireOpt, wireOption, wireQuestion, wireRecord,
  type Behaviour, type Forwarding, type TestServerOptions,
} from '../../testing/index.js';
import { echoing } from './live.js';

type Teardown = Parameters<typeof startForwarding>[0];

/** A server with a cache in front of an upstream that answers each query with these records. */
const answering = (t: Teardown, records: readonly string[], options: Parameters<typeof startForwarding>[2] = {}): Promise<Forwarding> =>
  startForwarding(t, [(query) => wireMessage({
    id: query.id, flags: 0x8180, questions: [query.question], answers: records.map(recordFromText), additionals: query.edns === undefined ? [] : [wireOpt()],
  })], { directives: 'cache', ...options });

interface Scripted {
  readonly upstream: ScriptedUpstream;
  readonly server: Awaited<ReturnType<typeof createTestServer>>;
}

async function scripted(t: Teardown, directives: string, options: TestServerOptions = {}): Promise<Scripted> {
  const upstream = new ScriptedUpstream();
  const server = await createTestServer(`. {\n${directives}\nscripted\n}`, { ...options, plugins: [upstream.plugin] });
  t.teardown(() => server.finish());
  return { upstream, server };
}

const optionsOf = (...hexes: readonly string[]): Buffer => wireOpt(hexes.map((hex) => Buffer.from(hex, 'hex')));

test('C06: AD is the upstream’s word only where the Corefile trusts it', async (t) => {
  for (const [options, ad] of [['', false], ['trust_ad', true]] as const) {
    const { server } = await startForwarding(t, [(query) => query.answer({ answers: [{ data: '192.0.2.1' }], flags: packet.AUTHENTIC_DATA })], { options });
    const query = wireMessage({ flags: 0x0120, questions: [wireQuestion('www.example.org')] });
    t.is(((await server.send(query))![3]! & 0x20) !== 0, ad);
  }
});

test('C07 C36 A42: CD and DO travel on and come back, and what is asked with them is kept apart', async (t) => {
  const { server, upstream } = await startForwarding(t, [echoing], { directives: 'cache' });
  const ways = [{}, { checkingDisabled: true }, { dnssecOk: true }, { checkingDisabled: true, dnssecOk: true }];
  for (let round = 0; round < 2; round++) {
    for (const { checkingDisabled = false, dnssecOk = false } of ways) {
      const { bytes } = await server.ask('www.example.org', 'A', { checkingDisabled, dnssecOk });
      t.is((bytes[3]! & 0x10) !== 0, checkingDisabled);
      const { opt } = surveyResponse(bytes)!;
      t.is(opt !== undefined && (bytes[opt.start + 7]! & 0x80) !== 0, dnssecOk);
    }
  }
  const sent = upstream.received.map(({ flags, edns }) => ({ checkingDisabled: (flags & 0x10) !== 0, dnssecOk: edns!.dnssecOk }));
  t.deepEqual(sent, ways.map(({ checkingDisabled = false, dnssecOk = false }) => ({ checkingDisabled, dnssecOk })));
});

test('C43 A10 A50 C80: an upstream sees our OPT record alone: 1232 octets, and nothing of the client’s', async (t) => {
  const { server, upstream } = await startForwarding(t, [echoing]);
  const opt = optionsOf('0008000700011800c00002', '000a00080102030405060708', '00030000', 'fde900010a');
  await server.send(wireMessage({ flags: 0x01cf, questions: [wireQuestion('www.example.org')], additionals: [opt] }));
  const [sent] = upstream.received;
  t.is(sent!.flags, 0x0100);
  t.deepEqual(sent!.bytes.subarray(sent!.questionEnd), Buffer.from('00002904d0000000000000', 'hex'));
});

test('C65 A05 A06: a hundred equal questions are one query, whatever client subnets they come with; each gets its own id and case', async (t) => {
  const { server, upstream } = await startForwarding(t, [echoing]);
  const names = ['www.example.org', 'WWW.example.org', 'www.EXAMPLE.org'];
  const replies = await Promise.all(Array.from({ length: 100 }, (_, i) => server.send(
    wireMessage({ id: i, questions: [wireQuestion(names[i % 3]!)], additionals: [wireOpt([wireOption(8, Buffer.of(0, 1, 24, 0, 10, i, 0))])] }),
    { client: `192.0.2.${i}` },
  )));
  t.is(upstream.received.length, 1);
  for (const [i, reply] of replies.entries()) {
    t.is(reply!.readUInt16BE(0), i);
    t.deepEqual(reply!.subarray(12, 33), wireQuestion(names[i % 3]!));
    t.is(reply!.readUInt16BE(6), 1);
  }
});

test('A08: after some answers with wrong ids the query goes over TCP, and what still comes over UDP is not heard', async (t) => {
  const forged = (query: Parameters<Behaviour>[0], id: number): Buffer => query.answer({ id, answers: [{ data: '203.0.113.66' }] });
  const { server, upstream } = await startForwarding(t, [(query) => {
    if (query.transport === 'tcp') return query.answer({ answers: [{ data: '192.0.2.1' }] });
    for (let guess = 1; guess <= limits.upstreamForeignAnswers; guess++) query.send(forged(query, query.id ^ guess));
    return forged(query, query.id);
  }]);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
  t.deepEqual(upstream.received.map(({ transport }) => transport), ['udp', 'tcp']);
});

test('C67 C72 V07: a denial lives as long as its SOA record says, and counts down', async (t) => {
  const { upstream, server } = await scripted(t, 'cache');
  const soa = { mname: 'ns.example.org', rname: 'host.example.org', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 60 };
  upstream.answer = () => ({ rcode: 'NXDOMAIN', authorities: [{ type: 'SOA', name: 'example.org', ttl: 300, data: soa }] });
  const ttls: (number | undefined)[] = [];
  for (const pause of [0, 3_000, 56_000, 1_000]) {
    server.clock.advance(pause);
    const { message } = await server.ask('no.example.org');
    ttls.push((message.authorities![0] as { readonly ttl?: number }).ttl);
  }
  t.deepEqual(ttls, [60, 57, 1, 60]);
  t.is(upstream.asked.length, 2);
});

test('C72: a TTL only counts down, never below zero nor above what came', async (t) => {
  const { server, upstream } = await answering(t, ['www.example.org. 30 IN A 192.0.2.1']);
  const seen: string[] = [];
  for (let second = 0; second < 30; second += 3) {
    seen.push(...(await server.ask('www.example.org')).answers);
    server.clock.advance(3_000);
  }
  t.deepEqual(seen, Array.from({ length: 10 }, (_, i) => `www.example.org ${30 - 3 * i} A 192.0.2.1`));
  t.is(upstream.received.length, 1);
});

test('C73 V09: an upstream that does not answer is a SERVFAIL with its reason, remembered for a moment', async (t) => {
  const { upstream, server } = await scripted(t, 'cache');
  upstream.answer = () => 'fail';
  const asked = async (): Promise<string> => {
    const { rcode, error } = await server.ask('www.example.org', 'A', { edns: 1232 });
    return `${rcode} ${error!.code}`;
  };
  t.is(await asked(), 'SERVFAIL 23');
  t.is(await asked(), 'SERVFAIL 13');
  server.clock.advance(4_999);
  t.is(await asked(), 'SERVFAIL 13');
  t.is(upstream.asked.length, 1);
  server.clock.advance(1);
  t.is(await asked(), 'SERVFAIL 23');
});

test('C75 A16: what is stale is given after 1.8 s, with a TTL of 30 and its reason, and not for ever', async (t) => {
  const { upstream, server } = await scripted(t, 'cache {\nserve_stale 1h verify 1800ms\n}');
  await server.ask('www.example.org');
  server.clock.advance(300_000);
  upstream.answer = () => 'wait';
  let isAnswered = false;
  const asked = server.ask('www.example.org', 'A', { edns: 1232 }).finally(() => (isAnswered = true));
  server.clock.advance(1_799);
  await new Promise(setImmediate);
  t.false(isAnswered);
  server.clock.advance(1);
  const { answers, error } = await asked;
  t.deepEqual(answers, ['www.example.org 30 A 192.0.2.1']);
  t.is(error!.code, 3);
  // What was served stale is no younger for it.
  server.clock.advance(3_600_000);
  upstream.answer = () => 'fail';
  t.is((await server.ask('www.example.org')).rcode, 'SERVFAIL');
});

test('A17: a good answer is not replaced by a failure', async (t) => {
  const { upstream, server } = await scripted(t, 'cache {\nprefetch 1 1m 50%\n}');
  await server.ask('www.example.org');
  server.clock.advance(200_000);
  upstream.answer = () => 'fail';
  for (let n = 0; n < 3; n++) t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
  t.is(upstream.asked.length, 2, 'one refresh was tried');
});

test('A12: records beside an answer never answer another question', async (t) => {
  const { server, upstream } = await answering(t, [
    'www.example.org. 300 IN A 192.0.2.1', 'www.bank.example. 300 IN A 203.0.113.66', 'bank.example. 300 IN NS ns.evil.example.',
  ]);
  await server.ask('www.example.org');
  upstream.behaviour = echoing;
  t.deepEqual((await server.ask('www.bank.example')).data, ['192.0.2.1']);
  await server.ask('bank.example', 'NS');
  t.is(upstream.received.length, 3);
});

test('C81 P15: an answer’s records reach the client octet by octet and in their order, compressed as they were', async (t) => {
  const signed = wireRecord(toQuestion, 'RRSIG', Buffer.from('00010d020000012c65000000640000001234047465737400aabbccdd', 'hex'));
  const records = [wireRecord(toQuestion, 'A', Buffer.of(192, 0, 2, 9)), signed, wireRecord(toQuestion, 'A', Buffer.of(192, 0, 2, 1))];
  const { server } = await startForwarding(t, [(query) => wireMessage({
    id: query.id, flags: 0x8180, questions: [query.question], answers: records, additionals: [wireOpt([], { ttl: 0x8000 })],
  })], { directives: 'cache' });
  for (let n = 0; n < 2; n++) {
    const reply = await server.send(encodeQuestion('www.EXAMPLE.org', 'A', 1, { dnssecOk: true }));
    t.deepEqual(reply!.subarray(33, -11), Buffer.concat(records), n === 0 ? 'forwarded' : 'from the cache');
  }
});

test('A27: the cache is bounded by the octets of its answers; denials have a share of their own', async (t) => {
  const { upstream, server } = await scripted(t, 'cache {\nsuccess 50\ndenial 50\n}');
  const text = 'x'.repeat(255);
  upstream.answer = () => ({ answers: Array.from({ length: 40 }, () => ({ type: 'TXT', data: text }) as const) });
  for (let n = 0; n < 200; n++) await server.ask(`n${n}.example.org`, 'TXT');
  const entries = async (type: string): Promise<number> =>
    Number(new RegExp(`^cache_entries\\{.*type="${type}"\\} (\\d+)$`, 'm').exec(await server.metrics.text(''))![1]);
  // 50 entries of 2 kB on average are 100 kB: no more than ten of these.
  t.true(await entries('success') < 11);
  const kept = await entries('success');
  upstream.answer = () => 'fail';
  for (let n = 0; n < 200; n++) await server.ask(`f${n}.example.org`);
  t.is(await entries('success'), kept, 'a flood of failures pushes no answer out');
  t.true(await entries('denial') <= 50);
});

test('A28: names without end for a dead upstream wait up to a bound; beyond it they fail at once', async (t) => {
  const { server, upstream } = await startForwarding(t, [() => undefined], { options: 'max_concurrent 20\nmax_fails 0' });
  const replies: string[] = [];
  const asked = Array.from({ length: 100 }, async (_, i) => replies.push((await server.ask(`n${i}.example.org`)).rcode));
  await Promise.all(asked.slice(20));
  t.deepEqual(replies, Array<string>(80).fill('SERVFAIL'));
  await upstream.arrival(20);
  t.is(upstream.received.length, 20);
  await server.finish();
  await Promise.all(asked);
});

test('A29: who collects slow queries in somebody’s name does not get them answered in one burst', async (t) => {
  const { upstream, server } = await scripted(t, '');
  upstream.answer = () => 'wait';
  let answered = 0;
  const asked = Array.from({ length: 500 }, (_, i) => server.send(encodeQuestion(`n${i}.example.org`, 'A', i, {})).then((reply) => reply && answered++));
  server.clock.advance(limits.oldAnswerMs + 1);
  upstream.answer = () => ({ answers: [{ data: '192.0.2.1' }] });
  upstream.release();
  await Promise.all(asked);
  t.true(answered <= limits.oldAnswersPerClient, `${answered} of 500`);
});

test('C82: a chain of aliases is passed on as it came; nothing is asked because of it', async (t) => {
  const loop = ['www.example.org. 300 IN CNAME a.example.org.', 'a.example.org. 300 IN CNAME www.example.org.'];
  const { server, upstream } = await answering(t, loop);
  t.is((await server.ask('www.example.org')).answers.length, 2);
  t.is(upstream.received.length, 1);
});

test('A20: names that are chains of pointers, a whole message of them, are refused before they cost anything', (t) => {
  const question = wireQuestion('www.example.org');
  const start = 12 + question.length + 12;
  const pointerTo = (offset: number): Buffer => Buffer.of(0xc0 | (offset >> 8), offset & 255);
  // Each pointer leads to the one before; then records whose owners are the end of the chain.
  const chain = Array.from({ length: 4_000 }, (_, i) => (i === 0 ? toQuestion : pointerTo(start + 2 * (i - 1))));
  const owner = pointerTo(start + 2 * (chain.length - 1));
  const message = (records: number): Buffer => wireMessage({
    flags: 0x8180, questions: [question],
    answers: [wireRecord(toQuestion, 'NULL', Buffer.concat(chain)), ...Array.from({ length: records }, () => wireRecord(owner, 'A', Buffer.of(192, 0, 2, 1)))],
  });
  t.is(surveyResponse(message(1))!.records.length, 2, 'one such name is bearable');
  t.true(4 * chain.length < limits.compressionHopsPerMessage && 5 * chain.length > limits.compressionHopsPerMessage);
  t.is(surveyResponse(message(3_000)), undefined);
});

test('P10: whatever octets come as an answer, they are judged, and nothing is thrown', (t) => {
  const answer = wireMessage({
    flags: 0x8180, questions: [wireQuestion('www.example.org')], answers: [wireRecord(toQuestion, 'A', Buffer.of(192, 0, 2, 1))], additionals: [wireOpt()],
  });
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(answer.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(answer.length), (changes, length) => {
    const bytes = Buffer.from(answer.subarray(0, length));
    for (const [at, octet] of changes) if (at < length) bytes[at] = octet;
    const survey = surveyResponse(bytes);
    return survey === undefined || survey.records.every(({ owner, rdata, end }) => owner >= survey.questionEnd && rdata <= end && end <= bytes.length);
  }), { numRuns: 2_000 });
  t.pass();
});
