import test from 'ava';
import { closedPort, createTestServer, startForwarding, startLoopbackUpstream, type Behaviour, type TestServer } from '../../testing/index.js';
import { upstreamsOf, type UpstreamStatus } from './index.js';

const helpful: Behaviour = (query) => query.answer({ answers: [{ data: '192.0.2.1' }] });
const silent: Behaviour = () => undefined;
const says = (data: string): Behaviour => (query) => query.answer({ answers: [{ data }] });
const isCheck = (type: string): boolean => type === 'NS';

const statusOf = (server: TestServer): readonly UpstreamStatus[] => upstreamsOf(server.host.current!).status()[0]!.servers;

test('a closed port is noticed without waiting, and the next server asked', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful]);
  const both = `. {\nforward . 127.0.0.1:${await closedPort()} ${upstream.endpoint} {\npolicy sequential\n}\n}`;
  t.deepEqual((await server.reload(both)).errors, []);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
});

test('when every port is closed the client hears it at once', async (t) => {
  const server = await createTestServer(`. {\nforward . 127.0.0.1:${await closedPort()} 127.0.0.1:${await closedPort()}\n}`);
  t.teardown(() => server.stop());
  const { rcode, error } = await server.ask('www.example.org', 'A', { edns: 1232 });
  t.is(rcode, 'SERVFAIL');
  t.is(error!.code, 22);
  t.regex(error!.text, /ECONNREFUSED/);
});

test('a server that is silent is left for the next after read_timeout', async (t) => {
  const { server, upstreams: [first, second] } = await startForwarding(t, [silent, helpful], { options: 'policy sequential\nread_timeout 300ms' });
  const asked = server.ask('www.example.org');
  await first!.arrival(1);
  server.clock.advance(250);
  t.is(second!.received.length, 0);
  server.clock.advance(100);
  t.deepEqual((await asked).data, ['192.0.2.1']);
});

test('a late answer is no answer to anything else', async (t) => {
  const late: (() => void)[] = [];
  const { server, upstreams: [first, second] } = await startForwarding(t, [
    (query) => {
      late.push(() => query.send(query.answer({ answers: [{ data: '203.0.113.66' }] })));
      return undefined;
    },
    helpful,
  ], { options: 'policy sequential\nmax_fails 0' });
  const asked = server.ask('www.example.org');
  await first!.arrival(1);
  server.clock.advance(2_050);
  t.deepEqual((await asked).data, ['192.0.2.1']);
  const again = server.ask('www.example.org');
  await first!.arrival(2);
  late[0]!();
  server.clock.advance(2_050);
  t.deepEqual((await again).data, ['192.0.2.1']);
  t.is(second!.received.length, 2);
});

test('health checks begin with a failure, and take a server out of use after max_fails of them', async (t) => {
  const { server, upstreams: [first, second] } = await startForwarding(t, [silent, helpful], { options: 'policy sequential' });
  const asked = server.ask('a.example.org');
  await first!.arrival(1);
  t.is(first!.received.filter(({ type }) => isCheck(type)).length, 0);
  server.clock.advance(2_050);
  await asked;
  await first!.arrival(2);
  t.is(`${first!.received[1]!.name} ${first!.received[1]!.type} ${first!.received[1]!.flags}`, '. NS 256');
  t.true(statusOf(server)[0]!.healthy);
  server.clock.advance(1_050);
  t.is(statusOf(server)[0]!.fails, 1);
  server.clock.advance(500);
  await first!.arrival(3);
  server.clock.advance(1_050);
  t.false(statusOf(server)[0]!.healthy);
  t.true(server.log.some(({ line, level }) => level === 'warning' && line.includes(`${first!.endpoint} is down`)));
  await server.ask('b.example.org');
  t.is(second!.received.at(-1)!.name, 'b.example.org');
  t.is(first!.received.filter(({ type }) => !isCheck(type)).length, 1, 'it gets no more queries');
});

