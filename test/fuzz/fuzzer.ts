/** Looks for an input that a target does not bear. */
import type { Random } from '../../core/runtime.js';
import { mutate } from './mutate.js';

/** Something that takes any octets. It may keep state, as a server does. */
export interface Running {
  /** Throws, or rejects, when something does not hold that must. */
  run(input: Buffer): void | Promise<void>;
  stop(): Promise<void>;
}

export interface Target {
  readonly name: string;
  /** What must hold. */
  readonly what: string;
  start(): Promise<Running>;
}

export interface Finding {
  readonly input: Buffer;
  readonly error: unknown;
}

/** The error that an input makes; `undefined` when it makes none. */
export async function errorOf(running: Running, input: Buffer): Promise<unknown> {
  try {
    await running.run(input);
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * Changes inputs of the corpus, until one shows a mistake or time is up. What it finds is made as small as it can be.
 * @param isOver asked before each input
 */
export async function fuzz(running: Running, corpus: readonly Buffer[], random: Random, isOver: () => boolean): Promise<Finding | undefined> {
  while (!isOver()) {
    const pick = (): Buffer => corpus[random.below(corpus.length)]!;
    const input = mutate(pick(), pick(), random);
    const error = await errorOf(running, input);
    if (error !== undefined) return smallest(running, { input, error });
  }
  return undefined;
}

/** Leaves out what is not needed for the error: halves, quarters, … single octets. */
async function smallest(running: Running, finding: Finding): Promise<Finding> {
  let best = finding;
  for (let size = best.input.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.input.length;) {
      const input = Buffer.concat([best.input.subarray(0, at), best.input.subarray(at + size)]);
      const error = await errorOf(running, input);
      if (error === undefined) at += size;
      else best = { input, error };
    }
  }
  return best;
}
