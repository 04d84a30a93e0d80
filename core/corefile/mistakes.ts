/** Reading goes on after a mistake, so that all of them are told at once. */
import { ConfigError } from '../errors.js';
import type { Mistake, Position } from '../errors.js';

/** One mistake, to be thrown. */
export const mistake = (at: Position, problem: string): ConfigError => new ConfigError([{ at, problem }]);

/** Carries out every task; what they return, or one ConfigError with the mistakes of all that failed. */
export function allOf<T>(tasks: readonly (() => T)[]): T[] {
  const mistakes: Mistake[] = [];
  const results = tasks.flatMap((task) => attempt(task, mistakes));
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return results;
}

/** What the task returns, or nothing when it found mistakes, which are added to the list. */
export function attempt<T>(task: () => T, mistakes: Mistake[]): [] | [T] {
  try {
    return [task()];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    mistakes.push(...error.mistakes);
    return [];
  }
}
