import test from 'ava';
import { live, peerOf, Site } from './testing.js';

const three = (): [Site, Site, Site] => {
  const sites = ['a', 'b', 'c'].map((site) => new Site(site)) as [Site, Site, Site];
  live(10_000, ...sites);
  return sites;
};

test('set_online takes it from whoever has it: the holder lets go, then it starts', (t) => {
  const [a, b, c] = three();
  a.holding.add('stop');
  c.command('set_online');
  live(1000, a, b, c);
  t.deepEqual([a.vpn.phase, c.vpn.phase], ['stopping', 'claiming']);
  t.false(c.done.includes('start'));
  a.answer(true);
  live(3000, a, b, c);
  t.deepEqual([a.status, b.status, c.status], ['Replica', 'Replica', 'Online']);
});

test('the later of two set_online wins', (t) => {
  const [a, b, c] = three();
  b.command('set_online');
  live(3000, a, b, c);
  c.command('set_online');
  live(3000, a, b, c);
  t.deepEqual([a.status, b.status, c.status], ['Replica', 'Replica', 'Online']);
  t.deepEqual([b.vpn.want, c.vpn.want], ['auto', 'online']);
});

test('set_online is obeyed though the epoch of the holder was not known', (t) => {
  const b = new Site('b');
  b.waitWith(2000, peerOf(b, 'a', { status: 'Online', claim: true, epoch: 1 }));
  b.command('set_online');
  const holder = peerOf(b, 'a', { status: 'Online', claim: true, epoch: 50 });
  b.waitWith(1000, holder);
  t.true(b.vpn.epoch > 50);
  t.is(b.vpn.phase, 'claiming');
});

test('set_online gives up when the holder is stuck', (t) => {
  const b = new Site('b');
  b.waitWith(4000, peerOf(b, 'a', { status: 'Online', claim: true, epoch: 1 }));
  b.command('set_online');
  b.waitWith(1000, peerOf(b, 'a', { status: 'Online', claim: true, stuck: true, leaving: true, epoch: 2 }));
  t.is(b.status, 'Replica');
});

test('set_offline is sticky: nothing but an administrator undoes it', (t) => {
  const [a, b, c] = three();
  a.command('set_offline');
  live(3000, a, b, c);
  t.deepEqual([a.status, b.status], ['Offline', 'Online']);
  live(60_000, a);
  t.is(a.status, 'Offline');
  a.do({ type: 'command', command: { name: 'set_replica_mode', mode: 'Auto' } });
  t.is(a.status, 'Offline');
  a.command('set_replica');
  t.not(a.status, 'Offline');
});

test('set_replica on the holder hands it on', (t) => {
  const [a, b, c] = three();
  a.command('set_replica');
  live(3000, a, b, c);
  t.deepEqual([a.status, b.status], ['Replica', 'Online']);
});

test('wishes and epochs are kept on disk when they change', (t) => {
  const a = new Site('a').alone();
  a.wait(2000);
  t.deepEqual(a.take('persist').map(({ saved }) => saved), [{ want: 'auto', epoch: 1 }]);
  a.command('set_offline');
  a.command('set_offline');
  t.deepEqual(a.take('persist').map(({ saved }) => saved), [{ want: 'offline', epoch: 1 }]);
});

test('restart restarts the session of one that is Online, and nothing else', (t) => {
  const [a, b] = three();
  a.done.length = b.done.length = 0;
  a.command('restart');
  a.wait(2000);
  t.deepEqual(a.done.slice(0, 5), ['removeRoute', 'stop', 'start', 'check', 'addRoute']);
  t.is(a.status, 'Online');
  b.command('restart');
  t.deepEqual(b.done, []);
});

test('set_online during the way down brings it back, without skipping any of it', (t) => {
  const [a] = three();
  a.holding.add('stop');
  a.done.length = 0;
  a.command('set_replica');
  a.command('set_online');
  t.is(a.status, 'Pending');
  a.holding.delete('stop');
  a.answer(true);
  a.wait(2000);
  t.deepEqual(a.done.slice(0, 5), ['removeRoute', 'stop', 'start', 'check', 'addRoute']);
  t.is(a.status, 'Online');
});

test('set_online during the start waits until the peers are known, then takes it', (t) => {
  const b = new Site('b');
  b.command('set_online');
  b.wait(500);
  t.false(b.done.includes('start'));
  b.waitWith(1000, peerOf(b, 'a', { status: 'Online', claim: true, epoch: 3 }), peerOf(b, 'c'));
  t.like(b.says(), { forced: true, claim: true, epoch: 4 });
});

test('shutdown takes everything down, says goodbye, and only then ends', (t) => {
  const [a] = three();
  a.effects.length = 0;
  a.holding.add('stop');
  a.do({ type: 'command', command: { name: 'shutdown' } });
  t.is(a.state.status, 'Online');
  a.answer(true);
  t.is(a.state.status, 'AdminOffline');
  t.is(a.status, 'Offline');
  t.deepEqual(a.effects.slice(-2).map(({ type }) => type), ['push', 'exit']);
  t.is(a.vpn.want, 'auto');
});

test('a site that shuts down takes nothing and obeys no more', (t) => {
  const a = new Site('a').alone();
  a.holding.add('stop');
  a.done.length = 0;
  a.do({ type: 'command', command: { name: 'shutdown' } });
  a.command('set_online');
  t.is(a.vpn.want, 'auto');
  a.wait(10_000);
  t.false(a.done.includes('start'));
});

test('replica_mode: Disabled takes all out of the game, Auto puts back who was not sent away, Manual changes nothing', (t) => {
  const [, b] = three();
  const mode = (to: 'Auto' | 'Manual' | 'Disabled'): string => {
    b.do({ type: 'command', command: { name: 'set_replica_mode', mode: to } });
    return b.status;
  };
  t.is(mode('Manual'), 'Replica');
  t.is(mode('Disabled'), 'Offline');
  b.command('set_replica');
  t.is(b.status, 'Offline');
  t.is(mode('Manual'), 'Offline');
  t.is(mode('Auto'), 'Replica');
});

test('replica_mode Disabled catches one that is on its way to Replica', (t) => {
  const [a] = three();
  a.holding.add('stop');
  a.command('set_replica');
  a.do({ type: 'command', command: { name: 'set_replica_mode', mode: 'Disabled' } });
  a.answer(true);
  t.is(a.status, 'Offline');
});

test('a command for a VPN that is not there changes nothing', (t) => {
  const [a] = three();
  const { vpns } = a.state;
  a.do({ type: 'command', command: { name: 'set_offline', vpn: 'other' } });
  t.deepEqual(a.state.vpns, vpns);
});
