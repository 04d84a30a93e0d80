import test from 'ava';
import { live, peerOf, Site, timing } from './testing.js';

/** A replica that sees others. */
function replica(name: string, options = {}): Site {
  const site = new Site(name, options);
  site.waitWith(2000, peerOf(site, 'a', { status: 'Online', claim: true, epoch: 1 }), peerOf(site, 'b', { ready: true }), peerOf(site, 'c', { ready: true }));
  return site;
}

test('when the holder goes silent the next one takes it over, with a higher epoch, and the first yields when it is back', (t) => {
  const [a, b, c] = ['a', 'b', 'c'].map((site) => new Site(site)) as [Site, Site, Site];
  live(10_000, a, b, c);
  live(10_000, b, c);
  t.deepEqual([b.status, c.status], ['Online', 'Replica']);
  t.true(b.vpn.epoch > a.vpn.epoch);
  live(10_000, a, b, c);
  t.deepEqual([a, b, c].map(({ status }) => status), ['Replica', 'Online', 'Replica']);
  t.deepEqual(a.done.slice(-2), ['removeRoute', 'stop']);
});

test('two neighbours down: the third takes over, and after the last comes the first', (t) => {
  const [a, b, c] = ['a', 'b', 'c'].map((site) => new Site(site)) as [Site, Site, Site];
  live(10_000, a, b, c);
  live(10_000, b, c);
  live(10_000, c);
  t.is(c.status, 'Online');
  live(10_000, a, c);
  c.command('set_offline');
  live(5000, a, c);
  t.is(a.status, 'Online');
});

test('an idle replica that goes away changes nothing', (t) => {
  const [a, b, c] = ['a', 'b', 'c'].map((site) => new Site(site)) as [Site, Site, Site];
  live(10_000, a, b, c);
  live(20_000, a, c);
  t.deepEqual([a.status, c.status], ['Online', 'Replica']);
  t.false(c.done.includes('start'));
  t.is(b.status, 'Replica');
});

test('it is not our turn while one that comes before us is ready; but its turn does not last for ever', (t) => {
  const c = replica('c');
  const a = peerOf(c, 'a', { status: 'Offline', epoch: 2 });
  const b = peerOf(c, 'b', { ready: true, epoch: 2 });
  c.waitWith(timing.aliveMs - 1000, a, b);
  t.is(c.status, 'Replica');
  c.waitWith(2500, a, b);
  t.is(c.status, 'Online');
});

test('one that failed comes after one that did not, and its turn comes when its pause is over', (t) => {
  const b = replica('b');
  b.waitWith(1000, peerOf(b, 'a', { status: 'Failed', ready: true, epoch: 2 }), peerOf(b, 'c', { ready: true, epoch: 2 }));
  t.is(b.status, 'Online');
  b.failing.add('check');
  b.waitWith(8000, peerOf(b, 'a', { status: 'Replica', ready: true, epoch: 3 }));
  t.is(b.status, 'Failed');
  b.failing.delete('check');
  const nobody = [peerOf(b, 'a', { status: 'Failed', epoch: 4 }), peerOf(b, 'c', { status: 'Failed', epoch: 4 })];
  b.waitWith(timing.backoffMs, ...nobody);
  t.is(b.status, 'Failed');
  b.waitWith(timing.backoffMs + 2000, ...nobody);
  t.is(b.status, 'Online');
});

test('Failed ends when another site has been Online for long enough: to Replica, or by replica_mode Offline', (t) => {
  for (const [replicaMode, status] of [['Auto', 'Replica'], ['Manual', 'Offline']] as const) {
    const a = new Site('a', { replicaMode }).alone();
    a.wait(1500);
    const ready = peerOf(a, 'b', { ready: true });
    a.waitWith(1000, ready);
    a.failing.add('check');
    a.waitWith(8000, ready);
    t.is(a.status, 'Failed');
    const online = peerOf(a, 'b', { status: 'Online', claim: true, epoch: 9 });
    a.waitWith(timing.failedStatusMs - 1000, online);
    t.is(a.status, 'Failed');
    a.waitWith(2000, online);
    t.is(a.status, status);
  }
});

test('nobody takes what somebody claims, be it Online, on its way up, stuck, or just starting', (t) => {
  for (const saying of [
    { status: 'Online', claim: true }, { status: 'Pending', claim: true }, { status: 'Online', claim: true, stuck: true, leaving: true },
    { site: 'Pending', status: 'Pending', claim: true },
  ] as const) {
    const b = replica('b');
    b.waitWith(20_000, peerOf(b, 'a', { ...saying, epoch: 2 }));
    t.is(b.status, 'Replica');
  }
});

test('of two that are Online the one with the higher epoch keeps it, then the priority', (t) => {
  for (const [name, epoch, status] of [['b', 9, 'Replica'], ['b', 1, 'Online'], ['b', 0, 'Online']] as const) {
    const a = new Site('a').alone();
    a.wait(1500);
    a.waitWith(1500, peerOf(a, name, { status: 'Online', claim: true, epoch }));
    t.is(a.status, status, `${name} ${epoch}`);
  }
  const b = new Site('b').alone();
  b.wait(7000);
  t.is(b.status, 'Online');
  b.waitWith(1500, peerOf(b, 'a', { status: 'Online', claim: true, epoch: b.vpn.epoch }));
  t.is(b.status, 'Replica');
});

test('whoever serves does not give way to one that only wants to, nor to one on its way down', (t) => {
  const a = new Site('a').alone();
  a.wait(1500);
  a.waitWith(2000, peerOf(a, 'b', { status: 'Pending', claim: true, epoch: 9 }));
  t.is(a.status, 'Online');
  a.waitWith(2000, peerOf(a, 'c', { status: 'Online', claim: true, leaving: true, epoch: 9 }));
  t.is(a.status, 'Online');
});

test('whoever only wants to gives way to one that serves', (t) => {
  const a = new Site('a');
  a.holding.add('start');
  a.alone().wait(500);
  t.is(a.vpn.phase, 'starting');
  a.waitWith(500, peerOf(a, 'b', { status: 'Online', claim: true, epoch: 0 }));
  t.is(a.status, 'Replica');
});
