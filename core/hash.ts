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
