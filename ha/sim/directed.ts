/** The directed schedules: each a short play of one thing that goes wrong, with what has to come of it. D01–D30 have the names of the design. */
import * as realMachine from '../machine/index.js';
import { drivers } from './directed/drivers.js';
import { leases } from './directed/lease.js';
import { network } from './directed/network.js';
import { operator } from './directed/operator.js';
import { rollOuts } from './directed/roll-out.js';
import type { Machine } from './machine.js';
import { Stage, type Directed } from './stage.js';

export const directed: readonly Directed[] = [...network, ...leases, ...drivers, ...operator, ...rollOuts]
  .sort((one, other) => (one.name < other.name ? -1 : 1));

/** Plays one; gives what went wrong, with the time line, or nothing. */
export function play({ setting, play: perform }: Directed, machine: Machine = realMachine): string | undefined {
  let stage: Stage | undefined;
  try {
    stage = new Stage(machine, setting);
    perform(stage);
    return undefined;
  } catch (error) {
    return `${error instanceof Error ? error.stack : String(error)}\n${stage?.trace.lines().slice(-60).join('\n') ?? ''}`;
  }
}
