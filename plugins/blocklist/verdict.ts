/** Whether a name is blocked for a client, and why; the same judgement for queries and for people who ask. */
import type { Address } from '../../core/address.js';
import type { Name } from '../../core/name.js';
import type { Exceptions } from './exceptions.js';
import type { ListReport } from './load.js';
import type { Lists } from './loader.js';

/** What a directive says, and what it has loaded. */
export interface Policy {
  readonly lists: Lists;
  readonly exceptions: Pick<Exceptions, 'allows'>;
  /** Whether the directive is about this client at all. */
  concerns(client: Address): boolean;
  /** Whether this client is never blocked. */
  exempts(client: Address): boolean;
}

/** Why a listed name is not blocked after all. */
export type Pardon = 'these lists are not for this client' | 'this client is exempt' | 'an exception was made' | 'it is allowed by a list or the Corefile';

/** What holds for a name. `entry` is what the list has: the name, or one above it. */
export type Verdict =
  | { readonly listed: false }
  | { readonly listed: true; readonly list: ListReport; readonly entry: Name; readonly pardon: Pardon | undefined };

/**
 * Why a name that a list has is not blocked for this client; `undefined` when it is.
 * @param client `undefined` for clients in general: then only what goes for all of them counts
 */
export function pardonOf(policy: Policy, name: Name, client: Address | undefined): Pardon | undefined {
  if (client !== undefined && !policy.concerns(client)) return 'these lists are not for this client';
  if (client !== undefined && policy.exempts(client)) return 'this client is exempt';
  if (policy.exceptions.allows(name, client)) return 'an exception was made';
  return policy.lists.allowed.matchName(name) === -1 ? undefined : 'it is allowed by a list or the Corefile';
}

/**
 * The entry that blocks a name, or -1. This is on the way of every query: nothing is allocated, and a name that no list has costs one look-up.
 * @param start offset of the name's wire form in `bytes`, `end` the offset behind it
 */
export function blockingEntry(policy: Policy, bytes: Uint8Array, start: number, end: number, name: Name, client: Address): number {
  const entry = policy.lists.blocked.match(bytes, start, end);
  return entry === -1 || pardonOf(policy, name, client) !== undefined ? -1 : entry;
}

/** The same with all that led to it. */
export function verdictOn(policy: Policy, name: Name, client: Address | undefined): Verdict {
  const { blocked, lists } = policy.lists;
  const entry = blocked.matchName(name);
  if (entry === -1) return { listed: false };
  return { listed: true, list: lists[blocked.listOf(entry)]!, entry: blocked.nameOf(entry), pardon: pardonOf(policy, name, client) };
}
