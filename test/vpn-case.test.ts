/**
 * The VPN case on loopback: each client is a VPN container with an address of its own, and the server must send its queries back to that
 * very address and nowhere else. Every upstream answers with a record that tells who it is, so an answer that crossed from one VPN to
 * another shows at once; and every upstream checks that it is only asked what its own client asked.
 */
import test, { type ExecutionContext } from 'ava';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import packet from 'dns-packet';
import { resolve } from 'node:path';
import { readConfiguration } from '../core/configuration.js';
import { createDnsHost } from '../core/dns.js';
import { createLogger } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import { systemRuntime } from '../core/runtime.js';
import { plugins } from '../plugins/index.js';
import { decodeAnswer, TestClock, type TestAnswer } from '../testing/index.js';
import { closedPort, startLoopbackUpstream, type LoopbackUpstream } from '../testing/upstream.js';

const vpns = [33, 34, 35, 36, 37, 38].map((last) => `127.0.0.${last}`);
const office = ['127.0.1.5', '127.0.1.6'];
const names = ['www.example.org', 'mail.example.org', 'cdn.example.net', 'deep.a.b.c.example.com'];
const ttl = 60;

/** What an upstream says to everybody: who it is. */
const recordOf = (upstream: string): string => upstream.replace(/^127/, '10');

/** A way out: an upstream, and the clients that are to leave by it. */
interface Exit {
  readonly upstream: LoopbackUpstream;
  /** Milliseconds that it takes to answer; real ones, to keep several questions in flight. */
  delayMs: number;
}

class World {
  readonly clock = new TestClock();
  readonly exits = new Map<string, Exit>();
  readonly clients = new Map<string, Socket>();
  readonly port: number;
  corefile = '';
  readonly host;
  readonly server;
  #id = 0;

  constructor(port: number) {
    this.port = port;
    const made = createDnsHost({
      name: 'vpndns', version: 'test', runtime: { ...systemRuntime(), clock: this.clock, env: {} }, log: createLogger(() => undefined, this.clock),
      metrics: new Metrics(), defaultPort: port, interfaces: () => new Map(),
      read: () => readConfiguration(plugins, { file: resolve('Corefile'), text: this.corefile, env: {} }),
    });
    this.host = made.host;
    this.server = made.server;
  }

  async addExit(address: string, port: number): Promise<void> {
    const exit: Exit = { delayMs: 0, upstream: undefined as never };
    const answer = { answers: [{ ttl, data: recordOf(address) }] };
    const upstream = await startLoopbackUpstream(async (query) => {
      if (exit.delayMs > 0) await new Promise((done) => setTimeout(done, exit.delayMs));
      return query.answer(answer);
    }, { address, port });
    this.exits.set(address, Object.assign(exit, { upstream }));
  }

  async addClient(address: string): Promise<void> {
    const socket = createSocket('udp4').bind(0, address).setMaxListeners(0);
    await once(socket, 'listening');
    this.clients.set(address, socket);
  }

  /** Asks over a real socket, from the client's own address. */
  ask(client: string, name: string): Promise<TestAnswer> {
    const socket = this.clients.get(client)!;
    const id = this.#id++ & 0xffff;
    const query = packet.encode({ type: 'query', id, flags: packet.RECURSION_DESIRED, questions: [{ name, type: 'A' }] });
    return new Promise((done) => {
      const receive = (bytes: Buffer): void => {
        if (bytes.readUInt16BE(0) !== id) return;
        socket.off('message', receive);
        done(decodeAnswer(bytes));
      };
      socket.on('message', receive);
      socket.send(query, this.port, '127.0.0.1');
    });
  }

  async close(): Promise<void> {
    await this.host.stop();
    this.server.close();
    for (const socket of this.clients.values()) socket.close();
    for (const { upstream } of this.exits.values()) await upstream.close();
  }
}

const corefileFor = (port: number, extra = ''): string => `. {
  bind 127.0.0.1
  cache {
    prefetch 2 10m 20%
    serve_stale 1h
    ${extra}
  }
  source-policy-forward {
    identity 127.0.0.32/27 port ${port}
    from 127.0.1.0/24 to 127.0.1.250:${port}
    match "^intranet\\." to 127.0.2.1:${port}
    max_fails 2
  }
}`;

async function createWorld(t: ExecutionContext): Promise<World> {
  const [listen, port] = [await closedPort(), await closedPort()];
  const world = new World(listen);
  t.teardown(() => world.close());
  world.corefile = corefileFor(port);
  for (const address of [...vpns, '127.0.1.250', '127.0.2.1']) await world.addExit(address, port);
  for (const address of [...vpns, ...office, '127.0.3.1']) await world.addClient(address);
  await world.host.start();
  return world;
}

/** The record that a client must get for a name, whatever happens. */
function expected(client: string, name: string): string {
  if (name.startsWith('intranet.')) return recordOf('127.0.2.1');
  return recordOf(office.includes(client) ? '127.0.1.250' : client);
}

