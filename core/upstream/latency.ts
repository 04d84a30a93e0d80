/** The last latencies of a server: a ring that costs a store per answer; percentiles are worked out when somebody asks. */
import { limits } from '../limits.js';

export class Latencies {
  readonly #ring = new Float32Array(limits.upstreamLatencies);
  #count = 0;

  /** @param ms milliseconds from query to answer */
  add(ms: number): void {
    this.#ring[this.#count++ % this.#ring.length] = ms;
  }

  /** The latency in milliseconds that this part (0 … 1) of the last answers did not exceed; `undefined` before the first answer. */
  percentile(part: number): number | undefined {
    const known = this.#ring.slice(0, this.#count).sort();
    return known[Math.max(0, Math.ceil(part * known.length) - 1)];
  }
}
