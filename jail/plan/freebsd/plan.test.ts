import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import test from 'ava';
import { killSwitch } from '../../files/freebsd/rules.js';
import { down, up } from '../../run/carry.js';
import { whyNotDone } from '../../run/steps.js';
import { scriptOf } from '../script.js';
import type { Plan } from '../step.js';
import { planFreeBsd } from './plan.js';
import { perform } from './testing/machine.js';
import { parseRule } from './testing/rule.js';
import { failureOf, scene, signal, type Scene } from './testing/scene.js';
import type { StandIns } from './testing/stand-ins.js';

/** Everything that a plan may change, but for modules: these stay. */
const stateOf = ({ directory, machine: { host, jails, datasets, mounts, devfs, users } }: Scene): string => JSON.stringify(
  [host, jails, datasets, mounts, devfs, users, readdirSync(`${directory}/root`, { recursive: true }).sort()],
  (_, value: unknown) => (value instanceof Map ? [...value].sort(([a], [b]) => (a < b ? -1 : 1)) : value instanceof Set ? [...value].sort() : value),
);

/** The same but for directories in a clone: these go with it. */
const outsideClones = (all: Scene): string => stateOf(all).replace(/"jails\/[^"]*",?/g, '');

for (const name of ['host1', 'host2', 'host3']) {
  test(`${name} comes up, and again, and goes down, and again`, async (t) => {
    const all = scene(t, name);
    const before = stateOf(all);
    t.true(await up(all.plan, undefined, all.world, signal), failureOf(all));
    const there = stateOf(all);
    t.true(await up(all.plan, undefined, all.world, signal));
    t.is(stateOf(all), there);
    t.regex(all.world.lines.at(-1)!, / is up: 0 done/);
    for (let i = 0; i < 2; i++) t.true(await down(all.plan, undefined, true, all.world));
    t.is(stateOf(all), before);
  });
}

for (const tunnel of ['ipsec-gre', 'gre'] as const) {
  test(`sites are joined by ${tunnel}, too; a service runs what it is to run`, async (t) => {
    const all = scene(t, 'host1');
    const before = stateOf(all);
    const { site, world, machine } = all;
    const services = site.services.map((service) => ({ ...service, command: ['/usr/local/bin/files'] }));
    const plan = planFreeBsd({ ...site, wan: { ...site.wan, tunnel }, services });
    t.true(await up(plan, undefined, world, signal), failureOf(all));
    const { near, far } = site.links[0]!.inside;
    const ends = tunnel === 'gre' ? [site.router, site.links[0]!.peer.address] : [near, far];
    t.deepEqual(machine.jails.get('host1-ipsec')!.stack.interfaces.get('to-host2')!.tunnel, [ends[0]!.text, ends[1]!.text]);
    t.deepEqual(machine.jails.get('host1-files')!.stack.processes.get('/var/run/files.pid'), ['/usr/local/bin/files']);
    t.true(await down(plan, undefined, true, world));
    t.is(stateOf(all), before);
  });
}

/** Runs a script to its end, with the stand-ins instead of FreeBSD's commands. */
const runScript = (script: string, action: string, { path }: StandIns): Promise<{ readonly code: number | null; readonly output: string }> =>
  new Promise((resolve) => {
    const child = spawn('sh', ['-s', action], { env: { PATH: `${path}:/usr/bin:/bin` }, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text; });
    child.on('close', (code) => resolve({ code, output }));
    child.stdin.end(script);
  });

test('as a script, without Node.js, a plan does the same', async (t) => {
  const [all, other] = [scene(t, 'host2'), scene(t, 'host2')];
  const before = stateOf(all);
  const script = scriptOf(all.plan, 'host2');
  t.like(await runScript(script, 'up', all.standIns), { code: 0 });
  t.true(await up(other.plan, undefined, other.world, signal));
  const [there, elsewhere] = [stateOf(all), stateOf(other)];
  // The directory is in the rules' marks, too.
  const anywhere = (text: string, { directory }: Scene): string => text.replaceAll(directory, '').replace(/"entries":\["\d+"\]/g, '');
  t.is(anywhere(there, all), anywhere(elsewhere, other));
  const again = await runScript(script, 'up', all.standIns);
  t.deepEqual([again.code, again.output.replace(/^already .*\n/gm, ''), stateOf(all)], [0, '', there]);
  t.like(await runScript(script, 'down', all.standIns), { code: 0 });
  t.like(await runScript(`set -- down --purge\n${script}`, 'down', all.standIns), { code: 0 });
  t.is(stateOf(all), before);
});

