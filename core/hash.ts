/** Hashes for tables of our own. */
import { randomInt } from 'node:crypto';

/** Nobody who doesn't know it can choose texts that fall into one place of a table. Where they fall is nothing that anybody sees. */
const seed = randomInt(2 ** 32);

/**
 * FNV-1a over the characters of a text, as a 32-bit integer.
 * @param from the hash of what stands before it, if anything
 */
export function hashOf(text: string, from = seed): number {
  let hash = from;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Places of a table that is quick for so many members: a power of two. */
export const placesFor = (capacity: number): number => 2 ** Math.ceil(Math.log2(Math.max(capacity, 1)));

/** Where a hash belongs in a table of so many places, a power of two; all of its bits have a say. */
export const placeOf = (hash: number, places: number): number => (hash ^ (hash >>> 16)) & (places - 1);
