/**
 * A keyed hash of names that yields the hash of every ancestor on the way: simple tabulation (Zobrist 1970; Pătraşcu and Thorup, "The power
 * of simple tabulation hashing", 2011), counted from the end of the name. The hash is the exclusive-or of one random number for each octet
 * at its place, so going one label to the left only adds to it, and two given names collide with a probability of 2^-32 whoever chose them.
 */
import { lowerCase, maxNameOctets } from '../name.js';
import type { Random } from '../runtime.js';

/** Octets of a name without the root's. */
const places = maxNameOctets - 1;

/** The secret of a hash: at `place * 256 + octet` the number of that octet. Small and capital letters have the same, so nothing has to be folded. */
export type SuffixHash = Uint32Array;

/** Draws a secret; its buffer may be shared with other threads. */
export function createSuffixHash(random: Random): SuffixHash {
  const numbers = new Uint32Array(new SharedArrayBuffer(places * 256 * Uint32Array.BYTES_PER_ELEMENT));
  for (let i = 0; i < numbers.length; i++) numbers[i] = random.below(2 ** 32);
  for (let i = 0; i < numbers.length; i++) numbers[i] = numbers[(i & ~0xff) | lowerCase[i & 0xff]!]!;
  return numbers;
}

/**
 * Extends the hash of what follows `end` by the octets of [start, end).
 * @param place how many octets of the name follow `end`, without the root's; the hash of no octets is 0
 */
export function extendHash(secret: SuffixHash, hash: number, place: number, bytes: Uint8Array, start: number, end: number): number {
  let extended = hash;
  let row = place << 8;
  for (let i = end - 1; i >= start; i--) {
    extended ^= secret[row | bytes[i]!]!;
    row += 256;
  }
  return extended;
}
