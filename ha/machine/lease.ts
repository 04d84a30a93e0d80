/** The lease of a VPN: had before anything starts, renewed, and given up in time: whoever cannot renew it is down before it ends. */
import { isAnotherReady, pauseAfter, restAfterYielding, type Context } from './context.js';
import { goDown } from './down.js';
import type { Event, Vpn } from './types.js';

type Result = Extract<Event, { type: 'result' }>;

/** The answer to `acquireLease`. */
export function leaseAnswered(c: Context, vpn: Vpn, { ok, lease, reason }: Result): void {
  const { timing } = c.state.config;
  const isHad = ok && lease !== undefined && c.now < lease.validUntil - timing.stopBudgetMs;
  if (isHad) {
    vpn.lease = lease;
    vpn.renewAt = c.now + timing.renewMs;
    // Whoever had it before may take its whole budget to let go.
    vpn.notBefore = c.now + timing.stopBudgetMs;
  }
  if (vpn.destination !== undefined) return goDown(c, vpn, vpn.destination, vpn.reason);
  if (isHad) return;
  // Asking costs nothing, so there is no longer and longer pause; but another site may have better luck.
  vpn.notBefore = c.now + timing.renewMs;
  if (c.now >= vpn.proveBy && isAnotherReady(c, vpn)) stepAside(c, vpn, reason ?? 'its lease could not be had');
}

/** The answer to `renewLease`. */
export function leaseRenewed(vpn: Vpn, { lease }: Result): void {
  if (vpn.lease === undefined || lease === undefined || lease.token !== vpn.lease.token) return;
  vpn.lease = { token: lease.token, validUntil: Math.max(vpn.lease.validUntil, lease.validUntil) };
}

/** It is known, or has to be feared, that the lease is not ours any more. */
export function loseLease(c: Context, vpn: Vpn, reason: string): void {
  vpn.lease = undefined;
  fence(c, vpn, reason);
}

/** Renews the lease when it is time, and fences when that did not succeed. */
export function keepLease(c: Context, vpn: Vpn): void {
  if (vpn.lease === undefined) return;
  const { timing } = c.state.config;
  const { token, validUntil } = vpn.lease;
  if (c.now >= validUntil) return loseLease(c, vpn, 'its lease has ended');
  if (c.now >= validUntil - timing.stopBudgetMs) fence(c, vpn, 'its lease could not be renewed');
  if (c.now < vpn.renewAt) return;
  vpn.renewAt = c.now + timing.renewMs;
  c.effects.push({ type: 'renewLease', vpn: vpn.id, token });
}

/** Route and session go, now: when the lease ends somebody else may have them. */
function fence(c: Context, vpn: Vpn, reason: string): void {
  const { destination, phase } = vpn;
  if (phase !== 'down' && phase !== 'probing' && (destination === undefined || destination.kind === 'restart')) stepAside(c, vpn, reason);
}

/** Down, and not at once up again: it is others' turn. */
function stepAside(c: Context, vpn: Vpn, reason: string): void {
  vpn.failures++;
  vpn.notBefore = c.now + pauseAfter(c.state.config.timing, vpn.failures);
  goDown(c, vpn, { kind: 'rest', status: restAfterYielding(c.state, vpn) }, reason);
}
