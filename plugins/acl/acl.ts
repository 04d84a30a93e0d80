/** Who may ask what: rules in order, the first that matches decides, otherwise the query goes on. */
import { inAny, type Cidr } from '../../core/address.js';
import type { Position } from '../../core/errors.js';
import type { Metrics } from '../../core/metrics.js';
import { isWithin, type Name } from '../../core/name.js';
import type { Explanation } from '../../core/plugin.js';
import type { Query } from '../../core/query.js';
import { createReply, dropped, refused, type Reply } from '../../core/reply.js';
import { extendedError } from '../../core/wire/edns.js';
import { ede, rcode } from '../../core/wire/layout.js';

export interface Rule {
  readonly kind: 'allow' | 'block' | 'filter' | 'drop';
  /** Types that it is about; none means all. */
  readonly type: readonly number[];
  /** Clients that it is about; none means all. */
  readonly net: readonly Cidr[];
  readonly at: Position;
}

/** What each kind of rule does, and how the metrics and people call it. */
const verdicts = {
  allow: { reply: undefined, counter: 'acl_allowed_requests_total', past: 'allowed' },
  block: { reply: refused('acl', ede.prohibited, 'blocked by an access rule'), counter: 'acl_blocked_requests_total', past: 'blocked: REFUSED' },
  filter: {
    reply: createReply(rcode.noError, 'acl', { error: extendedError(ede.filtered, 'filtered by an access rule') }),
    counter: 'acl_filtered_requests_total', past: 'filtered: an empty answer',
  },
  drop: { reply: dropped('acl'), counter: 'acl_dropped_requests_total', past: 'dropped: no answer at all' },
} as const;

export interface Acl {
  judge(query: Query): Reply | undefined;
  explain(query: Query): Explanation | undefined;
}

export function createAcl(zones: readonly Name[], rules: readonly Rule[], metrics: Metrics): Acl {
  const compiled = rules.map((rule) => {
    const { counter, reply } = verdicts[rule.kind];
    const types = new Set(rule.type);
    const holds = inAny(rule.net);
    const matches = (query: Query): boolean =>
      (types.size === 0 || types.has(query.type)) && (rule.net.length === 0 || holds(query.client.address));
    return { rule, reply, matches, count: metrics.counter(counter, `Queries that an acl ${rule.kind} rule decided.`).child({}) };
  });
  const decide = (query: Query): (typeof compiled)[number] | undefined =>
    zones.some((zone) => isWithin(query.name, zone)) ? compiled.find(({ matches }) => matches(query)) : undefined;
  return {
    judge(query) {
      const decision = decide(query);
      decision?.count.inc();
      return decision?.reply;
    },
    explain(query) {
      const decision = decide(query);
      if (decision === undefined) return { decision: 'no rule matches: it goes on', final: false };
      const { rule, reply } = decision;
      return { decision: verdicts[rule.kind].past, final: reply !== undefined, at: rule.at };
    },
  };
}
