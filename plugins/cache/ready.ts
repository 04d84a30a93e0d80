/**
 * Replies made anew from their records, kept for the entries that were asked for last, so that what is popular is made once. Their number and their
 * bytes have a bound of their own.
 */
import { Buffer } from 'node:buffer';
import { limits } from '../../core/limits.js';
import type { Reply } from '../../core/reply.js';
import type { Entry } from './record.js';

const slabOctets = 64 * 1024;

export class ReadyReplies {
  /** A ring: who comes in takes the place of who came first. An entry knows its place, and the serial tells if that is still its own. */
  readonly #replies: Reply[] = [];
  readonly #serials = new Float64Array(limits.cacheReadyReplies);
  #next = 0;
  /** Bytes of replies one behind the other, written once each. A slab is let go of when the last reply in it leaves the ring. */
  #slab = Buffer.allocUnsafeSlow(slabOctets);
  #used = 0;
  readonly #place = (octets: Buffer): Buffer => {
    if (this.#used + octets.length > slabOctets) {
      this.#slab = Buffer.allocUnsafeSlow(slabOctets);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += octets.length;
    this.#slab.set(octets, start);
    return this.#slab.subarray(start, this.#used);
  };

  /** The entry's reply: the one that left last, or a new one. */
  of(entry: Entry): Reply {
    if (this.#has(entry)) return this.#replies[entry.readyPlace]!;
    // What is large would take the memory of many, and is made each time.
    if (entry.replyOctets > limits.cacheReadyOctets) return entry.reply();
    const reply = entry.reply(this.#place);
    entry.readyPlace = this.#next;
    this.#serials[this.#next] = entry.serial;
    this.#replies[this.#next] = reply;
    this.#next = (this.#next + 1) % limits.cacheReadyReplies;
    return reply;
  }

  /** Keeps the reply as it leaves now, if there is one kept for the entry. */
  renew(entry: Entry, reply: Reply): void {
    if (this.#has(entry)) this.#replies[entry.readyPlace] = reply;
  }

  clear(): void {
    this.#serials.fill(0);
    this.#replies.length = 0;
    this.#next = 0;
  }

  #has(entry: Entry): boolean {
    return this.#serials[entry.readyPlace] === entry.serial;
  }
}
