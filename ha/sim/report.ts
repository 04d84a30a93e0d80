/** What a run of many schedules says: figures, and for a violation the smallest schedule that shows it, with its time line. */
import { generate, type Wishes } from './generate.js';
import { invariants } from './invariants.js';
import { run, type Outcome } from './run.js';
import type { Schedule } from './schedule.js';
import { shrink } from './shrink.js';
import { describe } from './world.js';

export interface Figures {
  readonly schedules: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly faults: ReadonlyMap<string, number>;
  /** Milliseconds, in order. */
  readonly recovered: readonly number[];
  readonly violations: readonly { readonly seed: number; readonly violation: NonNullable<Outcome['violation']> }[];
}

/** So many violations are enough to work on. */
const violationsMax = 20;

export function runMany(first: number, count: number, wishes: Wishes): Figures {
  const faults = new Map<string, number>();
  const recovered: number[] = [];
  const violations: { seed: number; violation: NonNullable<Outcome['violation']> }[] = [];
  let steps = 0;
  let virtualMs = 0;
  let schedules = 0;
  for (let seed = first; seed < first + count && violations.length < violationsMax; seed++) {
    const schedule = generate(seed, wishes);
    const outcome = run(schedule);
    schedules++;
    steps += outcome.steps;
    virtualMs += schedule.healAt + (outcome.recoveredMs ?? 0);
    for (const { kind } of schedule.faults) faults.set(kind, (faults.get(kind) ?? 0) + 1);
    if (outcome.recoveredMs !== undefined) recovered.push(outcome.recoveredMs);
    if (outcome.violation !== undefined) violations.push({ seed, violation: outcome.violation });
  }
  return { schedules, steps, virtualMs, faults, recovered: recovered.sort((one, other) => one - other), violations };
}

/** @param processorMs what they took of the processor, which other programs do not blur */
export function figures({ schedules, steps, virtualMs, faults, recovered, violations }: Figures, processorMs: number): string {
  const seconds = (ms: number | undefined): string => (ms === undefined ? 'none' : `${(ms / 1000).toFixed(0)} s`);
  const part = (share: number): string => seconds(recovered[Math.floor((recovered.length - 1) * share)]);
  const byKind = [...faults].sort(([, one], [, other]) => other - one).map(([kind, count]) => `${kind} ${count}`);
  return [
    `schedules   ${schedules} (${(virtualMs / 3_600_000).toFixed(1)} virtual hours), `
      + `${Math.round((schedules * 60_000) / processorMs)} a minute of processor time`,
    `steps       ${steps}, ${((processorMs * 1000) / steps).toFixed(1)} µs each`,
    `faults      ${byKind.join(', ')}`,
    `recovered   median ${part(0.5)}, 99 % within ${part(0.99)}, worst ${part(1)}`,
    `violations  ${violations.length === 0 ? 'none' : violations.map(({ seed, violation }) => `${violation.invariant} (seed ${seed})`).join(', ')}`,
  ].join('\n');
}

/** Why a seed fails: as few faults as it takes, and what happened. */
export function explain(schedule: Schedule): string | undefined {
  const { violation } = run(schedule);
  if (violation === undefined) return undefined;
  const smallest = shrink(schedule, (smaller) => {
    const found = run(smaller).violation;
    return found?.invariant === violation.invariant ? found.at : undefined;
  });
  const { lines, violation: shown } = run(smallest, { trace: true });
  const { seed, sites, vpns, agree, partition, replicaMode, kick, healAt, outside } = smallest;
  return [
    `seed ${seed} breaks ${violation.invariant}: ${invariants[violation.invariant]}`, '',
    `${sites} sites, ${vpns} VPNs, ${agree}, partition ${partition}, replica_mode ${replicaMode}, kick ${kick.toFixed(2)}, `
      + `faults until ${(healAt / 1000).toFixed(1)} s${outside.length > 0 ? `, outside the core: ${outside.join(' ')}` : ''}`,
    ...smallest.faults.map((fault) => `  ${describe(fault)}`), '',
    ...lines, '',
    `${((shown?.at ?? 0) / 1000).toFixed(3)} s: ${violation.invariant}: ${shown?.what ?? 'only before it was made smaller'}`,
  ].join('\n');
}
