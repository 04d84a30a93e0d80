import test from 'ava';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '../../core/runtime.js';
import { TestClock } from '../../testing/index.js';
import { Guard } from './guard.js';
import type { CommandLine } from '../hooks.js';
import { lineOf, readLines, type Order, type Report } from './protocol.js';

const plan = { route: { commands: [['withdraw', 'v']] }, session: { commands: [['stop', 'v']] }, timeoutMs: 1000 };

/** A wall clock that can leap: what a suspend looks like. */
class LeapingClock extends TestClock {
  leapMs = 0;
  override wall(): number {
    return super.wall() + this.leapMs;
  }
}

/** A guard on a clock of its own, and a daemon that says what the test says. */
class World {
  readonly clock = new LeapingClock();
  readonly ran: string[] = [];
  readonly failing = new Set<string>();
  readonly prints = new Map<string, string>();
  readonly reports: Report[] = [];
  readonly path: string;
  readonly guard: Guard;
  #heard: () => void = () => undefined;

  constructor(directory: string) {
    this.path = join(directory, 'guard.sock');
    this.guard = new Guard({
      path: this.path, runtime: { clock: this.clock, sockets: systemRuntime().sockets }, log: () => undefined,
      run: (command: CommandLine) => {
        this.ran.push(command.join(' '));
        return Promise.resolve({ ok: !this.failing.has(command[0]!), output: this.prints.get(command[0]!) ?? '' });
      },
    });
  }

  async daemon(): Promise<Socket> {
    const socket = connect({ path: this.path });
    socket.setEncoding('utf8');
    const take = readLines<Report>((report) => {
      this.reports.push(report);
      this.#heard();
    });
    socket.on('data', take);
    await this.until(() => this.reports.at(-1)?.type === 'hello');
    return socket;
  }

  async say(socket: Socket, order: Order): Promise<void> {
    socket.write(lineOf(order));
    if (order.type === 'watch') await this.until(() => this.reports.some((report) => report.type === 'watching' && report.until === order.until));
  }

  /** Waits for what the guard says. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#heard = resolve));
  }

  /** Lets time pass in small steps, with everything that comes of it. */
  async wait(ms: number): Promise<void> {
    for (let waited = 0; waited < ms; waited += 100) {
      this.clock.advance(100);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  }
}

async function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'guard-'));
  const world = new World(directory);
  try {
    await world.guard.start();
    await body(world);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Lets time pass until the guard has ended by itself. */
async function end(world: World, ...daemons: Socket[]): Promise<void> {
  for (const daemon of daemons) daemon.end();
  let hasEnded = false;
  void world.guard.ended.then(() => (hasEnded = true));
  while (!hasEnded) {
    await new Promise((resolve) => setImmediate(resolve));
    world.clock.advance(100);
  }
}

test('withdraws the route and then stops the session of a VPN whose moment has come', async (t) => {
  await inWorld(async (world) => {
    const daemon = await world.daemon();
    await world.say(daemon, { type: 'watch', vpn: 'v', until: world.clock.now() + 1000, plan });
    await world.wait(900);
    t.deepEqual(world.ran, []);
    await world.wait(200);
    t.deepEqual(world.ran, ['withdraw v', 'stop v']);
    await world.until(() => world.reports.some(({ type }) => type === 'acting'));
    await end(world, daemon);
  });
});

test('does nothing while it is fed, and nothing after a release', async (t) => {
  await inWorld(async (world) => {
    const daemon = await world.daemon();
    for (let i = 0; i < 5; i++) {
      await world.say(daemon, { type: 'watch', vpn: 'v', until: world.clock.now() + 1000, plan });
      await world.wait(800);
    }
    await world.say(daemon, { type: 'release', vpn: 'v' });
    // Orders are taken in their order: when this one is confirmed, the release has been taken.
    await world.say(daemon, { type: 'watch', vpn: 'other', until: world.clock.now() + 900_000, plan });
    await world.wait(2000);
    t.deepEqual(world.ran, []);
    await world.say(daemon, { type: 'release', vpn: 'other' });
    await end(world, daemon);
  });
});

test('goes on without the daemon, and tells the next one what it watches', async (t) => {
  await inWorld(async (world) => {
    const first = await world.daemon();
    const until = world.clock.now() + 3000;
    await world.say(first, { type: 'watch', vpn: 'v', until, plan });
    first.destroy();
    world.reports.length = 0;
    const second = await world.daemon();
    t.deepEqual(world.reports, [{ type: 'hello', watching: ['v'] }]);
    await world.say(second, { type: 'watch', vpn: 'v', until: until + 2000, plan });
    await world.wait(4000);
    t.deepEqual(world.ran, []);
    second.destroy();
    await world.wait(1200);
    t.deepEqual(world.ran, ['withdraw v', 'stop v']);
    await end(world);
  });
});

test('tries again what has failed, and stops the session even if the route stays', async (t) => {
  await inWorld(async (world) => {
    world.failing.add('withdraw');
    const daemon = await world.daemon();
    await world.say(daemon, { type: 'watch', vpn: 'v', until: world.clock.now(), plan });
    await world.wait(100);
    t.deepEqual(world.ran, ['withdraw v', 'stop v']);
    world.failing.clear();
    await world.wait(2000);
    t.deepEqual(world.ran, ['withdraw v', 'stop v', 'withdraw v', 'stop v']);
    await end(world, daemon);
  });
});

test('believes what it can see, not what a command says of itself', async (t) => {
  await inWorld(async (world) => {
    const still = { command: ['show', 'v'], pattern: '^route v' };
    world.failing.add('withdraw').add('probe');
    world.prints.set('show', 'route u\nroute v\n');
    const daemon = await world.daemon();
    const session = { commands: [], still: { command: ['probe'], pattern: '', absenceFails: true } };
    await world.say(daemon, { type: 'watch', vpn: 'v', until: world.clock.now(), plan: { ...plan, route: { commands: [['withdraw', 'v']], still }, session } });
    await world.wait(100);
    t.deepEqual(world.ran, ['withdraw v', 'show v', 'probe']);
    world.prints.set('show', 'route u\n');
    await world.wait(1200);
    t.is(world.ran.length, 6, 'the route was still there');
    await world.wait(5000);
    t.is(world.ran.length, 6, 'and now it is not, though its command failed again');
    await end(world, daemon);
  });
});

test('takes a wall clock that leaps ahead for a suspend, in which every moment has passed', async (t) => {
  await inWorld(async (world) => {
    const daemon = await world.daemon();
    await world.say(daemon, { type: 'watch', vpn: 'v', until: world.clock.now() + 60_000, plan });
    world.clock.leapMs = -60_000;
    await world.wait(200);
    t.deepEqual(world.ran, [], 'a wall clock that goes back is none');
    world.clock.leapMs = 0;
    await world.wait(200);
    t.deepEqual(world.ran, ['withdraw v', 'stop v']);
    await end(world, daemon);
  });
});

test('ends the connection of whoever speaks no sense', async (t) => {
  await inWorld(async (world) => {
    const daemon = await world.daemon();
    daemon.write('{"type":\n');
    await once(daemon, 'close');
    t.pass();
    await end(world);
  });
});

test('does not take the place of another guard', async (t) => {
  await inWorld(async (world) => {
    const second = new Guard({
      path: world.path, runtime: { clock: world.clock, sockets: systemRuntime().sockets }, log: () => undefined,
      run: () => Promise.resolve({ ok: true, output: '' }),
    });
    await t.throwsAsync(second.start(), { message: /EADDRINUSE/ });
    await end(world);
  });
});
