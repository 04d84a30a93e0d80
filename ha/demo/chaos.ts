/** What goes wrong in the demo, and when: all of it decided by one seed. */
import type { Wan } from './wan.js';

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Something that goes wrong, and how it is mended. */
export interface Mishap {
  /** Seconds from the beginning. */
  readonly at: number;
  readonly what: string;
  begin(wan: Wan): void | Promise<void>;
  /** Seconds later; it mends itself if left out. */
  readonly after?: number;
  mend?(wan: Wan): void | Promise<void>;
}

/**
 * One mishap every few seconds until shortly before the end, so that everything can come to rest; a session and a site are always among them. Never
 * two sites are without power at once.
 */
export function planMishaps(seed: number, seconds: number, { options: { sites, vpns } }: Wan): Mishap[] {
  const random = randomFrom(seed);
  const among = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const between = (low: number, high: number): number => low + random() * (high - low);
  const mishaps: Mishap[] = [];
  let powerless = 0;
  for (let at = between(2, 3); at < seconds - 8; at += between(3, 4)) {
    const [site, vpn] = [among(sites).name, among(vpns)];
    const kind = [1, 0][mishaps.length] ?? random();
    if (kind < 0.2 && at > powerless) {
      const after = between(4, 8);
      powerless = at + after;
      mishaps.push({ at, after, what: `${site} loses its power`, begin: (wan) => wan.powerOff(site), mend: (wan) => void wan.start(site) });
    } else if (kind < 0.45) {
      mishaps.push({
        at, after: between(3, 6), what: `the provider of dynvpn${vpn} can't be reached from where it is`,
        begin: async (wan) => Promise.all(wan.serving(vpn).map((holder) => wan.setBroken(holder, vpn, true))).then(() => undefined),
        mend: async (wan) => Promise.all(sites.map(({ name }) => wan.setBroken(name, vpn, false))).then(() => undefined),
      });
    } else {
      mishaps.push({ at, what: `the session of dynvpn${vpn} dies`, begin: (wan) => wan.serving(vpn).forEach((holder) => wan.killSession(holder, vpn)) });
    }
  }
  return mishaps;
}
