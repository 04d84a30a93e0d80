import test from 'ava';
import { CountedSockets, startForwarding, startLoopbackUpstream, createTestServer, type Behaviour } from '../../testing/index.js';
import { parseEndpoint } from '../address.js';
import { limits } from '../limits.js';
import { createLogger } from '../log.js';
import { Metrics } from '../metrics.js';
import { systemRuntime, type Random, type Sockets } from '../runtime.js';
import { SocketBudget } from './budget.js';
import { upstreamsOf } from './index.js';
import { UpstreamMetrics } from './metrics.js';
import type { Pending } from './pending.js';
import { UdpPool } from './udp.js';

const helpful: Behaviour = (query) => query.answer({ answers: [{ data: '192.0.2.1' }] });

/** Asks for so many different names, one after the other. */
async function askMany(server: Awaited<ReturnType<typeof startForwarding>>['server'], count: number, from = 0): Promise<void> {
  for (let i = from; i < from + count; i++) await server.ask(`n${i}.example.org`);
}

test('while few are asked, each query has a port of its own', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful]);
  for (let i = 0; i < 100; i++) {
    await server.ask(`n${i}.example.org`);
    server.clock.advance(10);
  }
  t.true(new Set(upstream.received.map(({ peer }) => peer.port)).size > 90, 'the kernel may pick one twice, not often');
});

test('when many are asked at once they share a bounded number of sockets, none of them for long', async (t) => {
  const sockets = new CountedSockets();
  const { server, upstream } = await startForwarding(t, [helpful], { runtime: { sockets } });
  await askMany(server, 3_000);
  t.true(sockets.open <= limits.upstreamSockets, `${sockets.open} are open`);
  const uses = new Map<number, number>();
  for (const { peer: { port } } of upstream.received) uses.set(port, (uses.get(port) ?? 0) + 1);
  t.true(uses.size >= limits.upstreamSockets * 0.9, 'all of the pool take part');
  t.true(Math.max(...uses.values()) <= limits.upstreamQueriesPerSocket);
  // The expectation is 47 for each; a fair choice is within a third of it for every port with overwhelming probability.
  t.true(Math.max(...uses.values()) < 150);
});

test('a socket is given up after so many queries', async (t) => {
  const sockets = new CountedSockets();
  // A random number that always points to the same socket.
  const random: Random = { ...systemRuntime().random, below: () => 0 };
  const { server, upstream } = await startForwarding(t, [helpful], { runtime: { sockets, random } });
  await askMany(server, limits.upstreamSockets + 2 * limits.upstreamQueriesPerSocket);
  const uses = new Map<number, number>();
  for (const { peer: { port } } of upstream.received) uses.set(port, (uses.get(port) ?? 0) + 1);
  t.is(Math.max(...uses.values()), limits.upstreamQueriesPerSocket);
});

test('ids are spread over all 16 bits', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful]);
  await askMany(server, 2_000);
  // Each of 16 bits is set in half of the ids: 1000 ± 6 standard deviations.
  for (let bit = 0; bit < 16; bit++) {
    const set = upstream.received.filter(({ id }) => (id & (1 << bit)) !== 0).length;
    t.true(Math.abs(set - 1_000) < 6 * Math.sqrt(500), `bit ${bit} is set in ${set} of 2000`);
  }
});

test('an id is never used twice on one socket', async (t) => {
  // Draws every number twice.
  let drawn = 0;
  const random: Random = { uint16: () => drawn++ >> 1, below: () => 0 };
  const { server, upstream } = await startForwarding(t, [helpful], { runtime: { random } });
  await askMany(server, 200);
  const seen = upstream.received.map(({ peer, id }) => `${peer.port} ${id}`);
  t.is(new Set(seen).size, seen.length);
});

test('idle sockets are closed, and then no timer runs', async (t) => {
  const sockets = new CountedSockets();
  const { server } = await startForwarding(t, [helpful], { runtime: { sockets } });
  const timers = server.clock.pending;
  await askMany(server, 10);
  t.is(sockets.open, 10);
  t.is(server.clock.pending, timers + 1);
  server.clock.advance(limits.upstreamSocketIdleMs + limits.upstreamTickMs);
  await new Promise(setImmediate);
  t.is(sockets.open, 0);
  t.is(server.clock.pending, timers);
});

test('a socket with an unanswered query keeps its port for a while, so that no other gets the late answer', async (t) => {
  const sockets = new CountedSockets();
  const { server, upstream } = await startForwarding(t, [() => undefined], { runtime: { sockets }, options: 'max_fails 0' });
  const asked = server.ask('www.example.org');
  await upstream.arrival(1);
  server.clock.advance(5_000);
  await asked;
  await new Promise(setImmediate);
  t.is(sockets.open, 3);
  server.clock.advance(limits.upstreamSocketIdleMs + limits.upstreamQuarantineMs);
  await new Promise(setImmediate);
  t.is(sockets.open, 0);
});

