/** Special-use names: answered here, so that no upstream, and no VPN, learns of them. */
import { isWithin, lookUpWithin, textOfName, type Name } from '../../core/name.js';
import type { Metrics } from '../../core/metrics.js';
import type { Explanation } from '../../core/plugin.js';
import type { Query } from '../../core/query.js';
import type { Reply } from '../../core/reply.js';
import { localZones, type LocalZone } from './zones.js';

export interface Local {
  judge(query: Query): Reply | undefined;
  explain(query: Query): Explanation | undefined;
}

/** @param excepted names that are not answered here, with all below them */
export function createLocal(excepted: readonly Name[], metrics: Metrics): Local {
  const zones = localZones();
  const tops = new Set([...zones.keys()].map(topOf));
  const exceptions = new Map(excepted.map((name) => [name, true]));
  const answered = metrics.counter('local_answered_total', 'Queries for special-use names, answered here.').child({});
  const zoneOf = (query: Query): LocalZone | undefined => {
    // Nearly every name ends here.
    if (!tops.has(topOf(query.name))) return undefined;
    const zone = lookUpWithin(zones, query.name);
    return zone === undefined || lookUpWithin(exceptions, query.name) !== undefined || isForwarded(query, zone.name) ? undefined : zone;
  };
  return {
    judge(query) {
      const reply = zoneOf(query)?.answer(query.name, query.type);
      if (reply !== undefined) answered.inc();
      return reply;
    },
    explain(query) {
      const zone = zoneOf(query);
      if (zone?.answer(query.name, query.type) === undefined) return undefined;
      return { decision: `answers for ${textOfName(zone.name)}, as ${zone.source} asks`, final: true, details: { zone: textOfName(zone.name) } };
    },
  };
}

/** Whether the Corefile sends the zone, or a part of it that the name is in, somewhere by name. A route for everything does not count. */
const isForwarded = (query: Query, zone: Name): boolean =>
  query.possibleRoute?.zones?.some((routed) => isWithin(query.name, routed) && isWithin(routed, zone)) ?? false;

/** The last label and the root's. */
function topOf(name: Name): string {
  let last = 0;
  for (let i = 0; name.charCodeAt(i) !== 0; i += 1 + name.charCodeAt(i)) last = i;
  return name.slice(last);
}
