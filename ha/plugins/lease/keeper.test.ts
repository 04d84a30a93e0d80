import test, { type ExecutionContext } from 'ava';
import { createLogger } from '../../../core/log.js';
import { systemRuntime } from '../../../core/runtime.js';
import { FakeEtcd } from '../../../testing/etcd.js';
import { TestClock } from '../../../testing/index.js';
import { Etcd } from '../../etcd/etcd.js';
import { LeaseKeeper, type Acquired } from './keeper.js';

const { sockets } = systemRuntime();
const ttlMs = 5000;
const stopBudgetMs = 1500;
const plan = { route: { commands: [] }, session: { commands: [] }, timeoutMs: 1000 };

/** Some sites and one etcd; each site has a guard that writes down until when it was told to wait. */
class World {
  readonly clock: TestClock;
  readonly etcd: FakeEtcd;
  readonly guarded = new Map<string, number>();
  confirms = true;

  constructor(clock: TestClock, etcd: FakeEtcd) {
    this.clock = clock;
    this.etcd = etcd;
  }

  site(site: string): LeaseKeeper {
    return new LeaseKeeper({
      site, clock: this.clock, prefix: '/dynvpn/', ttlSeconds: ttlMs / 1000, stopBudgetMs, planOf: () => plan,
      log: createLogger(() => undefined, this.clock),
      etcd: new Etcd({ urls: [this.etcd.url], runtime: { clock: this.clock, sockets }, timeoutMs: 1000 }),
      guard: {
        isReady: true,
        watch: (vpn, until) => {
          this.guarded.set(`${site} ${vpn}`, until);
          return this.confirms ? Promise.resolve() : new Promise(() => undefined);
        },
        release: (vpn) => void this.guarded.delete(`${site} ${vpn}`),
      },
    });
  }

  acquire(keeper: LeaseKeeper, withinMs = 2000): Promise<Acquired> {
    return keeper.acquire('v', this.clock.now() + withinMs, new AbortController().signal);
  }

