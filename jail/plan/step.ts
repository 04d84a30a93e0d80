/**
 * A plan is a list of steps, and a step is data: commands that tell whether it is done, do it, and undo it. So the same plan can be carried out,
 * printed as a script that needs no Node.js, compared with a golden copy, and tried against stand-ins of its commands.
 */

/** A program with its arguments as they are; no shell in between. */
export interface Command {
  readonly argv: readonly [program: string, ...args: string[]];
  /** Standard input. */
  readonly input?: string;
}

export interface Step {
  /** What it brings about, as a reader would say it: `vpn1: its wire to the local bridge`. */
  readonly title: string;
  /** `host`, or the container it belongs to. */
  readonly part: string;
  /** The step is done when all of them end with exit code 0. They change nothing. */
  readonly test: readonly Command[];
  /** Run in this order, from a state in which the test fails, whatever that state is. */
  readonly make: readonly Command[];
  /** Run in this order; all are run, and must bear that there is nothing to undo. */
  readonly undo: readonly Command[];
  /** Programs that must be there, besides the first words of the commands. */
  readonly needs?: readonly string[];
}

export interface Plan {
  readonly site: string;
  /** In the order in which they are made; undone in reverse. */
  readonly steps: readonly Step[];
}
