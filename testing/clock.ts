/** A clock that stands still until a test moves it. */
import type { Clock, Timer } from '../core/runtime.js';

interface Alarm {
  due: number;
  readonly every: number | undefined;
  readonly callback: () => void;
}

export class TestClock implements Clock {
  // Not 0: caches take 0 for "never".
  #now = 1_000;
  readonly #epoch: number;
  readonly #alarms = new Set<Alarm>();

  /** @param wall what the wall clock shows at the beginning, in milliseconds since 1970 */
  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#epoch = wall - this.#now;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#epoch + this.#now;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#add({ due: this.#now + delayMs, every: undefined, callback });
  }

  every(intervalMs: number, callback: () => void): Timer {
    return this.#add({ due: this.#now + intervalMs, every: intervalMs, callback });
  }

  cancel(timer: Timer | undefined): void {
    if (timer !== undefined) this.#alarms.delete(timer as Alarm);
  }

  /** How many timers are set; for proving that none is left behind. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Milliseconds until the next timer rings; `Infinity` when none is set. */
  get untilNext(): number {
    return Math.max(0, (this.#next?.due ?? Infinity) - this.#now);
  }

  /** Lets time pass; timers ring in order, each at its own moment. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#next;
      if (next === undefined || next.due > end) break;
      this.#now = Math.max(this.#now, next.due);
      if (next.every === undefined) this.#alarms.delete(next);
      else next.due += next.every;
      next.callback();
    }
    this.#now = end;
  }

  get #next(): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) if (next === undefined || alarm.due < next.due) next = alarm;
    return next;
  }

  #add(alarm: Alarm): Alarm {
    this.#alarms.add(alarm);
    return alarm;
  }
}
