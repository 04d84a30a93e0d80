/** What happened lately, for `dynvpn events` and for whoever looks. */
import { limits } from '../core/limits.js';

/** One thing that happened. */
export interface Entry {
  /** Counts from 1 with every entry since the daemon's start. */
  readonly n: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

/** The last entries, the oldest first. */
export class History {
  readonly #entries: Entry[] = [];
  #count = 0;

  add(at: number, level: Entry['level'], text: string): Entry {
    const entry = { n: ++this.#count, at, level, text };
    this.#entries.push(entry);
    if (this.#entries.length > limits.haEvents) this.#entries.shift();
    return entry;
  }

  /** Those after entry `n` that are still known. */
  since(n = 0): readonly Entry[] {
    return this.#entries.filter((entry) => entry.n > n);
  }
}
