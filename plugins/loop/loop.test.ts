import test, { type ExecutionContext } from 'ava';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { readConfiguration } from '../../core/configuration.js';
import { createDnsHost } from '../../core/dns.js';
import { limits } from '../../core/limits.js';
import { createLogger } from '../../core/log.js';
import { Metrics } from '../../core/metrics.js';
import { definePlugin, type AnyPlugin } from '../../core/plugin.js';
import { systemRuntime } from '../../core/runtime.js';
import { closedPort, createTestServer, ScriptedUpstream, startLoopbackUpstream, TestClock, type Asked, type TestServer } from '../../testing/index.js';
import { plugins } from '../index.js';

interface World {
  readonly upstream: ScriptedUpstream;
  readonly server: TestServer;
}

/** A server with `loop`, whose upstream answers when the test lets it. */
async function worldWith(t: ExecutionContext, forwarding = 'scripted', zone = '.'): Promise<World> {
  const upstream = new ScriptedUpstream(() => 'wait');
  const server = await createTestServer(`${zone} {\nloop\n${forwarding}\n}`, { plugins: [upstream.plugin] });
  t.teardown(() => server.stop());
  return { upstream, server };
}

const errorsOf = ({ server }: World): string[] => server.log.filter(({ level }) => level === 'error').map(({ line }) => line);
/** The upstream asks what it was asked of the server: they are in a loop. */
const ask = ({ server }: World, { name, type }: Asked) => server.ask(name, type, { client: '192.0.2.53' });

/** Lets the upstream answer all that waits. */
function release({ upstream }: World): void {
  upstream.answer = () => ({ rcode: 'NXDOMAIN' });
  upstream.release();
  upstream.answer = () => 'wait';
}

test('at the start a question goes out that nobody can foresee', async (t) => {
  const [one, other] = [await worldWith(t), await worldWith(t, 'scripted', 'example.org')];
  t.like(one.upstream.asked, { length: 1, 0: { type: 'HINFO' } });
  t.regex(one.upstream.asked[0]!.name, /^[0-9a-f]{24}$/);
  t.regex(other.upstream.asked[0]!.name, /^[0-9a-f]{24}\.example\.org$/);
  t.not(one.upstream.asked[0]!.name, other.upstream.asked[0]!.name.split('.')[0]);
});

test('a server that is in no loop goes on as if nothing had been', async (t) => {
  const world = await worldWith(t);
  release(world);
  world.upstream.answer = () => ({ answers: [{ data: '192.0.2.1' }] });
  for (const name of ['a.example', 'b.example']) t.deepEqual((await world.server.ask(name)).data, ['192.0.2.1']);
  t.is(world.upstream.asked.length, 3, 'a route is tried once');
  t.deepEqual(errorsOf(world), []);
});

test('when the question comes back, it is said loudly, and what would go round fails at once', async (t) => {
  const world = await worldWith(t);
  t.is((await ask(world, world.upstream.asked[0]!)).rcode, 'REFUSED');
  t.is(errorsOf(world).length, 1);
  t.regex(errorsOf(world)[0]!, /loop: a forwarding loop: what 'scripted default' sends to default\.invalid comes back to this server \(.*Corefile:3:1\)/);
  t.regex(errorsOf(world)[0]!, /it came back from 192\.0\.2\.53\. Queries for it get SERVFAIL until that is mended/);
  const { rcode, error } = await world.server.ask('www.example.org', 'A', { edns: 1232 });
  t.is(rcode, 'SERVFAIL');
  t.regex(error!.text, /^a forwarding loop/);
  t.is(world.upstream.asked.length, 1);
  t.regex(await world.server.metrics.text('vpndns'), /^vpndns_loop_detected_total 1$/m);
  t.like((await world.server.explain('www.example.org'))[0], { plugin: 'loop', final: true });
});

test('a loop that is gone is noticed', async (t) => {
  const world = await worldWith(t);
  await ask(world, world.upstream.asked[0]!);
  release(world);
  t.is((await world.server.ask('a.example')).rcode, 'SERVFAIL');
  t.is(world.upstream.asked.length, 1, 'not so soon');
  world.server.clock.advance(limits.loopRetryMs);
  t.is((await world.server.ask('b.example')).rcode, 'SERVFAIL', 'until it is known');
  t.is(world.upstream.asked.length, 2);
  t.is((await ask(world, world.upstream.asked[1]!)).rcode, 'REFUSED', 'it is still there');
  release(world);
  world.server.clock.advance(limits.loopRetryMs);
  await world.server.ask('c.example');
  release(world);
  world.upstream.answer = () => ({ answers: [{ data: '192.0.2.1' }] });
  t.deepEqual((await world.server.ask('d.example')).data, ['192.0.2.1']);
  t.is(errorsOf(world).length, 1);
  t.true(world.server.log.some(({ line }) => line.includes("'scripted default' leads back here no longer")));
});

