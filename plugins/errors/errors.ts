/** A line for everything that failed (a query, a piece of work), or one for many that failed alike. */
import type { Level, Logger } from '../../core/log.js';
import { textOfDuration, type Regexp } from '../../core/properties.js';
import type { Clock, Timer } from '../../core/runtime.js';

export interface Consolidation {
  /** Milliseconds. */
  readonly interval: number;
  readonly pattern: Regexp;
  readonly level: Level;
}

export interface ErrorLog {
  record(line: string): void;
  /** Tells what is still uncounted. */
  close(): void;
}

export function createErrorLog(consolidations: readonly Consolidation[], log: Logger, clock: Clock): ErrorLog {
  const tallies = consolidations.map((consolidation) => new Tally(consolidation, log, clock));
  return {
    record(line) {
      const tally = tallies.find((each) => each.consolidation.pattern.test(line));
      if (tally === undefined) log.error(line);
      else tally.add();
    },
    close() {
      for (const tally of tallies) tally.flush();
    },
  };
}

/** Errors of one pattern, counted from the first on for its interval. */
class Tally {
  readonly consolidation: Consolidation;
  readonly #log: Logger;
  readonly #clock: Clock;
  #count = 0;
  #timer: Timer | undefined;

  constructor(consolidation: Consolidation, log: Logger, clock: Clock) {
    this.consolidation = consolidation;
    this.#log = log;
    this.#clock = clock;
  }

  add(): void {
    this.#count++;
    this.#timer ??= this.#clock.after(this.consolidation.interval, () => this.flush());
  }

  flush(): void {
    this.#clock.cancel(this.#timer);
    this.#timer = undefined;
    if (this.#count === 0) return;
    const { level, pattern, interval } = this.consolidation;
    this.#log[level](`${this.#count} errors like '${pattern.source}' occurred in the last ${textOfDuration(interval)}`);
    this.#count = 0;
  }
}
