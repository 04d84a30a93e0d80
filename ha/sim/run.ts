/** Runs a schedule to its end, and says how it went. */
import * as realMachine from '../machine/index.js';
import { Violation, type Invariant } from './invariants.js';
import { Ending } from './ending.js';
import type { Schedule } from './schedule.js';
import type { Machine } from './machine.js';
import { Trace } from './trace.js';
import { World } from './world.js';

export interface Outcome {
  readonly violation: { readonly invariant: Invariant; readonly what: string; readonly at: number } | undefined;
  /** Steps of machines. */
  readonly steps: number;
  /** From the moment when faults ended to the moment since which all is as it should be. */
  readonly recoveredMs: number | undefined;
  readonly lines: readonly string[];
}

export interface RunOptions {
  readonly machine?: Machine;
  /** Keeps the time line. */
  readonly trace?: boolean;
}

export function run(schedule: Schedule, { machine = realMachine, trace = false }: RunOptions = {}): Outcome {
  const lines = trace ? new Trace() : undefined;
  const world = new World(schedule, { machine, trace: lines });
  const outcome = (violation: Outcome['violation'], recoveredMs?: number): Outcome =>
    ({ violation, steps: world.steps, recoveredMs, lines: lines?.lines() ?? [] });
  try {
    world.start();
    world.runUntil(schedule.healAt);
    return outcome(undefined, new Ending(world).run());
  } catch (error) {
    if (error instanceof Violation) return outcome({ invariant: error.invariant, what: error.message, at: error.at });
    return outcome({ invariant: 'S0', what: String(error instanceof Error ? error.stack : error), at: world.queue.now });
  }
}
