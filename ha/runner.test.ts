import test from 'ava';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestSite, globalYaml, type TestSite } from '../testing/site.js';
import type { Message, SiteReport, VpnReport } from './machine/index.js';

/** Starts, and lets the peers have their time to answer (they don't). */
async function begin(site: TestSite): Promise<void> {
  await site.host.start();
  await site.pass(40_000, 1000);
}

const report = (more: Partial<VpnReport>): VpnReport =>
  ({ status: 'Replica', epoch: 0, claim: false, forced: false, ready: true, stuck: false, leaving: false, ...more });

/** What host2 says, having heard everything. */
function messageFrom(site: TestSite, vpn: VpnReport, seq: number): Message {
  const { hash } = site.runner.state.config;
  const own = site.runner.message();
  const said: SiteReport = { site: 'host2', incarnation: 1, seq, status: 'Online', replicaMode: 'Auto', hash, sees: ['host1'], vpns: { dynvpn1: vpn } };
  return { ...said, sentAt: seq, heard: { host1: { incarnation: own.incarnation, sentAt: own.sentAt, seq: own.seq } }, others: [] };
}

test('a site without living peers brings its VPN online: session, proof, route', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  t.deepEqual(site.statuses, { dynvpn1: 'Online' });
  // What may be there is taken away first.
  const way = ['probe', 'removeRoute', 'stop', 'start', 'check', 'addRoute'];
  t.deepEqual(site.drivers.orders.slice(0, way.length), way.map((kind) => `dynvpn1 ${kind}`));
  t.is(site.drivers.routes.get('dynvpn1'), 1);
});

test('a peer that has it keeps it', async (t) => {
  const site = await createTestSite(t);
  await site.host.start();
  site.runner.take({ type: 'message', message: messageFrom(site, report({ status: 'Online', epoch: 3, claim: true, ready: false }), 1) });
  await site.pass(2000);
  t.deepEqual(site.statuses, { dynvpn1: 'Replica' });
  t.false(site.drivers.orders.includes('dynvpn1 start'));
});

test('a check of a VPN that is Online looks for its route as well', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  site.drivers.routes.clear();
  await site.pass(30_000);
  t.deepEqual(site.statuses, { dynvpn1: 'Online' });
  t.true(site.drivers.routes.has('dynvpn1'));
  t.true(site.runner.history.since().some(({ text }) => text === 'dynvpn1: Online → Pending: its connectivity is lost: its route is gone'));
});

test('work that hangs is ended at its deadline, and its end is told', async (t) => {
  const text = 'host1 {\nconfig global.yml local.yml {\nstate STATE\n}\nscripted\nerrors\n}\n';
  const site = await createTestSite(t, { text, local: 'replica_mode: Auto\ndefault_timeout: 5\n' });
  site.drivers.answers.set('start', 'hang');
  await site.host.start();
  await site.pass(30_100);
  t.is(site.drivers.orders.at(-1), 'dynvpn1 start');
  await site.pass(5_000);
  t.true(site.drivers.orders.includes('dynvpn1 stop'));
  t.true(site.log.includes('[ERROR] errors: dynvpn1 start: it took too long'), site.log.join('\n'));
});

test('a probe that can not find out counts as a session that may run', async (t) => {
  const site = await createTestSite(t);
  site.drivers.answers.set('probe', { ok: false, unsure: true, reason: 'killed' });
  await begin(site);
  t.deepEqual(site.drivers.orders.slice(0, 2), ['dynvpn1 probe', 'dynvpn1 check']);
});

test('what an administrator wants is on the disk when the command is done, and holds after a restart', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  await site.runner.command({ name: 'set_offline', vpn: 'dynvpn1' });
  const kept = JSON.parse(await readFile(join(site.directory, 'state', 'host1.json'), 'utf8')) as { readonly incarnation: number; readonly vpns: object };
  t.deepEqual(kept.vpns, { dynvpn1: { want: 'offline', epoch: 1 } });
  await site.pass(1000);
  t.deepEqual(site.statuses, { dynvpn1: 'Offline' });
  await site.host.stop();

  const again = await createTestSite(t, { directory: site.directory });
  await begin(again);
  t.deepEqual(again.statuses, { dynvpn1: 'Offline' });
  t.true(again.runner.state.incarnation > kept.incarnation);
});

test('a command for a VPN that is not here is refused', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  await t.throwsAsync(site.runner.command({ name: 'restart', vpn: 'dynvpn9' }), { name: 'CommandError', message: 'there is no VPN dynvpn9 at host1' });
});

