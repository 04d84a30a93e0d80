/** TTLs as the administrator wants them: of what upstreams say, before it is cached. */
import type { Position } from '../../core/errors.js';
import { lookUpWithin, textOfName, type Name } from '../../core/name.js';
import type { Explanation } from '../../core/plugin.js';
import { createReply, type Reply } from '../../core/reply.js';
import { ttlAt } from '../../core/wire/survey.js';
import { putUint32 } from '../../core/wire/layout.js';

export interface Override {
  readonly name: Name;
  readonly seconds: number;
  readonly at: Position;
}

export interface Ttl {
  apply(reply: Reply, name: Name): Reply;
  explain(name: Name): Explanation | undefined;
}

/**
 * @param overrides TTLs of names and all below them; the longest match wins, and of equals the first
 * @param min the least of all other TTLs, in seconds
 * @param max the greatest
 */
export function createTtl(overrides: readonly Override[], min: number, max: number): Ttl {
  const table = new Map<Name, Override>();
  for (const override of overrides) if (!table.has(override.name)) table.set(override.name, override);
  const changesAll = min > 0 || max < Infinity;
  return {
    apply(reply, name) {
      if (reply.kind === undefined || reply.kind === 'failure') return reply;
      const override = lookUpWithin(table, name)?.seconds;
      if (override === undefined && !changesAll) return reply;
      return mapTtls(reply, override === undefined ? (seconds) => Math.min(Math.max(seconds, min), max) : () => override);
    },
    explain(name) {
      const override = lookUpWithin(table, name);
      if (override !== undefined) return { decision: `TTLs become ${override.seconds} s, as for ${textOfName(override.name)}`, final: false, at: override.at };
      return changesAll ? { decision: `TTLs are held between ${min} s and ${max === Infinity ? 'any length' : `${max} s`}`, final: false } : undefined;
    },
  };
}

/** A reply with other TTLs; what a cache may do with it follows them. */
function mapTtls(reply: Reply, change: (seconds: number) => number): Reply {
  const body = Buffer.from(reply.body);
  for (const offset of reply.ttls) putUint32(body, offset, change(ttlAt(body, offset)));
  return createReply(reply.rcode, reply.plugin, { ...reply, body, lifetime: reply.lifetime === undefined ? undefined : change(reply.lifetime) });
}
