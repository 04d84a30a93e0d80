/** When the machine wants to be looked at. */
import { graceMs } from './drive.js';
import type { State } from './types.js';

/**
 * The moment at which a `tick` is due, if nothing happens before. A pause is noticed only by whoever is usually seen, so it is never far away;
 * therefore what may be a little late (a peer that is silent for too long, a turn that has come) needs no moment of its own.
 */
export function wakeAt(state: State): number {
  const { timing } = state.config;
  let at = state.now + timing.stallMs / 2;
  const consider = (moment: number): void => {
    if (moment > state.now && moment < at) at = moment;
  };
  if (state.status === 'Pending') consider(state.startedAt + timing.settleMs);
  for (const vpn of state.vpns) {
    consider(vpn.notBefore);
    if (vpn.operation !== undefined) consider(vpn.operation.deadline + graceMs);
    else if (vpn.phase === 'proving' || vpn.phase === 'up') consider(vpn.checkAt);
    if (vpn.lease === undefined) continue;
    consider(vpn.renewAt);
    consider(vpn.lease.validUntil - timing.stopBudgetMs);
    consider(vpn.lease.validUntil);
  }
  return at;
}
