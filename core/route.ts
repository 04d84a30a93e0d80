/**
 * A route: the upstream group that the policy chose for a query. Its identity is part of every key under which an answer is shared — in the
 * cache, among queries in flight — so that an answer can never cross from one VPN to another.
 */
import type { Query } from './query.js';
import type { Reply } from './reply.js';
import type { Position } from './errors.js';
import type { Name } from './name.js';

export interface Route {
  /**
   * Equal exactly for routes whose queries leave by the same way to the same servers. Made from the group's addresses and its source
   * address, so that it also tells a route from its namesake after a reload.
   */
  readonly id: string;
  /** For people: `from 192.0.2.0/24`, `identity 192.0.2.48/28`. */
  readonly label: string;
  /** The line of the Corefile that chose it. */
  readonly at: Position;
  /** The domains for which the Corefile names it; absent when names have no part in choosing it. */
  readonly zones?: readonly Name[];
  /** The servers, as `ADDRESS:PORT`. */
  readonly upstreams: readonly string[];
  /** Asks. Always calls back, once, within a bounded time; a failure is a SERVFAIL reply with its reason. */
  exchange(query: Query, callback: (reply: Reply) => void): void;
}
