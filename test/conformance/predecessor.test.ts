/** Bugs of the server that came before this one (reliability.md section 6.2), and of dns-packet where it writes (section 4): none comes back. */
import test from 'ava';
import { limits } from '../../core/limits.js';
import { nameFromText } from '../../core/name.js';
import { surveyResponse } from '../../core/wire/survey.js';
import { textOfRecords } from '../../core/wire/text.js';
import { LoopbackHttp, recordFromText, wireMessage, wireQuestion } from '../../testing/index.js';
import { inFlight, startLive, TcpClient, UdpClient } from './live.js';
import { startWorld } from './world.js';

for (const [count, list] of [[0, '# nothing\n'], [1, 'ads.test\n'], [2, 'ads.test\nmore.test\n']] as const) {
  test(`V01: a list of ${count} names hangs nobody`, async (t) => {
    const { server } = await startWorld(t, 'blocklist {\nfile list.txt\n}', { files: { 'list.txt': list } });
    for (const name of ['aaa.test', 'zzz.test', 'www.example.org', '.']) t.is((await server.ask(name)).data[0], '192.0.2.1');
    t.is((await server.ask('ads.test')).data[0], count === 0 ? '192.0.2.1' : '127.0.0.1');
  });
}

test('V04: a type and a name make one question: AAAA of foo is not A of AAAfoo', async (t) => {
  const { server, upstream } = await startWorld(t, 'cache');
  upstream.answer = ({ type }) => ({ answers: [{ data: type === 'A' ? '192.0.2.1' : '2001:db8::1' }] });
  t.deepEqual((await server.ask('foo', 'AAAA')).data, ['2001:db8::1']);
  t.deepEqual((await server.ask('AAAfoo', 'A')).data, ['192.0.2.1']);
  t.is(upstream.asked.length, 2);
});

test('V06: two clients who hit one cached answer in one turn each get their own', async (t) => {
  const { port } = await startLive(t, 'cache\nforward . UPSTREAM');
  const clients = await Promise.all([1, 2, 3].map(() => UdpClient.open(t, port)));
  await clients[0]!.exchange(wireMessage({ questions: [wireQuestion('www.example.org')] }), 1);
  const questions = ['www.example.org', 'WWW.example.org', 'www.EXAMPLE.org'].map((name) => wireQuestion(name));
  for (const [i, client] of clients.entries()) client.send(wireMessage({ id: i, questions: [questions[i]!] }));
  for (const [i, client] of clients.entries()) {
    const reply = await client.next();
    t.is(reply.readUInt16BE(0), i);
    t.deepEqual(reply.subarray(12, 33), questions[i]!);
  }
});

test('V07: an answer with a TTL of its own for each record lives as long as the shortest, and one without records is not kept for ever', async (t) => {
  const { server, upstream } = await startWorld(t, 'cache');
  upstream.answer = ({ type }) => ({ answers: type === 'A' ? [{ ttl: 300, data: '192.0.2.1' }, { ttl: 10, data: '192.0.2.2' }] : [] });
  t.deepEqual((await server.ask('www.example.org')).answers, ['www.example.org 10 A 192.0.2.1', 'www.example.org 10 A 192.0.2.2']);
  server.clock.advance(10_000);
  await server.ask('www.example.org');
  for (let n = 0; n < 2; n++) await server.ask('www.example.org', 'AAAA');
  t.is(upstream.asked.length, 4);
});

test('V08: DNSKEY is a type like any other, and gets one answer', async (t) => {
  const { port } = await startLive(t, 'forward . UPSTREAM');
  for (const Client of [UdpClient, TcpClient]) {
    const client = await Client.open(t, port);
    t.is((await client.exchange(wireMessage({ questions: [wireQuestion('example.org', 'DNSKEY')] }), 1)).length, 1);
  }
});

test('V10 V11: what a client says of DO, CD, case and size reaches who has to know it', async (t) => {
  const { port, upstream } = await startLive(t, 'forward . UPSTREAM');
  const udp = await UdpClient.open(t, port);
  const opt = Buffer.from('0000291000' + '00008000' + '0000', 'hex');
  const [reply] = await udp.exchange(wireMessage({ flags: 0x0110, questions: [wireQuestion('WwW.example.ORG')], additionals: [opt] }), 1);
  const [sent] = upstream.received;
  t.deepEqual(sent!.question, wireQuestion('WwW.example.ORG'));
  t.deepEqual([sent!.flags, sent!.edns!.dnssecOk], [0x0110, true]);
  t.is(reply!.readUInt16BE(2) & 0x0110, 0x0110);
  t.is((await (await TcpClient.open(t, port)).exchange(wireMessage({ questions: [wireQuestion('www.example.org')] }), 1)).length, 1);
});

