/**
 * A plan is a list of steps, and a step is data: commands that tell whether it is done, do it, and undo it. So the same plan can be carried out,
 * printed as a script that needs no Node.js, compared with a golden copy, and tried against stand-ins of its commands.
 */

/** A program with its arguments as they are; no shell in between. */
export interface Command {
  readonly argv: readonly [program: string, ...args: string[]];
  /** Standard input: whole lines. */
  readonly input?: string;
  /** It has succeeded only when what it prints holds this text, too. */
  readonly prints?: string;
  /** Whether it succeeds does not matter: it clears away what may be there. */
  readonly mayFail?: true;
}

export interface Step {
  /** What it brings about, as a reader would say it: `vpn1: its wire to the local bridge`. */
  readonly title: string;
  /** `host`, or the container it belongs to. */
  readonly part: string;
  /** The step is done when all of them succeed. They change nothing. */
  readonly test: readonly Command[];
  /** Run in this order, from a state in which the test fails, whatever that state is. */
  readonly make: readonly Command[];
  /** Run in this order; all are run, and must bear that there is nothing to undo: a failure counts only when the test still succeeds. */
  readonly undo: readonly Command[];
  /** What takes away, with `down --purge`, what {@link undo} leaves because it must outlive the rest. */
  readonly purge?: readonly Command[];
  /** Prints a line for `status`, when the step is done: which of two ways it took, say. */
  readonly tell?: Command;
  /** Programs that must be there, besides the first words of the commands. */
  readonly needs?: readonly string[];
}

export interface Plan {
  readonly site: string;
  /** In the order in which they are made; undone in reverse. */
  readonly steps: readonly Step[];
  /** Steps of one container ask nothing of those of another: they may be made, and undone, side by side. */
  readonly sideBySide?: true;
}

/** The part of a plan that is not a container's. */
export const hostPart = 'host';

/** The steps of one container, or all without a name. */
export const stepsOf = ({ steps }: Plan, container?: string): readonly Step[] =>
  container === undefined ? steps : steps.filter(({ part }) => part === container);

/** The same with the host's, which every container stands on. */
export const stepsFor = ({ steps }: Plan, container?: string): readonly Step[] =>
  container === undefined ? steps : steps.filter(({ part }) => part === container || part === hostPart);

/**
 * Steps in waves, one after the other, each with lanes side by side: the steps of one part after the other. The host has a wave of its own, and a
 * container that comes a second time begins a new one: what comes so late stands on all before it.
 */
export function wavesOf({ sideBySide }: Plan, steps: readonly Step[]): readonly (readonly Step[])[][] {
  if (sideBySide === undefined) return [[steps]];
  const waves: Map<string, Step[]>[] = [];
  let last: string | undefined;
  for (const step of steps) {
    const begins = step.part !== last && (step.part === hostPart || last === undefined || last === hostPart || waves.at(-1)!.has(step.part));
    if (begins) waves.push(new Map());
    const lanes = waves.at(-1)!;
    lanes.set(step.part, [...(lanes.get(step.part) ?? []), step]);
    last = step.part;
  }
  return waves.map((lanes) => [...lanes.values()]);
}

/** Every program that a plan runs, in alphabetical order. */
export const programsOf = (steps: readonly Step[]): readonly string[] =>
  [...new Set(steps.flatMap(({ needs = [], ...step }) => [...commandsOf(step).map(({ argv }) => argv[0]), ...needs]))].sort();

const commandsOf = ({ test, make, undo, purge = [], tell }: Step): readonly Command[] =>
  [...test, ...make, ...undo, ...purge, ...(tell === undefined ? [] : [tell])];
