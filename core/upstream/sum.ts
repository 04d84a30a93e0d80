/** What several workers say of the same upstreams, as one report. */
import type { UpstreamReport } from '../plugin.js';
import type { UpstreamStatus } from './upstream.js';

/**
 * Adds up the reports of all workers, each group once, in the order of the first.
 * @param parts a worker's groups; one that stands there twice is the same group, reported by two directives
 */
export function addReports(parts: readonly (readonly UpstreamReport[])[]): UpstreamReport[] {
  const sums = new Map<string, UpstreamReport>();
  for (const part of parts) {
    for (const [key, group] of new Map(part.map((each) => [`${each.plugin} ${each.id}`, each]))) {
      const sum = sums.get(key);
      sums.set(key, sum === undefined ? group : { ...sum, servers: sum.servers.map((server, i) => add(server, group.servers[i])) });
    }
  }
  return [...sums.values()];
}

/** Counts add up. Of what can't be added the worst counts: a server that one worker finds down, the slowest answers. */
function add(a: UpstreamStatus, b: UpstreamStatus | undefined): UpstreamStatus {
  if (b === undefined) return a;
  const [p50, p99] = [worst(a.p50_ms, b.p50_ms), worst(a.p99_ms, b.p99_ms)];
  return {
    address: a.address, healthy: a.healthy && b.healthy, fails: Math.max(a.fails, b.fails), in_flight: a.in_flight + b.in_flight,
    queries: a.queries + b.queries, answers: a.answers + b.answers, foreign: a.foreign + b.foreign,
    ...(p50 !== undefined && p99 !== undefined && { p50_ms: p50, p99_ms: p99 }),
  };
}

const worst = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined || b === undefined ? (a ?? b) : Math.max(a, b));
