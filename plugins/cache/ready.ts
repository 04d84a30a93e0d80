/**
 * Replies made anew from what is packed, kept with the entries that were asked for last, so that what is popular is unpacked once. Their number
 * and their bytes have a bound of their own.
 */
import { limits } from '../../core/limits.js';
import type { Reply } from '../../core/reply.js';
import { replyOf, type Entry } from './entry.js';

const slabOctets = 64 * 1024;

export class ReadyReplies {
  /** A ring: who comes in takes the place of who came first. */
  readonly #entries: (Entry | undefined)[] = [];
  #next = 0;
  /** Bytes of replies one behind the other, written once each. A slab is let go of when the last reply in it leaves the ring. */
  #slab = Buffer.allocUnsafeSlow(slabOctets);
  #used = 0;

  /** The entry's reply: the one that left last, or a new one. */
  of(entry: Entry): Reply {
    if (entry.served !== undefined) return entry.served;
    // What is large would take the memory of many, and is unpacked each time.
    if (entry.packed.length > limits.cacheReadyOctets) return replyOf(entry);
    const oldest = this.#entries[this.#next];
    if (oldest !== undefined) oldest.served = undefined;
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % limits.cacheReadyReplies;
    return (entry.served = replyOf(entry, (octets) => this.#place(octets)));
  }

  #place(octets: string): Buffer {
    if (this.#used + octets.length > slabOctets) {
      this.#slab = Buffer.allocUnsafeSlow(slabOctets);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += this.#slab.write(octets, start, 'latin1');
    return this.#slab.subarray(start, this.#used);
  }

  clear(): void {
    for (const entry of this.#entries) if (entry !== undefined) entry.served = undefined;
    this.#entries.length = 0;
    this.#next = 0;
  }
}
