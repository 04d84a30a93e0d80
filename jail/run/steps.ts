/** One step: is it done, do it, undo it. */
import type { Result } from '../../core/process/run.js';
import type { Command, Step } from '../plan/step.js';
import type { World } from './world.js';

/** A command that failed, and how. */
export interface Failure {
  readonly command: Command;
  readonly result: Result;
}

/** The first command that fails, of those that must not; the rest is not run. */
async function firstFailure(commands: readonly Command[], { perform }: World, signal: AbortSignal): Promise<Failure | undefined> {
  for (const command of commands) {
    const result = await perform(command, signal);
    if (!result.ok && (command.mayFail === undefined || signal.aborted)) return { command, result };
  }
  return undefined;
}

/** Why a step is not done; `undefined` when it is. */
export const whyNotDone = (step: Step, world: World, signal: AbortSignal): Promise<Failure | undefined> => firstFailure(step.test, world, signal);

/** Does a step, and makes sure that it is done. Returns why it is not, `undefined` when it is. */
export const makeStep = async (step: Step, world: World, signal: AbortSignal): Promise<Failure | undefined> =>
  (await firstFailure(step.make, world, signal)) ?? (await whyNotDone(step, world, signal));

/** Undoes a step, by whatever commands are to do it. Returns what failed when it still is done. */
export async function undoStep(step: Step, commands: readonly Command[], world: World, signal: AbortSignal): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const command of commands) {
    const result = await world.perform(command, signal);
    if (!result.ok && command.mayFail === undefined) failures.push({ command, result });
  }
  if (failures.length === 0) return [];
  return (await whyNotDone(step, world, signal)) === undefined ? failures : [];
}
