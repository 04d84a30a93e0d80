import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { down, up } from '../../run/carry.js';
import type { Site } from '../../site/index.js';
import type { Plan } from '../step.js';
import { planFreeBsd } from './plan.js';
import { newMachine } from './testing/machine.js';
import { siteBelow } from './testing/site.js';
import { createStandIns, type StandIns } from './testing/stand-ins.js';
import type { Machine } from './testing/state.js';
import { createWorld, type TestWorld } from './testing/world.js';

interface Scene {
  readonly directory: string;
  readonly site: Site;
  readonly plan: Plan;
  readonly machine: Machine;
  readonly standIns: StandIns;
  readonly world: TestWorld;
}

function scene(t: ExecutionContext, name: string): Scene {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'vpncore-')));
  const site = siteBelow(`${directory}/root`, name);
  const { zfs, root, base } = site.freebsd;
  const machine = newMachine(zfs, root, base, site.internet);
  const standIns = createStandIns(directory, machine);
  t.teardown(() => {
    standIns.close();
    rmSync(directory, { recursive: true });
  });
  return { directory, site, plan: planFreeBsd(site), machine, standIns, world: createWorld(machine, standIns) };
}

/** Everything that a plan may change, but for modules: these stay. */
const stateOf = ({ directory, machine: { host, jails, datasets, mounts, devfs, users } }: Scene): string => JSON.stringify(
  [host, jails, datasets, mounts, devfs, users, readdirSync(`${directory}/root`, { recursive: true }).sort()],
  (_, value: unknown) => (value instanceof Map ? [...value].sort(([a], [b]) => (a < b ? -1 : 1)) : value instanceof Set ? [...value].sort() : value),
);

const signal = new AbortController().signal;

/** The line that tells what failed, and those behind it. */
const failureOf = ({ world: { lines } }: Scene): string => lines.slice(lines.findIndex((line) => line.startsWith('failed'))).slice(0, 3).join('\n');

for (const name of ['host1', 'host2', 'host3']) {
  test(`${name} comes up, and again, and goes down, and again`, async (t) => {
    const all = scene(t, name);
    const before = stateOf(all);
    t.true(await up(all.plan, undefined, all.world, signal), failureOf(all));
    const there = stateOf(all);
    t.true(await up(all.plan, undefined, all.world, signal));
    t.is(stateOf(all), there);
    t.regex(all.world.lines.at(-1)!, / is up: 0 done/);
    for (let i = 0; i < 2; i++) t.true(await down(all.plan, undefined, true, all.world), all.world.lines.filter((line) => line.startsWith('stuck')).join('\n'));
    t.is(stateOf(all), before);
  });
}
