import test from 'ava';
import { systemRuntime } from '../../core/runtime.js';
import { FakeEtcd } from '../../testing/etcd.js';
import { TestClock } from '../../testing/index.js';
import { Etcd, EtcdRefusal } from './etcd.js';

const { sockets } = systemRuntime();

async function withEtcd(body: (etcd: Etcd, fake: FakeEtcd, clock: TestClock) => Promise<void>, more: readonly URL[] = []): Promise<void> {
  const clock = new TestClock();
  const fake = await FakeEtcd.start(clock);
  try {
    await body(new Etcd({ urls: [...more, fake.url], runtime: { clock, sockets }, timeoutMs: 1000 }), fake, clock);
  } finally {
    await fake.stop();
  }
}

const far = Infinity;

test('a key is made once, goes with its lease, and its revision only grows', async (t) => {
  await withEtcd(async (etcd, fake, clock) => {
    const { lease, ttlMs, sentAt } = await etcd.grant(5, far);
    t.deepEqual([ttlMs, sentAt], [5000, clock.now()]);
    const made = await etcd.create('k', 'a', lease, far);
    t.is(made.value, 'a');
    const other = await etcd.grant(5, far);
    t.deepEqual(await etcd.create('k', 'b', other.lease, far), made);
    t.deepEqual(await etcd.read('k', far), made);
    clock.advance(4000);
    t.is((await etcd.keepAlive(other.lease, far)).ttlMs, 5000);
    clock.advance(1000);
    t.is((await etcd.keepAlive(lease, far)).ttlMs, 0, 'it was not renewed');
    t.is(await etcd.read('k', far), undefined);
    t.true((await etcd.create('k', 'b', other.lease, far)).createRevision > made.createRevision);
    await etcd.revoke(other.lease, far);
    await etcd.revoke(other.lease, far);
    t.is(fake.holderOf('k'), undefined);
  });
});

test('a call that was carried out, and whose answer was lost, may be repeated', async (t) => {
  await withEtcd(async (etcd, fake, clock) => {
    const { lease } = await etcd.grant(5, far);
    fake.fate = () => 'loses its answer';
    const lost = etcd.create('k', 'a', lease, clock.now() + 1000);
    while (!fake.calls.includes('kv/txn')) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1000);
    await t.throwsAsync(lost, { message: /kv\/txn: .*no answer within 1000 ms/ });
    fake.fate = () => 'works';
    t.like(await etcd.create('k', 'a', lease, far), { value: 'a', lease });
  });
});

test('an endpoint that does not answer is passed over, and asked last from then on', async (t) => {
  const closed = new URL('http://127.0.0.1:1/');
  await withEtcd(async (etcd) => {
    t.is((await etcd.grant(5, far)).ttlMs, 5000);
    t.is(await etcd.read('k', far), undefined);
  }, [closed]);
});

test('what etcd refuses, no other endpoint is asked for; what it can not do now, another is', async (t) => {
  await withEtcd(async (etcd, fake) => {
    await t.throwsAsync(etcd.create('k', 'a', '12', far), { instanceOf: EtcdRefusal, message: /lease not found/ });
    fake.fate = () => 'has no leader';
    const error = await t.throwsAsync(etcd.read('k', far), { message: /no leader/ });
    t.false(error instanceof EtcdRefusal);
  });
});

test('no call begins after its deadline', async (t) => {
  await withEtcd(async (etcd, fake, clock) => {
    await t.throwsAsync(etcd.read('k', clock.now()), { message: /no time left/ });
    t.deepEqual(fake.calls, []);
  });
});