test('a stop leaves session and route as they are; the next daemon takes them over', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  await site.host.stop();
  t.deepEqual([...site.drivers.sessions, ...site.drivers.routes.keys()], ['dynvpn1', 'dynvpn1']);
  t.is(site.clock.pending, 0);

  const again = await createTestSite(t, { directory: site.directory });
  again.drivers.sessions.add('dynvpn1');
  await begin(again);
  t.deepEqual(again.statuses, { dynvpn1: 'Online' });
  t.false(again.drivers.orders.includes('dynvpn1 start'));
  t.false(again.drivers.orders.includes('dynvpn1 stop'));
});

test('a shutdown takes everything down, and then the site may be left', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  let left = false;
  void site.runner.left.then(() => (left = true));
  await site.runner.command({ name: 'shutdown' });
  await site.pass(1000);
  t.true(left);
  t.deepEqual([...site.drivers.sessions, ...site.drivers.routes.keys()], []);
  t.is(site.runner.state.status, 'AdminOffline');
});

test('a stop waits for work that is under way, but not for ever', async (t) => {
  const site = await createTestSite(t, { local: 'replica_mode: Auto\ndefault_timeout: 600\n' });
  site.drivers.answers.set('start', 'hang');
  await begin(site);
  t.is(site.drivers.orders.at(-1), 'dynvpn1 start');
  let stopped = false;
  const stop = site.host.stop().then(() => (stopped = true));
  await site.pass(9_000);
  t.false(stopped);
  await site.pass(1_500);
  await stop;
  t.true(stopped);
});

test('a reload changes nothing for a VPN that runs', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  const before = site.drivers.orders.filter((order) => !order.endsWith('check'));
  t.deepEqual((await site.host.reload()).errors, []);
  await site.pass(20_000, 1000);
  t.deepEqual(site.statuses, { dynvpn1: 'Online' });
  t.deepEqual(site.drivers.orders.filter((order) => !order.endsWith('check')), before);
});

test('a VPN that the new configuration has begins as at a start; one that it lacks is taken down and forgotten', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  await site.write('global.yml', globalYaml({ numbers: [2] }));
  t.deepEqual((await site.host.reload()).errors, []);
  await site.pass(10_000);
  t.deepEqual(site.statuses, { dynvpn2: 'Online' });
  t.deepEqual([...site.drivers.sessions], ['dynvpn2']);
  t.deepEqual([...site.drivers.routes.keys()], ['dynvpn2']);
});

test('a mistake in the files of a reload leaves everything as it is', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  await site.write('local.yml', 'replica_mood: Auto\n');
  const { errors } = await site.host.reload();
  t.regex(errors.join(), /local\.yml:1:1: there is no key 'replica_mood' in the local file; did you mean 'replica_mode'\?/);
  t.deepEqual(site.statuses, { dynvpn1: 'Online' });
});

test('a jump of the wall clock is a suspension; a step back is none', async (t) => {
  const site = await createTestSite(t);
  let jumpMs = 0;
  const { clock } = site;
  const wall = clock.wall.bind(clock);
  clock.wall = () => wall() + jumpMs;
  await begin(site);
  const suspended = () => site.runner.history.since().filter(({ text }) => text.startsWith('the host was suspended')).length;
  jumpMs = -3_600_000;
  await site.pass(2000);
  t.is(suspended(), 0);
  jumpMs += 60_000;
  await site.pass(2000);
  t.is(suspended(), 1);
});

test('what is measured', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  const text = await site.metrics.text('dynvpn');
  for (const line of [
    'dynvpn_vpn_status{site="host1",vpn="dynvpn1",status="Online"} 1', 'dynvpn_vpn_status{site="host1",vpn="dynvpn1",status="Pending"} 0',
    'dynvpn_transitions_total{site="host1",vpn="dynvpn1",from="Pending",to="Online"} 1', 'dynvpn_vpn_stuck{site="host1",vpn="dynvpn1"} 0',
    'dynvpn_work_duration_seconds_count{site="host1",work="start"} 1', 'dynvpn_peer_alive{site="host1",peer="host2"} 0',
  ]) t.true(text.includes(`${line}\n`), `${line} in\n${text}`);
  t.regex(text, /dynvpn_vpn_vacant_seconds_total\{site="host1",vpn="dynvpn1"\} 3\d/);
});

test('a snapshot tells how things are, and the history how they came to be', async (t) => {
  const site = await createTestSite(t);
  await begin(site);
  const { vpns: [vpn], peers } = site.runner.snapshot();
  t.like(vpn, { id: 'dynvpn1', status: 'Online', phase: 'up', want: 'auto', epoch: 1, onlineAt: ['host1'] });
  const unheard = { alive: false, status: 'Pending', configuration: undefined, confirmedSecondsAgo: undefined };
  t.deepEqual(peers, [{ site: 'host2', ...unheard, vpns: { dynvpn1: 'Offline' } }]);
  const last = site.runner.history.since().at(-1)!;
  t.regex(last.text, /^dynvpn1: Pending → Online/);
  t.deepEqual(site.runner.history.since(last.n), []);
});
