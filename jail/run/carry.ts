/** Carrying a plan out, and taking back what it did. */
import { hostPart, stepsFor, stepsOf, wavesOf, type Plan, type Step } from '../plan/step.js';
import { makeStep, undoStep, whyNotDone, type Failure } from './steps.js';
import { describeFailure, line, outcome } from './telling.js';
import type { World } from './world.js';

/** Never aborted: what has begun to be taken back is taken back. */
const untilDone = (): AbortSignal => new AbortController().signal;

/**
 * Makes every step that is not done, in order. When one fails, or the signal is aborted, undoes in reverse what this call has made.
 * @param container only this one, and the host that it stands on
 * @returns whether all steps are done
 */
export async function up(plan: Plan, container: string | undefined, world: World, signal: AbortSignal): Promise<boolean> {
  const start = world.now();
  const steps = stepsFor(plan, container);
  const making = new Making(world, signal);
  for (const wave of wavesOf(plan, steps)) await Promise.all(wave.map((lane) => making.makeAll(lane)));
  const { made, already, fault } = making;
  if (fault === undefined && !signal.aborted) {
    world.tell(outcome(`${plan.site} is up: ${made.size} done, ${already} done already`, start, world));
    return true;
  }
  if (fault !== undefined) {
    world.tell(line('failed', fault.step));
    world.tell(describeFailure(fault.failure));
  }
  const left = await undoAll(steps.filter((step) => made.has(step)).toReversed(), ({ undo }) => undo, world);
  const rest = left === 0 ? 'what was done is undone' : `${left} of ${made.size} steps could not be undone`;
  world.tell(outcome(`${plan.site} is not up; ${rest}`, start, world));
  return false;
}

/** What one call of {@link up} does; several lists of steps at a time, and none of them goes on when one has failed. */
class Making {
  readonly made = new Set<Step>();
  already = 0;
  /** The first failure. */
  fault: { readonly step: Step; readonly failure: Failure } | undefined;
  readonly #world: World;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;

  constructor(world: World, signal: AbortSignal) {
    this.#world = world;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  async makeAll(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      const isDone = (await whyNotDone(step, this.#world, this.#signal)) === undefined;
      // What could not be looked at may have been there before: it is not ours to undo.
      if (this.#signal.aborted) return;
      if (isDone) this.already += 1;
      else if (!(await this.#make(step))) return;
      this.#world.tell(line(isDone ? 'already' : 'done', step));
    }
  }

  async #make(step: Step): Promise<boolean> {
    this.made.add(step);
    const failure = await makeStep(step, this.#world, this.#signal);
    if (failure === undefined) return true;
    this.fault ??= { step, failure };
    this.#stop.abort(new Error('another step has failed'));
    return false;
  }
}

/**
 * Undoes every step, in reverse; what isn't there is no matter.
 * @param container only this one, and nothing of the host
 * @param purge take away, too, what is meant to stay
 * @returns whether all is undone
 */
export async function down(plan: Plan, container: string | undefined, purge: boolean, world: World): Promise<boolean> {
  const start = world.now();
  const steps = stepsOf(plan, container);
  const commandsOf = ({ undo, purge: away = undo }: Step): Step['undo'] => (purge ? away : undo);
  let left = 0;
  for (const wave of wavesOf(plan, steps).toReversed()) {
    const stuck = await Promise.all(wave.map((lane) => undoAll(lane.toReversed(), commandsOf, world)));
    left = stuck.reduce((sum, count) => sum + count, left);
  }
  const what = container === undefined ? plan.site : `${container} of ${plan.site}`;
  world.tell(outcome(left === 0 ? `${what} is down` : `${what}: ${left} of ${steps.length} steps could not be undone`, start, world));
  return left === 0;
}

/** Returns how many steps could not be undone. */
async function undoAll(steps: readonly Step[], commandsOf: (step: Step) => Step['undo'], world: World): Promise<number> {
  const signal = untilDone();
  let left = 0;
  for (const step of steps) {
    const failures = await undoStep(step, commandsOf(step), world, signal);
    world.tell(line(failures.length === 0 ? 'undone' : 'stuck', step));
    if (failures.length > 0) left += 1;
    for (const failure of failures) world.tell(describeFailure(failure));
  }
  return left;
}

/**
 * Tells of every part what of it is done and what is not.
 * @returns whether all is done
 */
export async function status(plan: Plan, container: string | undefined, world: World): Promise<boolean> {
  const signal = untilDone();
  const steps = stepsOf(plan, container);
  const parts = [...new Set([hostPart, ...steps.map(({ part }) => part)])].filter((part) => steps.some((step) => step.part === part));
  const width = Math.max(...parts.map(({ length }) => length));
  let whole = true;
  for (const part of parts) {
    const own = steps.filter((step) => step.part === part);
    const missing: Step[] = [];
    const told: string[] = [];
    for (const step of own) {
      if ((await whyNotDone(step, world, signal)) !== undefined) missing.push(step);
      else if (step.tell !== undefined) told.push((await world.perform(step.tell, signal)).output.trim());
    }
    const state = missing.length === 0 ? 'up' : missing.length === own.length ? 'down' : 'partly';
    world.tell(`${part.padEnd(width)}  ${state.padEnd(6)}  ${own.length - missing.length} of ${own.length} steps${told.map((word) => `; ${word}`).join('')}`);
    if (state === 'partly') for (const { title } of missing) world.tell(`${''.padEnd(width)}          not done: ${title}`);
    whole &&= missing.length === 0;
  }
  return whole;
}
