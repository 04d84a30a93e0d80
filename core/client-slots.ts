/**
 * Places for what is known of clients, in tables of a fixed size: however many addresses somebody invents, nothing grows. Two clients may fall
 * into one place and then count as one; which ones, nobody can arrange who does not know the seed.
 */
import type { AddressOctets } from './address.js';
import type { Random } from './runtime.js';

/** How many places there are: with 1,000 clients, one of them has one chance in 65 to share its place. */
export const slotCount = 65_536;

export class ClientSlots {
  readonly #seed: number;

  constructor(random: Random) {
    this.#seed = random.below(2 ** 32);
  }

  /** The place, from 0 on, of an address or, with fewer bits, of the network that it is in. */
  of({ bits, octets }: AddressOctets, prefix: number = bits): number {
    // FNV-1a, and the finish of MurmurHash3: the upper bits are as good as the lower.
    let hash = this.#seed ^ bits;
    const whole = prefix >> 3;
    for (let i = 0; i < whole; i++) hash = Math.imul(hash ^ octets[i]!, 0x01000193);
    if ((prefix & 7) !== 0) hash = Math.imul(hash ^ (octets[whole]! >> (8 - (prefix & 7))), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return (hash ^ (hash >>> 13)) & (slotCount - 1);
  }
}
