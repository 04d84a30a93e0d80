import test from 'ava';
import { messageOf } from './index.js';
import { live, peerOf, Site, timing } from './testing.js';

const alive = (site: Site): string => site.state.peers.filter((peer) => peer.alive).map((peer) => peer.site).join(' ');

test('a peer is alive when it answers what we say, not when it speaks', (t) => {
  const a = new Site('a');
  const b = peerOf(a, 'b');
  a.do({ type: 'message', message: { ...b(), heard: {} } });
  t.is(alive(a), '');
  a.do({ type: 'message', message: b() });
  t.is(alive(a), 'b');
});

test('an answer to what was said before our restart proves nothing', (t) => {
  const a = new Site('a');
  a.do({ type: 'message', message: { ...peerOf(a, 'b')(), heard: { a: { incarnation: 0, sentAt: 1e9, seq: 1 } } } });
  t.is(alive(a), '');
});

test('a peer that answers no more is not alive after a while, and sooner by no other sign', (t) => {
  const a = new Site('a');
  a.do({ type: 'message', message: peerOf(a, 'b')() });
  a.do({ type: 'unreachable', site: 'b' });
  a.wait(timing.aliveMs);
  t.is(alive(a), 'b');
  a.wait(200);
  t.is(alive(a), '');
});

test('whom a peer sees is alive, and so on from peer to peer; but not whom a dead one has seen', (t) => {
  const sites = ['a', 'b', 'c', 'd', 'e'];
  const a = new Site('a', { sites });
  const report = (site: string, sees: string[]) => {
    const { sentAt, heard, others, ...rest } = peerOf(a, site, { sees })();
    return rest;
  };
  const b = peerOf(a, 'b', { sees: ['c'], others: [report('c', ['d']), report('d', []), report('e', ['d'])] });
  a.do({ type: 'message', message: b() });
  t.is(alive(a), 'b c d');
  a.wait(timing.aliveMs + 200);
  t.is(alive(a), '');
});

test('a late or repeated message changes nothing', (t) => {
  const b = new Site('b');
  const a = peerOf(b, 'a', { status: 'Online', claim: true, epoch: 1 });
  const [first, second] = [a(), a()];
  b.do({ type: 'message', message: second });
  const { vpns, peers } = b.state;
  for (const message of [second, { ...first, status: 'AdminOffline' as const }]) b.do({ type: 'message', message });
  t.deepEqual(b.state.vpns, vpns);
  t.deepEqual(b.state.peers, peers);
});

test('a message from before a peer\'s restart changes nothing', (t) => {
  const b = new Site('b');
  const young = peerOf(b, 'a', { epoch: 3 })();
  b.do({ type: 'message', message: young });
  const old = { ...peerOf(b, 'a', { status: 'Online', claim: true, epoch: 1 })(), seq: 1000, sentAt: 1e9 };
  b.do({ type: 'message', message: old });
  t.is(b.state.peers[0]!.report!.vpns['v']!.status, 'Replica');
});

test('news of a third site counts when it is newer, whoever brings it', (t) => {
  const a = new Site('a');
  const c = peerOf(a, 'c', { status: 'Online', claim: true, epoch: 4 });
  const { sentAt, heard, others, ...older } = c();
  const newer = c();
  a.do({ type: 'message', message: newer });
  a.do({ type: 'message', message: peerOf(a, 'b', { others: [{ ...older, status: 'AdminOffline' }] })() });
  t.is(a.state.peers[1]!.report!.status, 'Online');
});

test('a stranger changes nothing', (t) => {
  const a = new Site('a').alone();
  a.wait(2000);
  const { vpns, peers } = a.state;
  a.do({ type: 'message', message: { ...peerOf(a, 'z', { status: 'Online', claim: true, forced: true, epoch: 99 })() } });
  t.deepEqual(a.state.vpns, vpns);
  t.deepEqual(a.state.peers, peers);
});

test('what a site with another configuration has is respected', (t) => {
  const c = new Site('c');
  c.waitWith(2000, peerOf(c, 'a', { status: 'Online', claim: true, epoch: 1, hash: 'y' }), peerOf(c, 'b', { hash: 'y', ready: true }));
  t.is(c.status, 'Replica');
  t.true(c.take('log').some(({ level, text }) => level === 'error' && text.includes('another configuration')));
  c.waitWith(1500, peerOf(c, 'a', { status: 'Failed', epoch: 2, hash: 'y' }), peerOf(c, 'b', { hash: 'y', epoch: 1 }));
  t.is(c.status, 'Online');
});

