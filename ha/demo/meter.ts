/** How long each VPN was without service, or at two sites at once, by looks at short intervals. */
export interface Reading {
  readonly vpn: number;
  /** Seconds without service, from its first service on; the longest time of them at a stretch; seconds with two. */
  readonly without: number;
  readonly longest: number;
  readonly twice: number;
  /** How often it came to another site. */
  readonly moves: number;
}

interface Seen {
  at: number;
  sites: readonly string[];
  holder: string | undefined;
  gap: number;
  without: number;
  longest: number;
  twice: number;
  moves: number;
}

export class Meter {
  readonly #seen = new Map<number, Seen>();

  /** @param at seconds; @param sites where it is served now. Returns whether that has changed. */
  look(vpn: number, at: number, sites: readonly string[]): boolean {
    const seen = this.#seen.get(vpn);
    if (seen === undefined) {
      if (sites.length > 0) this.#seen.set(vpn, { at, sites, holder: sites[0], gap: 0, without: 0, longest: 0, twice: 0, moves: 0 });
      return sites.length > 0;
    }
    const passed = at - seen.at;
    seen.gap = seen.sites.length === 0 ? seen.gap + passed : 0;
    if (seen.sites.length === 0) seen.without += passed;
    if (seen.sites.length > 1) seen.twice += passed;
    seen.longest = Math.max(seen.longest, seen.gap);
    const [holder] = sites;
    if (holder !== undefined && holder !== seen.holder) {
      seen.moves++;
      seen.holder = holder;
    }
    const hasChanged = sites.join() !== seen.sites.join();
    seen.at = at;
    seen.sites = sites;
    return hasChanged;
  }

  readings(): Reading[] {
    return [...this.#seen].sort(([one], [other]) => one - other).map(([vpn, { without, longest, twice, moves }]) => ({ vpn, without, longest, twice, moves }));
  }
}
