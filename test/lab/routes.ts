/** When each site's router led the clients of a VPN to the site's own container, by what the kernel reports. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Site } from '../../jail/site/index.js';
import { attempt, env, until } from './command.js';
import type { Lab } from './lab.js';

/** A time for which a site had the route; seconds since 1970. */
export interface Tenure {
  readonly site: string;
  readonly from: number;
  readonly until: number;
}

interface Change {
  readonly site: string;
  readonly at: number;
  readonly added: boolean;
}

/** `2026-11-22T18:09:03.123456`, in UTC, as seconds. */
export const parseStamp = (stamp: string): number => Date.parse(`${stamp.slice(0, 19)}Z`) / 1000 + Number(`0${stamp.slice(19)}`);

/** A line of `ip -ts monitor route` that is about a route by a gateway to an address. */
export function parseChange(line: string, anycast: string, gateway: string): { readonly at: number; readonly added: boolean } | undefined {
  const [, stamp, deleted, address, via] = /^\[([^\]]+)\] (Deleted )?(\S+) via (\S+)/.exec(line) ?? [];
  return stamp !== undefined && address === anycast && via === gateway ? { at: parseStamp(stamp), added: deleted === undefined } : undefined;
}

/**
 * From changes to times; what has begun and not ended lasts for ever. A route that is added while there is one (a new metric, say) is still
 * one route, and ends with the last.
 */
export function tenures(changes: readonly Change[]): Tenure[] {
  const found: Tenure[] = [];
  for (const site of new Set(changes.map((change) => change.site))) {
    let [count, from] = [0, 0];
    for (const { at, added } of changes.filter((change) => change.site === site)) {
      if (added && count++ === 0) from = at;
      if (!added && --count === 0) found.push({ site, from, until: at });
    }
    if (count > 0) found.push({ site, from, until: Infinity });
  }
  return found.sort((a, b) => a.from - b.from);
}

/** Pairs of sites that had the route at the same time. */
export const overlaps = (all: readonly Tenure[]): string[] => all.flatMap((one, i) => all.slice(i + 1)
  .filter((other) => other.site !== one.site && other.from < one.until && one.from < other.until)
  .map((other) => `${one.site} and ${other.site} for ${Math.round((Math.min(one.until, other.until) - other.from) * 1000)} ms`));

type Monitor = ChildProcessByStdio<null, Readable, null>;

/** Put in place and removed, so that a monitor has something to say. */
const marker = ['unreachable', '192.0.2.254/32', 'metric', '4000000000'];

export class RouteLog {
  readonly #changes: Change[] = [];
  readonly #monitors: Monitor[] = [];

  static async start(lab: Lab, vpn: 1 | 2): Promise<RouteLog> {
    const log = new RouteLog();
    const anycast = lab.anycastOf(vpn);
    await Promise.all(lab.sites.map((site) => log.#watch(site, lab.namespaceOf(site, 'ipsec'), anycast)));
    for (const { name } of await lab.holders(vpn)) {
      if (!log.#changes.some(({ site }) => site === name)) log.#changes.unshift({ site: name, at: 0, added: true });
    }
    return log;
  }

  async #watch({ name, gateway }: Site, namespace: string, anycast: string): Promise<void> {
    const monitor = spawn('ip', ['-n', namespace, '-ts', 'monitor', 'route'], { env: { ...env, TZ: 'UTC' }, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#monitors.push(monitor);
    let hears = false;
    createInterface(monitor.stdout).on('line', (line) => {
      hears = true;
      const change = parseChange(line, anycast, gateway.text);
      if (change !== undefined) this.#changes.push({ site: name, ...change });
    });
    await until('the kernel reports routes', async () => {
      await attempt(['ip', '-n', namespace, 'route', 'add', ...marker]);
      await attempt(['ip', '-n', namespace, 'route', 'del', ...marker]);
      return hears;
    });
  }

  get tenures(): Tenure[] {
    return tenures(this.#changes);
  }

  async stop(): Promise<Tenure[]> {
    for (const monitor of this.#monitors) {
      const closed = once(monitor, 'close');
      if (monitor.kill()) await closed;
    }
    return this.tenures;
  }
}
