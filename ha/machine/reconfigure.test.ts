import test from 'ava';
import { agreementWith, reconfigure } from './index.js';
import { configOf, peerOf, Site, timing } from './testing.js';

const peersOf = (site: Site): string => site.state.peers.map((peer) => peer.site).join(' ');

/** The site takes a changed configuration. */
function change(site: Site, more: Parameters<typeof configOf>[1]): void {
  site.state = reconfigure(site.state, configOf(site.state.config.site, { hash: 'new', ...more }), site.now, {}).state;
  site.do({ type: 'tick' });
}

test('what was known of a peer goes on, and a new one is not known yet', (t) => {
  const a = new Site('a', { sites: ['a', 'b'] }).alone();
  a.waitWith(2000, peerOf(a, 'b'));
  change(a, {});
  t.like(a.state.peers, { 0: { site: 'b', alive: true }, 1: { site: 'c', alive: false, report: undefined } });
  t.is(a.status, 'Online');
});

test('a peer that was removed stays while it is alive, and what it has is not taken from it', (t) => {
  const a = new Site('a');
  const [b, c] = [peerOf(a, 'b'), peerOf(a, 'c', { status: 'Online', claim: true, epoch: 4 })];
  a.waitWith(2000, b, c);
  change(a, { sites: ['a', 'b'], vpns: [{ id: 'v', priority: ['a', 'b'] }] });
  t.is(peersOf(a), 'b c');
  a.waitWith(timing.aliveMs - 500, b);
  t.is(a.status, 'Replica');
  a.waitWith(1500, b);
  t.is(peersOf(a), 'b');
  t.is(a.status, 'Online');
});

test('a peer that was removed counts for no majority', (t) => {
  const a = new Site('a', { sites: ['a', 'b', 'c', 'd'], partition: 'majority' });
  const [c, d] = [peerOf(a, 'c'), peerOf(a, 'd')];
  a.waitWith(10_000, c, d);
  t.is(a.status, 'Online');
  change(a, { partition: 'majority' });
  t.is(peersOf(a), 'b c d');
  t.is(a.status, 'Online');
  change(a, { partition: 'majority', sites: ['a', 'b', 'c', 'e', 'f'] });
  t.is(a.status, 'Replica');
});

test('it is told how the configuration of a peer compares to ours', (t) => {
  const a = new Site('a');
  const agreement = () => a.state.peers.map((peer) => agreementWith(peer, a.state));
  a.do({ type: 'message', message: peerOf(a, 'b')() });
  t.deepEqual(agreement(), ['same', undefined]);
  a.do({ type: 'message', message: peerOf(a, 'c', { hash: 'y' })() });
  t.deepEqual(agreement(), ['same', 'other']);
  a.do({ type: 'disowned', site: 'c' });
  t.deepEqual(agreement(), ['same', 'without us']);
});
