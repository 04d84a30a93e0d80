import test from 'ava';
import { live, peerOf, Site, timing } from './testing.js';

/** A site that has it, and forgets what it did to get it. */
function holder(): Site {
  const a = new Site('a').alone();
  a.wait(1500);
  a.done.length = a.effects.length = 0;
  return a;
}

test('no route before a session is proven', (t) => {
  const a = new Site('a');
  a.failing.add('check');
  a.alone().wait(3000);
  t.is(a.vpn.phase, 'proving');
  t.false(a.done.includes('addRoute'));
  a.failing.delete('check');
  a.wait(1000);
  t.is(a.status, 'Online');
});

test('a session that does not prove itself in time is stopped and started again', (t) => {
  const a = new Site('a');
  a.failing.add('check');
  a.alone().wait(timing.proveTimeoutMs + 1000);
  t.deepEqual(a.done.filter((work) => work !== 'check'), ['probe', 'removeRoute', 'stop', 'start', 'removeRoute', 'stop', 'start']);
});

test('while Online it is checked, with its route read back', (t) => {
  const a = holder();
  a.wait(3000);
  const checks = a.take('work');
  t.true(checks.length >= 2);
  t.true(checks.every((work) => work.do === 'check' && work.route));
});

test('a failed check counts after its retries; then the session is restarted, and the VPN is Pending meanwhile', (t) => {
  const a = new Site('a', { timing: { ...timing, checkRetries: 2 } }).alone();
  a.wait(1500);
  a.holding.add('check');
  a.wait(1500);
  a.done.length = 0;
  a.answer(false);
  t.is(a.status, 'Online');
  a.wait(600);
  a.holding.add('start');
  a.answer(false);
  t.is(a.status, 'Pending');
  t.deepEqual(a.done.filter((work) => work !== 'check'), ['removeRoute', 'stop', 'start']);
});

test('when its restarts are used up and another site is ready it has failed', (t) => {
  const a = holder();
  const b = peerOf(a, 'b', { ready: true });
  a.waitWith(1000, b);
  a.failing.add('check');
  a.waitWith(20_000, b);
  t.is(a.status, 'Failed');
  t.is(a.done.filter((work) => work === 'start').length, timing.failureRetries);
  t.false(a.says().claim);
});

test('without another site tries do not end, with longer and longer pauses; until another one is ready', (t) => {
  const a = holder();
  a.failing.add('start');
  a.failing.add('check');
  a.wait(120_000);
  t.is(a.status, 'Pending');
  const starts = a.done.filter((work) => work === 'start').length;
  t.true(starts >= 3 && starts <= 6, `${starts}`);
  a.waitWith(1000, peerOf(a, 'b', { ready: true }));
  t.is(a.status, 'Failed');
});

test('a start that fails is followed by a stop before the next', (t) => {
  const a = new Site('a');
  a.failing.add('start');
  a.alone().wait(1000);
  t.deepEqual(a.done, ['probe', 'removeRoute', 'stop', 'start', 'stop', 'start', 'stop']);
});

test('on the way down the route goes first, and only when it is gone the session', (t) => {
  const a = holder();
  a.holding.add('removeRoute');
  a.command('set_offline');
  t.deepEqual(a.done, ['removeRoute']);
  t.is(a.status, 'Online');
  a.answer(true);
  t.deepEqual(a.done, ['removeRoute', 'stop']);
  t.is(a.status, 'Offline');
});

test('a stop that fails is not a stop: the claim stays, it says so, and it is tried again from the route on', (t) => {
  const a = holder();
  a.failing.add('stop');
  a.command('set_replica');
  t.is(a.vpn.phase, 'stuck');
  t.like(a.says(), { status: 'Online', claim: true, stuck: true, leaving: true });
  t.is(a.take('log').filter(({ level }) => level === 'error').length, 1);
  a.failing.delete('stop');
  a.done.length = 0;
  a.wait(timing.backoffMs + 100);
  t.deepEqual(a.done.slice(0, 2), ['removeRoute', 'stop']);
  t.false(a.says().stuck);
});

test('a route that does not go away keeps its session', (t) => {
  const a = holder();
  a.failing.add('removeRoute');
  a.command('set_offline');
  a.wait(30_000);
  t.is(a.status, 'Online');
  t.false(a.done.includes('stop'));
});

test('a start that is called off is ended and waited for', (t) => {
  const a = new Site('a');
  a.holding.add('start');
  a.alone().wait(500);
  a.done.length = a.effects.length = 0;
  a.command('set_offline');
  t.is(a.take('abort').length, 1);
  t.deepEqual(a.done, ['stop']);
  t.is(a.status, 'Offline');
});

test('a driver that gives no result is told to end, and then not waited for', (t) => {
  const a = holder();
  a.holding.add('check');
  a.wait(1000 + timing.checkTimeoutMs + 1500);
  t.true(a.effects.some(({ type }) => type === 'abort'));
  t.is(a.status, 'Pending');
});

test('a late or unknown result changes nothing', (t) => {
  const a = holder();
  const { vpns } = a.state;
  for (const operation of [1, 999]) a.do({ type: 'result', vpn: 'v', operation, ok: false });
  a.do({ type: 'result', vpn: 'nobody', operation: 1, ok: false });
  t.deepEqual(a.state.vpns, vpns);
});

test('Online for long enough, earlier failures are forgotten', (t) => {
  const a = holder();
  a.failing.add('check');
  a.wait(1500);
  a.failing.delete('check');
  a.wait(5000);
  t.true(a.vpn.failures > 0);
  a.wait(timing.stableMs + 2000);
  t.is(a.vpn.failures, 0);
});

test('two sites with everything in order do nothing but check', (t) => {
  const sites = ['a', 'b'].map((site) => new Site(site, { sites: ['a', 'b'] }));
  live(5000, ...sites);
  for (const site of sites) site.done.length = 0;
  live(20_000, ...sites);
  t.deepEqual(sites.map(({ done }) => [...new Set(done)]), [['check'], []]);
});
