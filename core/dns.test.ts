import test, { type ExecutionContext } from 'ava';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import packet from 'dns-packet';
import { decodeAnswer, TestClock, type TestAnswer } from '../testing/index.js';
import { parseAddress, type Address } from './address.js';
import { readConfiguration } from './configuration.js';
import { createDnsHost, type DnsHost } from './dns.js';
import { limits } from './limits.js';
import { createLogger } from './log.js';
import { Metrics } from './metrics.js';
import { definePlugin, type AnyPlugin } from './plugin.js';
import { address, many, text } from './properties.js';
import { createReply } from './reply.js';
import { systemRuntime, type Sockets } from './runtime.js';
import { addressBody } from './wire/records.js';
import { flag } from './wire/layout.js';
import { Deframer, frame } from './wire/frame.js';

const loopback = parseAddress('127.0.0.1')!;

/** `answer ADDRESS`: to every query. */
const answer = definePlugin({
  name: 'answer',
  args: many(address()),
  setup: ({ args }, { block }) => {
    const reply = createReply(0, 'answer', { flags: flag.aa, answers: args.length, body: addressBody(args, 60) });
    block.hooks.query.tap('answer', () => reply);
  },
});

const fromLoopback = createReply(0, 'slow', { answers: 1, body: addressBody([loopback], 1) });

/** `slow`: answers when the test says so. */
const slow = (waiting: (() => void)[]) => definePlugin({
  name: 'slow',
  setup: (_options, { block }) =>
    block.hooks.resolve.tap('slow', (_query, callback) => void waiting.push(() => callback(fromLoopback))),
});

const listen = definePlugin({
  name: 'listen',
  args: many(text()),
  setup: ({ args, at }, { block }) => void block.listenOn.push(...args.map((word) => ({ word, at }))),
});

interface World extends DnsHost {
  corefile: string;
  readonly clock: TestClock;
  readonly interfaces: Map<string, Address[]>;
  /** Sockets that were made. */
  readonly made: { udp: number; tcp: number };
  readonly waiting: (() => void)[];
}

/** A host on the loopback that counts the sockets it makes. */
function worldWith(t: ExecutionContext, corefile: string): World {
  const clock = new TestClock();
  const system = systemRuntime();
  const made = { udp: 0, tcp: 0 };
  const sockets: Sockets = {
    ...system.sockets,
    udp: (options) => (made.udp++, system.sockets.udp(options)),
    server: (options, onConnection) => (made.tcp++, system.sockets.server(options, onConnection)),
  };
  const waiting: (() => void)[] = [];
  const interfaces = new Map([['lo', [loopback]]]);
  const plugins = [listen, answer, slow(waiting)] as readonly AnyPlugin[];
  const parts = createDnsHost({
    name: 'vpndns', version: 'test', runtime: { ...system, clock, sockets, env: {} }, metrics: new Metrics(), defaultPort: 53, interfaces: () => interfaces,
    log: createLogger(() => undefined, clock), read: () => readConfiguration(plugins, { file: 'Corefile', text: world.corefile, env: {} }),
  });
  const world: World = { ...parts, corefile, clock, interfaces, made, waiting };
  t.teardown(async () => {
    await world.host.stop();
    world.server.close();
  });
  return world;
}

