import test from 'ava';
import { live, peerOf, Site } from './testing.js';

const up = ['start', 'check', 'addRoute'] as const;

test('the first site of the list takes a VPN that nobody has: a clean place, session, proof, route', (t) => {
  const a = new Site('a').alone();
  a.wait(1000);
  t.is(a.status, 'Online');
  t.deepEqual(a.done.slice(0, 6), ['probe', 'removeRoute', 'stop', ...up]);
});

test('nothing is decided before every peer has answered or had its time', (t) => {
  const a = new Site('a');
  a.do({ type: 'message', message: peerOf(a, 'b')() });
  a.wait(2500);
  t.is(a.status, 'Pending');
  t.is(a.state.status, 'Pending');
  a.wait(600);
  t.is(a.state.status, 'Online');
});

test('a session that was found is kept when nobody else has it, and the session is not restarted', (t) => {
  const b = new Site('b', { session: true, saved: { want: 'auto', epoch: 4 } }).alone();
  b.wait(1000);
  t.is(b.status, 'Online');
  t.deepEqual(b.done.slice(0, 3), ['probe', 'check', 'addRoute']);
  t.is(b.vpn.epoch, 4);
});

test('a session that was found is taken down when another site has it, route first', (t) => {
  const a = new Site('a', { session: true, saved: { want: 'auto', epoch: 4 } });
  const b = peerOf(a, 'b', { status: 'Online', claim: true, epoch: 5 });
  a.waitWith(4000, b);
  t.is(a.status, 'Replica');
  t.deepEqual(a.done, ['probe', 'removeRoute', 'stop']);
});

test('of two sessions that were found the one with the higher epoch is kept, and nobody decides before the other is known', (t) => {
  const a = new Site('a', { session: true, saved: { want: 'auto', epoch: 3 } });
  const starting = peerOf(a, 'b', { site: 'Pending', status: 'Pending', claim: true, epoch: 7 });
  a.waitWith(6000, starting);
  t.is(a.vpn.phase, 'found');
  a.waitWith(1000, peerOf(a, 'b', { status: 'Online', claim: true, epoch: 8 }));
  t.is(a.status, 'Replica');
});

test('a site that is not the first living one becomes a replica, or by replica_mode Offline', (t) => {
  for (const [replicaMode, status] of [['Auto', 'Replica'], ['Manual', 'Offline'], ['Disabled', 'Offline']] as const) {
    const b = new Site('b', { replicaMode });
    b.waitWith(4000, peerOf(b, 'a', { status: 'Online', claim: true, epoch: 1 }));
    t.is(b.status, status, replicaMode);
  }
});

test('of three that start together the first takes it and the others are replicas', (t) => {
  const sites = ['a', 'b', 'c'].map((site) => new Site(site));
  live(10_000, ...sites);
  t.deepEqual(sites.map(({ status }) => status), ['Online', 'Replica', 'Replica']);
  t.deepEqual(sites.slice(1).map(({ done }) => done.includes('start')), [false, false]);
});

test('what is kept on disk of the administrator\'s wishes counts at the start', (t) => {
  const offline = new Site('a', { saved: { want: 'offline', epoch: 2 } }).alone();
  offline.wait(20_000);
  t.is(offline.status, 'Offline');
  t.false(offline.done.includes('start'));
  const online = new Site('c', { saved: { want: 'online', epoch: 2 }, replicaMode: 'Manual' }).alone();
  online.wait(2000);
  t.is(online.status, 'Online');
  t.is(online.vpn.epoch, 3);
});

test('a session that was found where the administrator wants it offline goes down', (t) => {
  const a = new Site('a', { session: true, saved: { want: 'offline', epoch: 2 } }).alone();
  a.wait(1000);
  t.is(a.status, 'Offline');
  t.deepEqual(a.done, ['probe', 'removeRoute', 'stop']);
});

test('a VPN without a priority list is never taken by itself', (t) => {
  const a = new Site('a', { vpns: [{ id: 'v', priority: [] }] }).alone();
  a.wait(20_000);
  t.is(a.status, 'Replica');
  a.command('set_online');
  a.wait(2000);
  t.is(a.status, 'Online');
});