test('when no socket can be opened the open ones do, and without any the query fails, not the server', async (t) => {
  const system = systemRuntime().sockets;
  let isShort = false;
  const sockets: Sockets = {
    ...system,
    udp(options) {
      const socket = system.udp(options);
      if (isShort) socket.bind = () => (socket.emit('error', Object.assign(new Error('bind EMFILE'), { code: 'EMFILE' })), socket);
      return socket;
    },
  };
  const { server } = await startForwarding(t, [helpful], { runtime: { sockets } });
  await askMany(server, 2);
  isShort = true;
  await askMany(server, 100, 2);
  server.clock.advance(60_000);
  await new Promise(setImmediate);
  const { rcode, error } = await server.ask('www.example.org', 'A', { edns: 1232 });
  t.is(rcode, 'SERVFAIL');
  t.regex(error!.text, /EMFILE/);
  isShort = false;
  t.deepEqual((await server.ask('www.example.net')).data, ['192.0.2.1']);
});

test('queries leave from source_address', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful], { options: 'source_address 127.0.0.77' });
  await server.ask('www.example.org');
  await server.ask('www.example.net', 'A', { transport: 'tcp' });
  t.deepEqual(upstream.received.map(({ peer }) => peer.address), ['127.0.0.77', '127.0.0.77']);
});

test('a source_address that this host does not have is a failure, never another address', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful], { options: 'source_address 192.0.2.99' });
  for (const transport of ['udp', 'tcp'] as const) t.is((await server.ask(`${transport}.example.org`, 'A', { transport })).rcode, 'SERVFAIL');
  t.is(upstream.received.length, 0);
});

test('servers with IPv6 addresses are asked', async (t) => {
  const upstream = await startLoopbackUpstream(helpful, { address: '::1' });
  const server = await createTestServer(`. {\nforward . ${upstream.endpoint}\n}`);
  t.teardown(async () => {
    await server.stop();
    await upstream.close();
  });
  await server.ask('www.example.org');
  await server.ask('www.example.net', 'A', { transport: 'tcp' });
  t.deepEqual(upstream.received.map(({ transport, peer }) => `${transport} ${peer.address}`), ['udp ::1', 'tcp ::1']);
});

test('when the host has too many sockets, a server with none still gets one, up to a reserve', (t) => {
  const runtime = systemRuntime();
  let exhausted = 0;
  const world = {
    runtime, log: createLogger(() => undefined, runtime.clock), metrics: new UpstreamMetrics(new Metrics()), budget: new SocketBudget(() => exhausted++),
    reached: { inFlight: () => undefined, waiters: () => undefined },
  };
  const pool = (): UdpPool => new UdpPool(parseEndpoint('127.0.0.1', 9)!, undefined, world, () => undefined);
  const pending = (): Pending => ({ packet: Buffer.alloc(12), questionEnd: 12, answered() {}, unusable() {}, besieged() {}, lost() {} });
  world.budget.open = limits.upstreamSocketsInHost;
  const [first, second] = [pool(), pool()];
  for (let i = 0; i < 5; i++) t.is(typeof first.send(pending(), 0), 'object');
  t.is(first.size, 1);
  world.budget.open = limits.upstreamSocketsInReserve;
  t.is(exhausted, 0);
  t.is(second.send(pending(), 0), 'too many sockets to upstreams are open');
  t.is(exhausted, 1);
  t.is(typeof first.send(pending(), 0), 'object', 'who has one goes on');
  first.close();
  t.is(world.budget.open, limits.upstreamSocketsInReserve - 1);
});

test('messages that answer nothing are counted', async (t) => {
  const { server, upstream } = await startForwarding(t, [(query) => {
    query.send(query.answer({ id: query.id ^ 1 }));
    return helpful(query);
  }]);
  await server.ask('www.example.org');
  t.is(upstreamsOf(server.host.current!).status()[0]!.servers[0]!.foreign, 1);
  t.true((await server.metrics.text('vpndns')).includes(`vpndns_proxy_foreign_answers_total{to="${upstream.endpoint}"} 1`));
});

test('all sockets and timers are gone after a stop, even with queries in flight', async (t) => {
  const sockets = new CountedSockets();
  const upstream = await startLoopbackUpstream(() => undefined);
  const server = await createTestServer(`. {\nforward . ${upstream.endpoint}\n}`, { runtime: { sockets } });
  const asked = [server.ask('a.example.org'), server.ask('b.example.org', 'A', { transport: 'tcp' })];
  await upstream.arrival(2);
  let isStopped = false;
  const stopped = server.stop().then(() => (isStopped = true));
  for (; !isStopped; await new Promise(setImmediate)) server.clock.advance(20);
  await stopped;
  for (const { rcode } of await Promise.all(asked)) t.is(rcode, 'SERVFAIL');
  await upstream.close();
  await new Promise(setImmediate);
  t.is(sockets.open, 0);
  t.is(server.clock.pending, 0);
});