test('whichever step fails half-way, it is undone', async (t) => {
  const all = scene(t, 'host2');
  const { plan, world } = all;
  for (const step of plan.steps) {
    // A directory may be there already, because something was mounted below it.
    if ((await whyNotDone(step, world, signal)) === undefined) continue;
    const before = outsideClones(all);
    const only: Plan = { ...plan, steps: [step] };
    world.breaks = step.make.at(-1);
    t.false(await up(only, undefined, world, signal), step.title);
    world.breaks = undefined;
    for (const command of step.purge ?? []) await world.perform(command, signal);
    t.is(outsideClones(all), before, step.title);
    t.true(await up(only, undefined, world, signal), failureOf(all));
  }
});

test('when the last step fails, all that was done is undone', async (t) => {
  const all = scene(t, 'host3');
  const before = stateOf(all);
  const { plan, world } = all;
  world.breaks = plan.steps.at(-1)!.make.at(-1);
  t.false(await up(plan, undefined, world, signal));
  t.regex(world.lines.at(-1)!, /what was done is undone/);
  world.breaks = undefined;
  for (const { purge = [] } of plan.steps) for (const command of purge) await world.perform(command, signal);
  t.is(stateOf(all), before);
});

test('what is somebody else\'s is neither used nor destroyed', async (t) => {
  const all = scene(t, 'host3');
  const { machine, plan, world } = all;
  machine.modules.add('if_bridge').add('if_epair');
  for (const argv of [['ifconfig', 'bridge0', 'create'], ['ifconfig', 'epair51', 'create']]) perform(machine, undefined, argv);
  machine.datasets.set('zroot/jails/host3-vpn1', new Map());
  const before = stateOf(all);
  t.false(await up(plan, undefined, world, signal));
  t.regex(failureOf(all), /^failed {3}host: bridge0[^]*File exists/);
  await down(plan, undefined, true, world);
  t.is(stateOf(all), before);
});

test('a route that the host has already is neither replaced nor removed', async (t) => {
  const all = scene(t, 'host3');
  const run = (...argv: readonly string[]): number => perform(all.machine, undefined, argv).code;
  // A network of this site, on an interface of the host; and one of another site, by somebody else's way.
  t.is(run('ifconfig', 'enp1s0', 'inet', '172.16.3.1/24'), 0);
  t.is(run('route', '-nq', 'add', '-net', '192.168.1.0/24', '172.16.3.9'), 0);
  const before = stateOf(all);
  t.false(await up(all.plan, undefined, all.world, signal));
  t.regex(failureOf(all), /^failed {3}host: 192\.168\.1\.0\/24 is reached by way of 192\.168\.3\.4/);
  await down(all.plan, undefined, true, all.world);
  t.is(stateOf(all), before);
  t.is(run('route', '-nq', 'delete', '-net', '192.168.1.0/24'), 0);
  t.true(await up(all.plan, undefined, all.world, signal), failureOf(all));
  t.false(all.machine.host.routes.has('172.16.3.0/24'));
});

test('nothing has a wire before it has rules, and no session begins before', async (t) => {
  const all = scene(t, 'host2');
  t.true(await up(all.plan, undefined, all.world, signal));
  const titles = all.plan.steps.map(({ title }) => title);
  const at = (title: string): number => titles.findIndex((each) => each.startsWith(title));
  for (const vpn of ['vpn1', 'vpn2']) {
    const order = ['the jail', 'nothing passes', 'what may pass', 'a wire to bridge0', 'sshd'].map((title) => at(`${vpn}: ${title}`));
    t.deepEqual(order, order.toSorted((a, b) => a - b));
    t.true(order[0]! > 0 && order.at(-1)! < at('ipsec: dynvpn'));
    t.deepEqual(all.machine.jails.get(`host2-${vpn}`)!.stack.rules.at(-1), { ...parseRule([String(killSwitch.number), ...killSwitch.rule]) });
  }
});

test('rules that changed are loaded again, and a session keeps what it has learned', async (t) => {
  const all = scene(t, 'host2');
  t.true(await up(all.plan, undefined, all.world, signal));
  const { stack } = all.machine.jails.get('host2-vpn1')!;
  stack.tables.get('resolver')!.entries.add('10.8.0.1');
  const learned = ['ip', '192.168.2.51', 'redirect_port', 'udp', '10.8.0.1:53', '192.168.2.51:53'];
  stack.nats.set('2', learned);
  const changed = planFreeBsd({ ...all.site, wan: { ...all.site.wan, blockedResolvers: [] } });
  t.true(await up(changed, undefined, all.world, signal));
  t.regex(all.world.lines.at(-1)!, / is up: 4 done/);
  t.deepEqual([[...stack.tables.get('blocked')!.entries], [...stack.tables.get('resolver')!.entries], stack.nats.get('2')], [[], ['10.8.0.1'], learned]);
});
