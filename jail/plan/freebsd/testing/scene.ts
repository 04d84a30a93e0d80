/** An example site, its plan, and a machine of stand-ins to carry it out on. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Site } from '../../../site/index.js';
import type { Plan } from '../../step.js';
import { planFreeBsd } from '../plan.js';
import { newMachine } from './machine.js';
import { siteBelow } from './site.js';
import { createStandIns, type StandIns } from './stand-ins.js';
import type { Machine } from './state.js';
import { createWorld, type TestWorld } from './world.js';

/** A test of AVA, as far as it is needed here. */
interface Test {
  teardown(end: () => void): void;
}

export interface Scene {
  readonly directory: string;
  readonly site: Site;
  readonly plan: Plan;
  readonly machine: Machine;
  readonly standIns: StandIns;
  readonly world: TestWorld;
}

export function scene(t: Test, name: string): Scene {
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

export const signal: AbortSignal = new AbortController().signal;

/** The line that tells what failed, and those behind it. */
export const failureOf = ({ world: { lines } }: Scene): string => lines.slice(lines.findIndex((line) => line.startsWith('failed'))).slice(0, 3).join('\n');
