import test, { type ExecutionContext } from 'ava';
import type { Answer } from 'dns-packet';
import { createTestServer, ScriptedUpstream, type TestServer } from '../../testing/index.js';

const timers = { serial: 1, refresh: 2, retry: 3, expire: 4 };
const soa = (ttl: number, minimum: number): Answer => ({
  type: 'SOA', name: 'example.org', ttl, data: { mname: 'ns.example.org', rname: 'host.example.org', ...timers, minimum },
});

interface World {
  readonly upstream: ScriptedUpstream;
  readonly server: TestServer;
}

/** A server in front of an upstream that answers with a TTL of 300 unless told otherwise. */
async function worldWith(t: ExecutionContext, directives: string): Promise<World> {
  const upstream = new ScriptedUpstream();
  const server = await createTestServer(`. {\n${directives}\nscripted\n}`, { plugins: [upstream.plugin] });
  t.teardown(() => server.stop());
  return { upstream, server };
}

const ttlOf = async (server: TestServer, name: string): Promise<number> => Number((await server.ask(name)).answers[0]!.split(' ')[1]);

test('an override holds for a name and all below it', async (t) => {
  const { server } = await worldWith(t, 'ttl { override dyn.example.org 5 }');
  for (const name of ['dyn.example.org', 'a.b.DYN.example.org']) t.is(await ttlOf(server, name), 5, name);
  for (const name of ['example.org', 'notdyn.example.org']) t.is(await ttlOf(server, name), 300, name);
});

test('the longest override wins, and of equals the first', async (t) => {
  const { server } = await worldWith(t, 'ttl {\noverride example.org 50\noverride dyn.example.org 1m\noverride example.org 70\n}');
  t.is(await ttlOf(server, 'www.example.org'), 50);
  t.is(await ttlOf(server, 'www.dyn.example.org'), 60);
});

test('min and max bound every TTL but those that are overridden', async (t) => {
  const { upstream, server } = await worldWith(t, 'ttl {\nmin 60\nmax 1h\noverride dyn.example.org 1\n}');
  upstream.answer = ({ name }) => ({ answers: [{ ttl: name.startsWith('long') ? 86_400 : name.startsWith('short') ? 1 : 300, data: '192.0.2.1' }] });
  t.is(await ttlOf(server, 'long.example.org'), 3600);
  t.is(await ttlOf(server, 'short.example.org'), 60);
  t.is(await ttlOf(server, 'www.example.org'), 300);
  t.is(await ttlOf(server, 'dyn.example.org'), 1);
});

test('all records of an answer are changed, and a TTL with its top bit set counts as 0', async (t) => {
  const { upstream, server } = await worldWith(t, 'ttl { min 60 }');
  upstream.answer = () => ({
    answers: [{ ttl: 0xffffffff, data: '192.0.2.1' }, { ttl: 100, data: '192.0.2.2' }],
    authorities: [{ type: 'NS', name: 'example.org', ttl: 7, data: 'ns.example.org' }],
    additionals: [{ type: 'A', name: 'ns.example.org', ttl: 8, data: '192.0.2.3' }],
  });
  const { answers, message } = await server.ask('www.example.org');
  t.deepEqual(answers, ['www.example.org 60 A 192.0.2.1', 'www.example.org 100 A 192.0.2.2']);
  t.deepEqual([...message.authorities!, ...message.additionals!].map((record) => (record as { ttl: number }).ttl), [60, 60]);
});

test('what is cached lives as long as clients are told', async (t) => {
  const { upstream, server } = await worldWith(t, 'ttl { override example.org 10 }\ncache');
  await server.ask('www.example.org');
  server.clock.advance(9_000);
  t.is(await ttlOf(server, 'www.example.org'), 1);
  t.is(upstream.asked.length, 1);
  server.clock.advance(1_000);
  t.is(await ttlOf(server, 'www.example.org'), 10);
  t.is(upstream.asked.length, 2);
});

test('an override of 0 keeps an answer out of the cache', async (t) => {
  const { upstream, server } = await worldWith(t, 'ttl { override example.org 0 }\ncache');
  t.is(await ttlOf(server, 'www.example.org'), 0);
  await server.ask('www.example.org');
  t.is(upstream.asked.length, 2);
});

test('a denial is changed as an answer is', async (t) => {
  const { upstream, server } = await worldWith(t, 'ttl { max 20 }\ncache');
  upstream.answer = () => ({ rcode: 'NXDOMAIN', authorities: [soa(900, 600)] });
  const { message } = await server.ask('nx.example.org');
  t.is((message.authorities![0] as { ttl: number }).ttl, 20);
  server.clock.advance(20_000);
  await server.ask('nx.example.org');
  t.is(upstream.asked.length, 2);
});

test('answers of our own and failures stay as they are', async (t) => {
  const { upstream, server } = await worldWith(t, 'ttl { min 60 }\nstatic {\nrecord own.example.org 192.0.2.9\nttl 5\n}');
  t.is(await ttlOf(server, 'own.example.org'), 5);
  upstream.answer = () => ({ rcode: 'SERVFAIL', authorities: [soa(7, 7)] });
  t.is(((await server.ask('www.example.org')).message.authorities![0] as { ttl: number }).ttl, 7);
});

test('a min above the max is a mistake', async (t) => {
  await t.throwsAsync(worldWith(t, 'ttl {\nmin 60\nmax 59\n}'), { message: /Corefile:2:1: ttl: min 60 is greater than max 59/ });
});

test('explain tells which TTLs hold, and why', async (t) => {
  const { server } = await worldWith(t, 'ttl {\noverride dyn.example.org 5\nmax 1h\n}');
  t.like((await server.explain('a.dyn.example.org'))[0], { decision: 'TTLs become 5 s, as for dyn.example.org', final: false, at: { line: 3 } });
  t.like((await server.explain('www.example.org'))[0], { decision: 'TTLs are held between 0 s and 3600 s', final: false });
});