test('while configurations differ sites take their turns by name', (t) => {
  const c = new Site('c', { vpns: [{ id: 'v', priority: ['c', 'b', 'a'] }] });
  const b = peerOf(c, 'b', { hash: 'y', ready: true });
  c.waitWith(timing.aliveMs - 500, b);
  t.is(c.status, 'Replica');
  c.waitWith(3000, b);
  t.is(c.status, 'Online', 'but nobody waits for ever');
});

test('whoever a peer does not know takes nothing, lets go, and is not counted on', (t) => {
  const a = new Site('a');
  a.waitWith(timing.settleMs + 2000, peerOf(a, 'b', { hash: 'y', ready: true }));
  t.is(a.status, 'Online');
  a.take('log');
  a.do({ type: 'disowned', site: 'b' });
  t.is(a.status, 'Replica');
  t.is(a.vpn.reason, 'b does not know this site');
  t.is(a.take('log').filter(({ level, text }) => level === 'error' && text.startsWith('b does not know')).length, 1);
  t.false(a.says().ready);
  a.command('set_online');
  t.is(a.status, 'Replica', 'whatever an administrator says');
});

test('a peer that does not know us, and is gone, holds nobody back', (t) => {
  const a = new Site('a');
  a.do({ type: 'disowned', site: 'b' });
  a.do({ type: 'unreachable', site: 'c' });
  a.wait(timing.aliveMs - 200);
  t.is(a.status, 'Replica');
  a.wait(1000);
  t.is(a.status, 'Online');
});

test('of two with different configurations the name decides when the epochs are equal, for both the same', (t) => {
  const b = new Site('b', { vpns: [{ id: 'v', priority: ['b', 'a'] }] }).alone();
  b.wait(2000);
  b.waitWith(1500, peerOf(b, 'a', { status: 'Online', claim: true, epoch: b.vpn.epoch, hash: 'y' }));
  t.is(b.status, 'Replica');
});

test('after a pause of our own nobody is accused until all had time to speak', (t) => {
  const b = new Site('b');
  b.waitWith(3000, peerOf(b, 'a', { status: 'Online', claim: true, epoch: 1 }));
  b.now += 60_000;
  b.wait(timing.aliveMs - 500);
  t.is(b.status, 'Replica');
  b.wait(timing.aliveMs);
  t.is(b.status, 'Online');
});

test('what was known before a pause is no reason to give anything up', (t) => {
  const a = new Site('a').alone();
  a.wait(2000);
  const late = peerOf(a, 'b', { status: 'Online', claim: true, epoch: 9 })();
  a.do({ type: 'message', message: peerOf(a, 'b')() });
  a.now += 60_000;
  a.do({ type: 'message', message: { ...late, incarnation: 99 } });
  t.is(a.status, 'Online');
});

test('partition majority: a side without a majority lets go, and takes nothing; the other waits until it has', (t) => {
  const sites = ['a', 'b', 'c'].map((site) => new Site(site, { partition: 'majority' })) as [Site, Site, Site];
  const [a, b, c] = sites;
  live(10_000, ...sites);
  a.wait(timing.aliveMs + 500);
  t.is(a.status, 'Replica');
  live(timing.aliveMs + 500, b, c);
  t.is(b.status, 'Replica');
  live(timing.stopBudgetMs + 2000, b, c);
  t.is(b.status, 'Online');
  a.wait(60_000);
  t.is(a.status, 'Replica');
});

test('a message says everything: the whole state, whom it sees, whom it has heard', (t) => {
  const a = new Site('a').alone();
  a.wait(2000);
  a.do({ type: 'message', message: peerOf(a, 'b', { ready: true })() });
  const { seq } = a.state;
  t.like(messageOf(a.state, a.now), {
    site: 'a', hash: 'x', incarnation: 1, seq, status: 'Online', sees: ['b'], sentAt: a.now,
    vpns: { v: { status: 'Online', claim: true, epoch: 1, ready: false } },
  });
  t.deepEqual(Object.keys(messageOf(a.state, a.now).heard), ['b']);
});

test('peers are told at once of what concerns them, and not of every check', (t) => {
  const a = new Site('a').alone();
  a.wait(2000);
  t.true(a.take('push').length > 0);
  a.wait(5000);
  t.is(a.take('push').length, 0);
});
