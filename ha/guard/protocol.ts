/** What a daemon and its guard say to each other: one JSON object a line. All moments are milliseconds of the host's monotonic clock. */

import type { Ending } from '../hooks.js';

/** What ends a VPN at this site. */
export interface Plan {
  readonly route: Ending;
  readonly session: Ending;
  /** For each command; then it is killed, with all that it has started. */
  readonly timeoutMs: number;
}

/** From the daemon. */
export type Order =
  /** Unless another order for the VPN comes before `until`, carry out the plan. */
  | { readonly type: 'watch'; readonly vpn: string; readonly until: number; readonly plan: Plan }
  /** The VPN is down; there is nothing to guard. */
  | { readonly type: 'release'; readonly vpn: string };

/** From the guard. */
export type Report =
  /** First of all: what it watches for whoever came before. */
  | { readonly type: 'hello'; readonly watching: readonly string[] }
  | { readonly type: 'watching'; readonly vpn: string; readonly until: number }
  /** It was not fed in time and has begun to carry out the plan. */
  | { readonly type: 'acting'; readonly vpn: string };

export const lineOf = (message: Order | Report): string => `${JSON.stringify(message)}\n`;

/** Far more than any message has: whoever sends more is not one of us. */
const lineMax = 64 * 1024;

/**
 * A reader of chunks that hands on each whole line as what it says. Both ends are this program, of two versions at worst: a line that is no
 * JSON throws.
 */
export function readLines<Message>(take: (message: Message) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(JSON.parse(line) as Message);
    if (rest.length > lineMax) throw new Error('a line without end');
  };
}