test('a server that answers a check is up again', async (t) => {
  const { server, upstream } = await startForwarding(t, [silent]);
  const asked = server.ask('a.example.org');
  await upstream.arrival(1);
  server.clock.advance(6_000);
  t.is((await asked).rcode, 'SERVFAIL');
  t.false(statusOf(server)[0]!.healthy);
  let checked: (() => void) | undefined;
  const isChecked = new Promise<void>((resolve) => (checked = resolve));
  upstream.behaviour = (query) => {
    if (isCheck(query.type)) checked!();
    return helpful(query);
  };
  server.clock.advance(600);
  await isChecked;
  while (!statusOf(server)[0]!.healthy) await new Promise(setImmediate);
  t.deepEqual((await server.ask('b.example.org')).data, ['192.0.2.1']);
});

/** A server whose one upstream has been found dead; nobody has asked for a while, so its checks have ended. */
async function dead(t: Parameters<typeof startForwarding>[0]): ReturnType<typeof startForwarding> {
  const forwarding = await startForwarding(t, [silent]);
  const asked = forwarding.server.ask('a.example.org');
  await forwarding.upstream.arrival(1);
  forwarding.server.clock.advance(60_000);
  await asked;
  return forwarding;
}

test('while all are down one query at a time is tried, and all others fail at once', async (t) => {
  const { server, upstream } = await dead(t);
  const before = upstream.received.length;
  const trial = server.ask('trial.example.org');
  for (let i = 0; i < 50; i++) t.is((await server.ask(`n${i}.example.org`)).rcode, 'SERVFAIL');
  await upstream.arrival(before + 1);
  t.is(statusOf(server)[0]!.in_flight, 1);
  server.clock.advance(2_050);
  t.is((await trial).rcode, 'SERVFAIL');
});

test('a dead group recovers by the first query that is answered, even without health checks', async (t) => {
  const { server, upstream } = await dead(t);
  upstream.behaviour = (query) => (isCheck(query.type) ? undefined : helpful(query));
  t.deepEqual((await server.ask('b.example.org')).data, ['192.0.2.1']);
  t.true(statusOf(server)[0]!.healthy);
});

test('whom nobody asks is not checked for ever', async (t) => {
  const { server, upstream } = await startForwarding(t, [silent]);
  const timers = server.clock.pending;
  const asked = server.ask('a.example.org');
  await upstream.arrival(1);
  t.is(server.clock.pending, timers + 1);
  server.clock.advance(60_000);
  await asked;
  t.is(server.clock.pending, timers);
  t.false(statusOf(server)[0]!.healthy);
});

test('max_fails 0 takes no server out of use, and checks none', async (t) => {
  const { server, upstream } = await startForwarding(t, [silent], { options: 'max_fails 0' });
  const asked = server.ask('a.example.org');
  await upstream.arrival(1);
  server.clock.advance(5_000);
  await asked;
  t.true(statusOf(server)[0]!.healthy);
  await upstream.arrival(3);
  t.deepEqual(upstream.received.map(({ type }) => type), ['A', 'A', 'A']);
});

test('a check asks what health_check says', async (t) => {
  const { server, upstream } = await startForwarding(t, [silent], { options: 'health_check 1s no_rec domain example.net' });
  const asked = server.ask('a.example.org');
  await upstream.arrival(1);
  server.clock.advance(2_050);
  await upstream.arrival(3);
  const check = upstream.received.find(({ type }) => isCheck(type))!;
  t.is(check.name, 'example.net');
  t.is(check.flags, 0);
  server.clock.advance(5_000);
  await asked;
});