/** Everybody asks everything at once; nobody may get anything but his own way's answer. */
async function round(t: ExecutionContext, world: World, asked: readonly string[] = [...names, 'intranet.example.org'], repeat = 3): Promise<void> {
  const questions = [...vpns, ...office].flatMap((client) => asked.flatMap((name) => Array<readonly [string, string]>(repeat).fill([client, name])));
  await Promise.all(questions.map(async ([client, name]) => {
    const answer = await world.ask(client, name);
    t.deepEqual(answer.data, [expected(client, name)], `${client} asked ${name}`);
  }));
}

// Only Linux has all of 127.0.0.0/8 on its loopback interface without being told.
const linux = (title: string, play: (t: ExecutionContext) => Promise<void>): void => {
  if (process.platform === 'linux') test(title, play);
  else test(title, (t) => t.pass('needs the addresses of 127.0.0.0/8'));
};

linux('no answer ever crosses from one VPN to another: cold, cached, coalesced, prefetched, stale, reloaded', async (t) => {
  const world = await createWorld(t);
  for (const exit of world.exits.values()) exit.delayMs = 5;

  await round(t, world);
  const sent = (): number => [...world.exits.values()].reduce((sum, { upstream }) => sum + upstream.received.length, 0);
  // 6 VPNs and the office ask 4 names each, and the intranet's name leaves once: equal questions of one way share one.
  t.is(sent(), 7 * names.length + 1);

  await round(t, world);
  t.is(sent(), 7 * names.length + 1, 'all from the cache');

  // In the last fifth of their lives, popular answers are refreshed, each by its own way.
  world.clock.advance(50_000);
  await round(t, world);
  while (sent() < 2 * (7 * names.length + 1)) await new Promise((done) => setTimeout(done, 5));
  t.is(sent(), 2 * (7 * names.length + 1));

  // Stale: answered at once from what each way said before.
  world.clock.advance(120_000);
  await round(t, world);

  // Reloads in the middle of it, with the policy unchanged and changed around it.
  const port = [...world.exits.values()][0]!.upstream.port;
  for (const extra of ['success 5000', '', 'keepttl']) {
    world.corefile = corefileFor(port, extra);
    const [report] = await Promise.all([world.host.reload(), round(t, world), round(t, world, ['fresh.example.org', ...names])]);
    t.deepEqual(report.errors, []);
    world.clock.advance(90_000);
  }

  // Nobody was asked what others asked: the ways of the VPNs got questions of their own clients only.
  for (const [address, { upstream }] of world.exits) {
    const peers = new Set(upstream.received.map(({ name }) => name));
    if (vpns.includes(address)) t.false(peers.has('intranet.example.org'), `${address} was asked for the intranet`);
    if (address === '127.0.2.1') t.deepEqual([...peers], ['intranet.example.org']);
  }
});

linux('a VPN that is down leaves its client without an answer, never with another’s', async (t) => {
  const world = await createWorld(t);
  await round(t, world, ['known.example.org']);
  const [down, ...up] = vpns as [string, ...string[]];
  await world.exits.get(down)!.upstream.close();
  const before = up.map((address) => world.exits.get(address)!.upstream.received.length);

  // Port unreachable: the answer is SERVFAIL, for a name that others' upstreams answer and even have in the cache.
  await Promise.all(up.map((client) => world.ask(client, 'new.example.org')));
  const answer = await world.ask(down, 'new.example.org');
  t.is(answer.rcode, 'SERVFAIL');
  t.deepEqual(answer.data, []);
  // What its own way said before is still its own, fresh and then stale.
  t.deepEqual((await world.ask(down, 'known.example.org')).data, [recordOf(down)]);
  world.clock.advance(600_000);
  t.deepEqual((await world.ask(down, 'known.example.org')).data, [recordOf(down)]);
  t.deepEqual(up.map((address) => world.exits.get(address)!.upstream.received.length), before.map((count) => count + 1));
});

linux('a client that no rule names is refused, and nobody is asked', async (t) => {
  const world = await createWorld(t);
  t.is((await world.ask('127.0.3.1', 'www.example.org')).rcode, 'REFUSED');
  t.true([...world.exits.values()].every(({ upstream }) => upstream.received.length === 0));
});

linux('a way out that a reload gives to others takes no old answers along', async (t) => {
  const world = await createWorld(t);
  await round(t, world, ['www.example.org'], 1);
  const port = [...world.exits.values()][0]!.upstream.port;
  // From now on the clients of the office leave by the first VPN: what its old way said must not be theirs any more.
  world.corefile = corefileFor(port).replace('to 127.0.1.250', `to ${vpns[0]}`);
  t.deepEqual((await world.host.reload()).errors, []);
  t.deepEqual((await world.ask(office[0]!, 'www.example.org')).data, [recordOf(vpns[0]!)]);
});
