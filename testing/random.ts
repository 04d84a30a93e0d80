/** Chance that a test can repeat: the same numbers from the same seed. Nobody may take it for the real one. */
import type { Random } from '../core/runtime.js';

export class TestRandom implements Random {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed >>> 0;
  }

  uint16(): number {
    return this.#next() >>> 16;
  }

  below(below: number): number {
    return Math.floor((this.#next() / 2 ** 32) * below);
  }

  /** Mulberry32: every state comes once in 2^32 steps, and neighbouring seeds say nothing of each other. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