test('every route is tried when it is used first, and stands for itself', async (t) => {
  const world = await worldWith(t, 'scripted 192.0.2.1=one 192.0.2.2=two');
  release(world);
  const first = world.server.ask('a.example', 'A', { client: '192.0.2.1' });
  const second = world.server.ask('a.example', 'A', { client: '192.0.2.2' });
  const probes = world.upstream.asked.filter(({ type }) => type === 'HINFO');
  t.deepEqual(probes.map(({ route }) => route), ['default', 'one', 'two']);
  await ask(world, probes[1]!);
  release(world);
  await Promise.all([first, second]);
  world.upstream.answer = () => ({ answers: [{ data: '192.0.2.9' }] });
  t.is((await world.server.ask('b.example', 'A', { client: '192.0.2.1' })).rcode, 'SERVFAIL');
  t.deepEqual((await world.server.ask('b.example', 'A', { client: '192.0.2.2' })).data, ['192.0.2.9']);
});

test('a question like ours that is not ours is nobody’s business', async (t) => {
  const world = await worldWith(t);
  const { name } = world.upstream.asked[0]!;
  release(world);
  world.upstream.answer = () => ({ rcode: 'NXDOMAIN' });
  t.is((await world.server.ask(name, 'HINFO')).rcode, 'NXDOMAIN', 'its time is over');
  t.is((await world.server.ask(name, 'A')).rcode, 'NXDOMAIN');
  t.deepEqual(errorsOf(world), []);
});

test('a zone whose name leaves no room is left alone', async (t) => {
  const zone = Array<string>(4).fill('a'.repeat(60)).join('.');
  const world = await worldWith(t, 'scripted', zone);
  t.deepEqual(world.upstream.asked, []);
});

/** A server on real sockets. */
interface Front {
  readonly port: number;
  readonly clock: TestClock;
  readonly log: string[];
  /** The names of all queries that came in. */
  readonly came: string[];
}

/** Starts one with these directives, in which SELF is its own endpoint. */
async function listening(t: ExecutionContext, directives: string): Promise<Front> {
  const [clock, port, log, came] = [new TestClock(), await closedPort(), [] as string[], [] as string[]];
  const text = `. {\nbind 127.0.0.1\nwitness\n${directives.replace('SELF', `127.0.0.1:${port}`)}\n}`;
  const witness = definePlugin({
    name: 'witness',
    setup: (_options, { block }) => block.hooks.query.tap('witness', (query) => void came.push(query.text)),
  });
  const { host, server } = createDnsHost({
    name: 'vpndns', version: 'test', runtime: { ...systemRuntime(), clock, env: {} }, log: createLogger((line) => log.push(line), clock),
    metrics: new Metrics(), defaultPort: port, interfaces: () => new Map(),
    read: () => readConfiguration([...plugins, witness] as readonly AnyPlugin[], { file: resolve('Corefile'), text, env: {} }),
  });
  await host.start();
  t.teardown(async () => {
    await host.stop();
    server.close();
  });
  return { port, clock, log, came };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setImmediate(done));
}

/** Sends a message to a port of the loopback; fulfilled with what comes back. */
async function sendTo(port: number, message: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4');
  socket.send(message, port, '127.0.0.1');
  const [answer] = await once(socket, 'message') as [Buffer];
  socket.close();
  return answer;
}

test('a server that forwards to itself finds out, over real sockets', async (t) => {
  const { log } = await listening(t, 'loop\nforward . SELF');
  await until(() => log.some((line) => line.includes('a forwarding loop')));
  t.pass();
});

/** A query for `www.example.org A`. */
const query = Buffer.from('4711010000010000000000000377777707657861' + '6d706c65036f72670000010001', 'hex');

test('without it, a loop through a server that sends everything on is bounded: a question that goes round joins itself', async (t) => {
  let port = 0;
  // It keeps no account of what it does, and has all patience.
  const other = await startLoopbackUpstream(({ bytes }) => sendTo(port, bytes), { tcp: false });
  t.teardown(() => other.close());
  const front = await listening(t, `forward . ${other.endpoint}`);
  port = front.port;
  const answer = sendTo(port, query);
  for (let sends = 1; sends <= limits.upstreamSends; sends++) {
    // Health checks go round as well.
    await until(() => front.came.filter((name) => name === 'www.example.org').length === 1 + sends);
    front.clock.advance(2_000);
  }
  t.is((await answer).readUInt16BE(2) & 15, 2, 'SERVFAIL');
  t.is(other.received.filter(({ name }) => name === 'www.example.org').length, limits.upstreamSends);
});
