import test from 'ava';
import { wakeAt } from './index.js';
import { peerOf, Site, timing } from './testing.js';

const lease = { agree: 'lease' } as const;

/** One that has it, and renews by the test's leave only. */
function holder(): Site {
  const a = new Site('a', lease).alone();
  a.wait(timing.stopBudgetMs + 1500);
  return a;
}

test('nothing starts without the lease, nor before its last holder has had the time to let go', (t) => {
  const a = new Site('a', lease);
  a.leaseMs = undefined;
  a.alone().wait(5000);
  t.false(a.done.includes('start'));
  a.leaseMs = 20_000;
  a.wait(timing.renewMs + 100);
  t.not(a.vpn.lease, undefined);
  t.false(a.done.includes('start'));
  a.wait(timing.stopBudgetMs + 1500);
  t.is(a.status, 'Online');
});

test('the token of the lease goes with the route', (t) => {
  const a = holder();
  t.is(a.take('work').find((work) => work.do === 'addRoute')?.token, a.vpn.lease!.token);
});

test('the lease is renewed in time, and a renewal prolongs it', (t) => {
  const a = holder();
  const { token, validUntil } = a.vpn.lease!;
  a.effects.length = 0;
  a.wait(timing.renewMs + 100);
  t.deepEqual(a.take('renewLease').map((effect) => effect.token), [token]);
  a.do({ type: 'result', vpn: 'v', operation: 0, ok: true, lease: { token, validUntil: validUntil + 5000 } });
  t.is(a.vpn.lease!.validUntil, validUntil + 5000);
  a.do({ type: 'result', vpn: 'v', operation: 0, ok: true, lease: { token: token + 1, validUntil: validUntil + 90_000 } });
  t.is(a.vpn.lease!.validUntil, validUntil + 5000);
});

test('who cannot renew begins to let go while there is time for it', (t) => {
  const a = holder();
  const { validUntil } = a.vpn.lease!;
  a.done.length = 0;
  while (a.status === 'Online') a.wait(100);
  t.true(a.now >= validUntil - timing.stopBudgetMs && a.now <= validUntil - timing.stopBudgetMs + 100);
  t.deepEqual(a.done.filter((work) => work !== 'check'), ['removeRoute', 'stop']);
  t.is(a.status, 'Replica');
  t.is(a.take('releaseLease').length, 1);
});

test('after a pause that was longer than the lease nothing goes on: not even what was under way', (t) => {
  const a = new Site('a', lease).alone();
  a.holding.add('check');
  a.wait(timing.stopBudgetMs + 1500);
  t.is(a.vpn.phase, 'proving');
  a.done.length = 0;
  a.now += 60_000;
  a.answer(true);
  t.deepEqual(a.done, ['removeRoute', 'stop']);
});

test('work that brings something up must end before the way down has to begin', (t) => {
  const a = new Site('a', lease);
  a.leaseMs = 4000;
  a.alone().wait(timing.stopBudgetMs + 300);
  const start = a.take('work').find((work) => work.do === 'start')!;
  t.true(start.deadline <= a.vpn.lease!.validUntil - timing.stopBudgetMs);
});

test('a lease that is lost, or may be, is the end', (t) => {
  for (const event of [{ type: 'leaseLost', vpn: 'v', reason: 'etcd says so' }, { type: 'suspended' }] as const) {
    const a = holder();
    a.do(event);
    t.is(a.status, 'Replica', event.type);
  }
});

test('news of the loss of an earlier lease changes nothing', (t) => {
  const a = holder();
  a.do({ type: 'leaseLost', vpn: 'v', token: a.vpn.lease!.token - 1, reason: 'etcd says so' });
  t.is(a.status, 'Online');
});

test('a lease that was lost is not had back by a late answer', (t) => {
  const a = holder();
  a.holding.add('removeRoute');
  const { token, validUntil } = a.vpn.lease!;
  a.do({ type: 'suspended' });
  a.command('set_online');
  a.do({ type: 'result', vpn: 'v', operation: 0, ok: true, lease: { token, validUntil: validUntil + 5000 } });
  a.done.length = 0;
  a.answer(true);
  t.deepEqual(a.done, ['stop', 'acquireLease']);
});

test('who is stuck keeps its lease', (t) => {
  const a = holder();
  a.failing.add('stop');
  a.command('set_offline');
  t.is(a.vpn.phase, 'stuck');
  a.effects.length = 0;
  a.wait(timing.renewMs + 100);
  t.is(a.take('renewLease').length, 1);
  t.not(a.vpn.lease, undefined);
});

test('who goes down in peace releases the lease when everything is gone', (t) => {
  const a = holder();
  a.holding.add('stop');
  a.effects.length = 0;
  a.command('set_replica');
  t.is(a.take('releaseLease').length, 0);
  a.answer(true);
  t.is(a.take('releaseLease').length, 1);
});

test('who is refused asks again, and steps aside when another one is ready', (t) => {
  const a = new Site('a', lease);
  a.leaseMs = undefined;
  a.alone();
  const b = peerOf(a, 'b', { ready: true });
  a.waitWith(timing.proveTimeoutMs - 1000, b);
  t.is(a.status, 'Pending');
  t.true(a.done.filter((work) => work === 'acquireLease').length > 1);
  a.waitWith(3000, b);
  t.is(a.status, 'Replica');
  t.false(a.says().ready);
});

test('a session that was found is kept with its lease, and ends without', (t) => {
  const kept = new Site('a', { ...lease, session: true, saved: { want: 'auto', epoch: 1 } }).alone();
  kept.wait(timing.stopBudgetMs + 1500);
  t.is(kept.status, 'Online');
  t.false(kept.done.includes('stop'));
  const lost = new Site('a', { ...lease, session: true, saved: { want: 'auto', epoch: 1 } });
  lost.leaseMs = undefined;
  lost.alone().wait(500);
  t.true(lost.done.includes('stop'));
});

test('an answer that comes when nobody wants the lease any more gives it back', (t) => {
  const a = new Site('a', lease);
  a.holding.add('acquireLease');
  a.alone().wait(500);
  const { id } = a.vpn.operation!;
  a.state = { ...a.state, vpns: a.state.vpns.map((vpn) => ({ ...vpn, destination: { kind: 'rest', status: 'Offline' } as const })) };
  a.effects.length = 0;
  a.do({ type: 'result', vpn: 'v', operation: id, ok: true, lease: { token: 7, validUntil: a.now + 9000 } });
  t.deepEqual(a.take('releaseLease').map(({ token }) => token), [7]);
});

test('a tick is asked for when the lease wants something', (t) => {
  const a = holder();
  const { vpn } = a;
  t.true(wakeAt(a.state) <= Math.min(vpn.renewAt, vpn.lease!.validUntil - timing.stopBudgetMs));
  t.true(wakeAt(a.state) > a.state.now);
});