  /** Lets time pass until a promise is settled. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => void (isSettled = true);
    void promise.then(settled, settled);
    while (!isSettled) {
      // Sockets take turns of the event loop, not time of this clock: it runs slowly against them.
      for (let turn = 0; turn < 20 && !isSettled; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (!isSettled) this.clock.advance(50);
    }
    return promise;
  }

  get holder(): string | undefined {
    return this.etcd.holderOf('/dynvpn/v');
  }
}

async function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  const clock = new TestClock();
  const etcd = await FakeEtcd.start(clock);
  try {
    await body(new World(clock, etcd));
  } finally {
    await etcd.stop();
  }
}

function leaseOf(t: ExecutionContext, acquired: Acquired): { readonly token: number; readonly validUntil: number } {
  if (!('lease' in acquired)) return t.fail(acquired.refused) as never;
  return acquired.lease;
}

test('one site at a time holds a lease, counted from when it was asked for and a little less', async (t) => {
  await inWorld(async (world) => {
    const [a, b] = [world.site('a'), world.site('b')];
    const before = world.clock.now();
    const first = leaseOf(t, await world.acquire(a));
    t.is(first.validUntil, before + ttlMs * 0.98);
    t.is(world.guarded.get('a v'), first.validUntil - stopBudgetMs / 2);
    t.deepEqual(await world.acquire(b), { refused: 'a has its lease' });
    t.false(world.guarded.has('b v'));
    await a.release('v', first.token);
    t.is(world.holder, undefined);
    t.false(world.guarded.has('a v'));
    const second = leaseOf(t, await world.acquire(b));
    t.true(second.token > first.token);
  });
});

test('a renewal moves the end, and the guard with it', async (t) => {
  await inWorld(async (world) => {
    const a = world.site('a');
    const { token } = leaseOf(t, await world.acquire(a));
    world.clock.advance(2000);
    const validUntil = world.clock.now() + ttlMs * 0.98;
    t.deepEqual(await a.renew('v', token), { lease: { token, validUntil } });
    t.is(world.guarded.get('a v'), validUntil - stopBudgetMs / 2);
  });
});

test('what needs the lease may begin until its stop budget', async (t) => {
  await inWorld(async (world) => {
    const a = world.site('a');
    t.false(a.isSafe('v'));
    await world.acquire(a);
    t.true(a.isSafe('v'));
    world.clock.advance(ttlMs * 0.98 - stopBudgetMs - 1);
    t.true(a.isSafe('v'));
    world.clock.advance(1);
    t.false(a.isSafe('v'));
  });
});

test('a lease that has ended, or whose key was deleted, is lost', async (t) => {
  await inWorld(async (world) => {
    const a = world.site('a');
    const { token } = leaseOf(t, await world.acquire(a));
    world.clock.advance(ttlMs);
    t.deepEqual(await a.renew('v', token), { lost: 'its lease has ended' });
    const again = leaseOf(t, await world.acquire(a));
    world.etcd.keys.clear();
    t.deepEqual(await a.renew('v', again.token), { lost: 'its key in etcd is gone' });
    t.deepEqual(await a.renew('v', again.token), { lost: 'its lease is not ours any more' });
  });
});

test('while etcd does not answer nothing is known, and the old end counts', async (t) => {
  await inWorld(async (world) => {
    const a = world.site('a');
    const { token, validUntil } = leaseOf(t, await world.acquire(a));
    world.etcd.fate = () => 'is lost';
    t.is(await world.settle(a.renew('v', token)), undefined);
    t.is(world.guarded.get('a v'), validUntil - stopBudgetMs / 2);
    world.etcd.fate = () => 'works';
    t.like(await a.renew('v', token), { lease: { token } });
  });
});

test('a key that was made though the answer was lost is found', async (t) => {
  await inWorld(async (world) => {
    const a = world.site('a');
    let lost = 0;
    world.etcd.fate = (path) => (path === 'kv/txn' && lost++ === 0 ? 'loses its answer' : 'works');
    t.true('lease' in (await world.settle(world.acquire(a, 3000))));
    t.is(world.holder, 'a');
  });
});

test('a lease that comes too late is given back', async (t) => {
  await inWorld(async (world) => {
    const a = world.site('a');
    // From the making of the key on nothing is heard of it.
    world.etcd.fate = (path) => (world.etcd.calls.includes('kv/txn') && path !== 'lease/revoke' ? 'loses its answer' : 'works');
    await t.throwsAsync(world.settle(world.acquire(a)));
    world.etcd.fate = () => 'works';
    while (world.etcd.leases.size > 0) await new Promise((resolve) => setImmediate(resolve));
    t.is(world.holder, undefined);
  });
});

test('without the word of the guard there is no lease', async (t) => {
  await inWorld(async (world) => {
    world.confirms = false;
    t.deepEqual(await world.settle(world.acquire(world.site('a'))), { refused: 'the guard has not answered' });
    while (world.etcd.leases.size > 0) await new Promise((resolve) => setImmediate(resolve));
    t.is(world.holder, undefined);
  });
});

test('the next daemon of a site takes over what the last one held', async (t) => {
  await inWorld(async (world) => {
    const first = leaseOf(t, await world.acquire(world.site('a')));
    world.clock.advance(3000);
    const next = world.site('a');
    const second = leaseOf(t, await world.acquire(next));
    t.is(second.token, first.token);
    t.true(second.validUntil > first.validUntil);
  });
});

test('it is kept alive until the machine has made up its mind, and then given up', async (t) => {
  await inWorld(async (world) => {
    const first = leaseOf(t, await world.acquire(world.site('a')));
    const next = world.site('a');
    const bridge = next.bridge('v');
    const until = world.clock.now() + 2 * ttlMs;
    while (world.clock.now() < until) await world.settle(new Promise<void>((resolve) => void world.clock.after(500, resolve)));
    t.is(world.holder, 'a');
    t.is(leaseOf(t, await world.settle(world.acquire(next))).token, first.token);
    await world.settle(bridge);
    const third = world.site('a');
    await world.settle(third.bridge('v'));
    world.clock.advance(ttlMs);
    t.is(world.holder, undefined);
  });
});

test('what the guard has ended is lost, whatever etcd says', async (t) => {
  await inWorld(async (world) => {
    const a = world.site('a');
    const { token } = leaseOf(t, await world.acquire(a));
    a.lose('v');
    t.false(a.isSafe('v'));
    t.like(await a.renew('v', token), { lost: 'its lease is not ours any more' });
    await a.release('v', token);
    t.is(world.holder, undefined, 'once everything is down it is given back');
  });
});

test('what is done about a lease is done in its order', async (t) => {
  await inWorld(async (world) => {
    const a = world.site('a');
    const { token } = leaseOf(t, await world.acquire(a));
    const [, again] = await Promise.all([a.release('v', token), world.acquire(a)]);
    t.true(leaseOf(t, again).token > token);
    t.is(world.holder, 'a');
  });
});
