/**
 * Chance from a seed: the same seed, the same world. Every part of the world draws from a stream of its own, so that one less fault does not
 * reshuffle the rest.
 */

/** Numbers in [0, 1). */
export type Random = () => number;

/** mulberry32: small, quick, and good enough to choose faults with. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A seed of its own for each part of a world. */
export const derive = (seed: number, part: number): number => Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(part + 1, 0xc2b2ae35);

export const between = (random: Random, low: number, high: number): number => low + random() * (high - low);

/** Small values are as likely as large ones, by order of magnitude. */
export const logUniform = (random: Random, low: number, high: number): number => low * (high / low) ** random();

export const whole = (random: Random, low: number, high: number): number => low + Math.floor(random() * (high - low + 1));

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}