/** A port on which nobody listens at this moment. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const question = (name = 'www.example.org'): Buffer =>
  packet.encode({ type: 'query', id: 1, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name }] });

async function askUdp(port: number, name?: string): Promise<TestAnswer> {
  const client = dgram.createSocket('udp4');
  client.send(question(name), port, '127.0.0.1');
  const [message] = (await once(client, 'message')) as [Buffer];
  client.close();
  return decodeAnswer(message);
}

async function askTcp(port: number, name?: string): Promise<TestAnswer> {
  const socket = net.connect(port, '127.0.0.1');
  const answered = answersOn(socket);
  socket.write(frame(question(name)));
  const message = await answered;
  socket.destroy();
  return message;
}

function answersOn(socket: net.Socket): Promise<TestAnswer> {
  const deframer = new Deframer();
  return new Promise((resolve, reject) => {
    socket.on('data', (segment) => deframer.push(segment as Buffer).forEach((message) => resolve(decodeAnswer(message))));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without an answer')));
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('a server answers over UDP and TCP', async (t) => {
  const port = await freePort();
  const { host } = worldWith(t, `.:${port} {\nanswer 192.0.2.1\n}`);
  await host.start();
  t.deepEqual((await askUdp(port)).data, ['192.0.2.1']);
  t.deepEqual((await askTcp(port)).data, ['192.0.2.1']);
});

test('blocks on one port share its sockets; each serves its zone', async (t) => {
  const port = await freePort();
  const { host, made } = worldWith(t, `example.org:${port} {\nanswer 192.0.2.1\n}\nexample.com:${port} {\nanswer 192.0.2.2\n}`);
  await host.start();
  t.deepEqual((await askUdp(port, 'www.example.org')).data, ['192.0.2.1']);
  t.deepEqual((await askUdp(port, 'www.example.com')).data, ['192.0.2.2']);
  t.is((await askUdp(port, 'www.example.net')).rcode, 'REFUSED');
  t.deepEqual(made, { udp: 1, tcp: 1 });
});

test('a reload hands its sockets over, open connections included, and closes what nobody wants', async (t) => {
  const [port, other] = [await freePort(), await freePort()];
  const world = worldWith(t, `.:${port} {\nanswer 192.0.2.1\n}\n.:${other} {\nanswer 192.0.2.9\n}`);
  await world.host.start();
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  world.corefile = `.:${port} {\nanswer 192.0.2.2\n}`;
  t.deepEqual((await world.host.reload()).errors, []);
  t.deepEqual((await askUdp(port)).data, ['192.0.2.2']);
  socket.write(frame(question()));
  t.deepEqual((await answersOn(socket)).data, ['192.0.2.2']);
  socket.destroy();
  await t.throwsAsync(askTcp(other), { code: 'ECONNREFUSED' });
  t.deepEqual(world.made, { udp: 2, tcp: 2 });
});

test('a port that is taken leaves the old configuration answering, and nothing open', async (t) => {
  const [port, taken] = [await freePort(), await freePort()];
  const blocker = net.createServer().listen(taken, '127.0.0.1');
  t.teardown(() => void blocker.close());
  await once(blocker, 'listening');
  const world = worldWith(t, `.:${port} {\nanswer 192.0.2.1\n}`);
  await world.host.start();
  world.corefile = `.:${port} {\nanswer 192.0.2.2\n}\n.:${taken} {\nanswer 192.0.2.2\n}`;
  const [error] = (await world.host.reload()).errors;
  t.is(error, `cannot listen on tcp 127.0.0.1:${taken}: the port is in use; stop the other server or choose another port`);
  t.deepEqual((await askUdp(port)).data, ['192.0.2.1']);
  const free = dgram.createSocket('udp4');
  free.bind(taken, '127.0.0.1');
  await once(free, 'listening');
  free.close();
  t.pass('the UDP socket of the port was let go');
});

test('an address that appears is served without a restart, and one that goes is not', async (t) => {
  const port = await freePort();
  const world = worldWith(t, `.:${port} {\nanswer 192.0.2.1\n}`);
  world.interfaces.clear();
  await world.host.start();
  t.is(world.made.udp, 0);
  world.interfaces.set('wg0', [loopback]);
  world.clock.advance(limits.interfaceWatchMs);
  await until(() => world.host.current?.generation === 2);
  t.deepEqual((await askUdp(port)).data, ['192.0.2.1']);
  world.clock.advance(10 * limits.interfaceWatchMs);
  world.interfaces.clear();
  world.clock.advance(limits.interfaceWatchMs);
  await until(() => world.host.current?.generation === 3);
  await until(() => world.clock.pending === 2);
  await t.throwsAsync(askTcp(port), { code: 'ECONNREFUSED' });
});

test('when an interface that is named disappears, its sockets stay for its return', async (t) => {
  const port = await freePort();
  const world = worldWith(t, `.:${port} {\nlisten lo\nanswer 192.0.2.1\n}`);
  await world.host.start();
  world.interfaces.clear();
  world.clock.advance(10 * limits.interfaceWatchMs);
  t.deepEqual((await askUdp(port)).data, ['192.0.2.1']);
  t.is(world.host.current!.generation, 1);
});

test('a look at the interfaces changes nothing that others read', async (t) => {
  const port = await freePort();
  const world = worldWith(t, `.:${port} {\nlisten lo\nanswer 192.0.2.1\n}`);
  await world.host.start();
  const endpoints = (): number => (world.host.current!.blocks[0] as unknown as { readonly endpoints: readonly unknown[] }).endpoints.length;
  t.is(endpoints(), 1);
  world.interfaces.clear();
  world.clock.advance(limits.interfaceWatchMs);
  t.is(endpoints(), 1);
});

test('a stop answers what is under way, takes no more, and leaves no timer', async (t) => {
  const port = await freePort();
  const world = worldWith(t, `.:${port} {\nslow\n}`);
  await world.host.start();
  const asked = askTcp(port);
  await until(() => world.waiting.length === 1);
  const stopped = world.host.stop();
  await until(() => world.host.current === undefined);
  world.waiting[0]!();
  t.deepEqual((await asked).data, ['127.0.0.1']);
  world.clock.advance(20);
  await stopped;
  await t.throwsAsync(askTcp(port), { code: 'ECONNREFUSED' });
  world.server.close();
  t.is(world.clock.pending, 0);
});

test('a reload lets the old generation finish what it has begun', async (t) => {
  const port = await freePort();
  const world = worldWith(t, `.:${port} {\nslow\n}`);
  await world.host.start();
  const asked = askUdp(port);
  await until(() => world.waiting.length === 1);
  world.corefile = `.:${port} {\nanswer 192.0.2.2\n}`;
  const reloaded = world.host.reload();
  await until(() => world.host.current?.generation === 2);
  t.deepEqual((await askUdp(port)).data, ['192.0.2.2']);
  world.waiting[0]!();
  t.deepEqual((await asked).data, ['127.0.0.1']);
  world.clock.advance(20);
  t.is((await reloaded).generation, 2);
});

test('a name that is no DNS address is a mistake of the Corefile', async (t) => {
  const { host } = worldWith(t, 'example..org {\n}\nfine {\n}\nfine {\n}');
  await t.throwsAsync(host.check(), { name: 'ConfigError', message: /Corefile:1:1: .*\n?/ });
});

test('one zone on one port of one address is served by one block; both places are named', async (t) => {
  const served = async (corefile: string): Promise<string> => {
    const error = await t.throwsAsync(worldWith(t, corefile).host.check(), { name: 'ConfigError' });
    return error?.message ?? '';
  };
  t.is(await served('example.org {\nlisten 127.0.0.1\n}\nexample.com EXAMPLE.org. {\nlisten 127.0.0.1\n}'),
    "Corefile:4:13: 'EXAMPLE.org.' is served already, by the block at Corefile:1:1, on the same address");
  t.regex(await served('10.0.0.0/23 {\nlisten 127.0.0.1\n}\n0.0.10.in-addr.arpa {\nlisten 127.0.0.1\n}'), /^Corefile:4:1: .* by the block at Corefile:1:1/);
  t.regex(await served('example.org, example.org {\nlisten 127.0.0.1\n}'), /^Corefile:1:14: /);
  await t.notThrowsAsync(worldWith(t, 'example.org {\nlisten 127.0.0.1\n}\nexample.org:54 {\nlisten 127.0.0.1\n}').host.check());
});