test('V12: however many ports a client asks from, nothing is kept of them', async (t) => {
  const { port, server } = await startLive(t, 'forward . UPSTREAM');
  for (let n = 0; n < 300; n++) {
    const client = await UdpClient.open(t, port);
    client.send(wireMessage({ id: n, questions: [wireQuestion('last.question.test')] }));
    t.is((await client.next()).readUInt16BE(0), n);
  }
  t.is(inFlight(server), 0);
  t.true(limits.parsedClients < 65_536, 'addresses are remembered, up to a bound');
});

test('V13: rules hold in the order in which they are written; of networks the smallest', async (t) => {
  const { server } = await startLive(t, `source-policy-forward {
    default 192.0.2.9
    from 10.1.0.0/16 to 192.0.2.2
    from 10.0.0.0/8 to 192.0.2.1
    match "\\.example$" to 192.0.2.3
    match "^www\\." to 192.0.2.4
  }`);
  const way = async (name: string, client: string): Promise<unknown> => (await server.explain(name, 'A', { client })).at(-1)!.details!['route'];
  t.is(await way('a.test', '10.1.2.3'), '192.0.2.2:53');
  t.is(await way('a.test', '10.2.2.3'), '192.0.2.1:53');
  t.is(await way('www.example', '10.1.2.3'), '192.0.2.3:53');
  t.is(await way('www.test', '10.1.2.3'), '192.0.2.4:53');
  t.is(await way('a.test', '172.16.0.1'), '192.0.2.9:53');
});

test('V14: a TTL for a domain is for that domain, not for names that end or look alike', async (t) => {
  const { server } = await startWorld(t, 'ttl {\noverride my.domain.test 7\n}');
  const ttlOf = async (name: string): Promise<string> => (await server.ask(name)).answers[0]!.split(' ')[1]!;
  for (const name of ['my.domain.test', 'www.my.domain.test', 'MY.Domain.test']) t.is(await ttlOf(name), '7');
  for (const name of ['evilmy.domain.test', 'my-domain.test', 'my.domain.test.evil', 'domain.test']) t.is(await ttlOf(name), '300');
});

test('C94 V15: each address of a static record answers its reverse name, owned by that name', async (t) => {
  const { server } = await startWorld(t, 'static {\nttl 60\nrecord host.example 192.168.2.10 192.168.2.11 2001:db8::1\nrecord alias.example 192.168.2.10\n}');
  t.deepEqual((await server.ask('host.example')).answers, ['host.example 60 A 192.168.2.10', 'host.example 60 A 192.168.2.11']);
  t.deepEqual((await server.ask('host.example', 'AAAA')).data, ['2001:db8::1']);
  t.deepEqual((await server.ask('10.2.168.192.in-addr.arpa', 'PTR')).answers, [
    '10.2.168.192.in-addr.arpa 60 PTR host.example', '10.2.168.192.in-addr.arpa 60 PTR alias.example',
  ]);
  t.deepEqual((await server.ask('11.2.168.192.in-addr.arpa', 'PTR')).data, ['host.example']);
  t.deepEqual((await server.ask('1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa', 'PTR')).data, ['host.example']);
});

test('V16: a reload that fails says what failed, and the old configuration goes on', async (t) => {
  const { server } = await startWorld(t, 'static {\nrecord host.example 192.0.2.1\n}', { files: { 'list.txt': 'ads.test\n' } });
  const { errors } = await server.reload('. {\nblocklist {\nfile missing.txt\n}\n}');
  t.is(errors.length, 1);
  t.regex(errors[0]!, /missing\.txt/);
  t.deepEqual((await server.ask('host.example')).data, ['192.0.2.1']);
});

test('V17: the API changes nothing without the right method, and its JSON is JSON whatever the names', async (t) => {
  const http = new LoopbackHttp();
  const address = '127.0.0.1:8080';
  await startWorld(t, `http-admin ${address} {\n}\nblocklist {\nfile list.txt\n}`, { files: { 'list.txt': 'ads.test\n' }, runtime: { sockets: http.sockets } });
  t.is((await http.call(address, '/blocklist/check/ads.test', { method: 'DELETE' })).status, 405);
  const { status, json } = await http.call(address, `/blocklist/check/${encodeURIComponent('a\\009"b\\\\c.test')}`);
  t.is(status, 200);
  t.is(json.is_error, 0);
});

test('P13: what cannot be a name is not made one', (t) => {
  const texts = ['a..b', '.a', 'a'.repeat(64), Array<string>(64).fill('abc').join('.'), ''];
  for (const text of texts) t.throws(() => nameFromText(text), { instanceOf: RangeError });
});

test('P14: mailbox names in SOA records are names, shown with the escapes of all others', (t) => {
  const line = 'example.org. 60 IN SOA ns.example.org. first\\.last.example.org. 1 2 3 4 5';
  const bytes = wireMessage({ flags: 0x8180, questions: [wireQuestion('example.org')], answers: [recordFromText(line)] });
  t.deepEqual(textOfRecords(bytes, surveyResponse(bytes)!), [line]);
});