test('an answer with one of the failover codes leads to the next server; if all give one, the client gets the last', async (t) => {
  const refusing: Behaviour = (query) => query.answer({ rcode: 'REFUSED' });
  const failing: Behaviour = (query) => query.answer({ rcode: 'SERVFAIL' });
  const { server, upstreams } = await startForwarding(t, [refusing, failing, helpful], { options: 'policy sequential\nfailover SERVFAIL REFUSED' });
  t.deepEqual((await server.ask('a.example.org')).data, ['192.0.2.1']);
  t.deepEqual(upstreams.map(({ received }) => received.length), [1, 1, 1]);
  upstreams[2]!.behaviour = refusing;
  t.is((await server.ask('b.example.org')).rcode, 'REFUSED');
  t.deepEqual(upstreams.map(({ received }) => received.length), [2, 2, 2]);
  t.deepEqual(statusOf(server).map(({ healthy, fails }) => [healthy, fails]), [[true, 0], [true, 0], [true, 0]], 'they are well');
});

test('without failover codes any answer is the answer', async (t) => {
  const { server, upstreams } = await startForwarding(t, [(query) => query.answer({ rcode: 'SERVFAIL' }), helpful], { options: 'policy sequential' });
  t.is((await server.ask('a.example.org')).rcode, 'SERVFAIL');
  t.is(upstreams[1]!.received.length, 0);
});

test('sequential asks the first, round_robin each in turn, random any', async (t) => {
  const behaviours = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(says);
  const dataOf = async (policy: string, count: number): Promise<unknown[]> => {
    const { server } = await startForwarding(t, behaviours, { options: `policy ${policy}` });
    const data: unknown[] = [];
    for (let i = 0; i < count; i++) data.push(...(await server.ask(`n${i}.example.org`)).data);
    return data;
  };
  t.deepEqual(await dataOf('sequential', 3), ['192.0.2.1', '192.0.2.1', '192.0.2.1']);
  t.deepEqual(await dataOf('round_robin', 4), ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.1']);
  t.deepEqual([...new Set(await dataOf('random', 100))].sort(), ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
});

test('equal lines share one group, which a reload takes over and the last user closes', async (t) => {
  const upstream = await startLoopbackUpstream(helpful);
  const line = (from: string): string => `forward ${from} ${upstream.endpoint}`;
  const server = await createTestServer(`. {\n${line('.')}\n${line('example.org')}\n}`);
  t.teardown(async () => {
    await server.stop();
    await upstream.close();
  });
  await server.ask('www.example.org');
  const groups = upstreamsOf(server.host.current!);
  t.is(groups.status().length, 1);
  t.is(groups.status()[0]!.servers[0]!.queries, 1);
  await server.reload(`. {\n${line('.')}\n}`);
  t.is(upstreamsOf(server.host.current!), groups);
  await server.ask('www.example.org');
  t.is(groups.status()[0]!.servers[0]!.queries, 2);
  await server.reload('. {\nforward . 192.0.2.1\n}');
  t.deepEqual(groups.status().map(({ id }) => id), ['192.0.2.1:53']);
});

test('a question in flight when its group goes is still answered', async (t) => {
  let answer: (() => void) | undefined;
  const { server, upstream } = await startForwarding(t, [(query) => new Promise((resolve) => (answer = () => resolve(helpful(query))))]);
  const asked = server.ask('www.example.org');
  await upstream.arrival(1);
  let isReloaded = false;
  void server.reload('. {\nforward . 192.0.2.1\n}').then(() => (isReloaded = true));
  while (server.host.current!.generation === 1) await new Promise(setImmediate);
  answer!();
  t.deepEqual((await asked).data, ['192.0.2.1']);
  for (; !isReloaded; await new Promise(setImmediate)) server.clock.advance(10);
});

test('the status of a server tells its latencies', async (t) => {
  const { server } = await startForwarding(t, [helpful]);
  t.is(statusOf(server)[0]!.p50_ms, undefined);
  await server.ask('www.example.org');
  const { p50_ms: p50, p99_ms: p99, answers, in_flight: inFlight } = statusOf(server)[0]!;
  t.deepEqual({ p50, p99, answers, inFlight }, { p50: 0, p99: 0, answers: 1, inFlight: 0 });
});
