/** The lease of a VPN: had before anything starts, renewed, and given up in time: whoever cannot renew it is down before it ends. */
import { isAnotherReady, isUsable, pauseAfter, restAfterYielding, type Context } from './context.js';
import { goDown } from './down.js';
import type { Event, Vpn } from './types.js';

type Result = Extract<Event, { type: 'result' }>;

/** The answer to `acquireLease`. */
export function leaseAnswered(c: Context, vpn: Vpn, { ok, lease, reason }: Result): void {
  const { timing } = c.state.config;
  const isHad = ok && lease !== undefined && isUsable(c, lease);
  if (isHad) {
    vpn.lease = lease;
    vpn.renewAt = c.now + timing.renewMs;
    // Whoever had it before may take its whole budget to let go.
    vpn.notBefore = c.now + timing.stopBudgetMs;
  }
  if (vpn.destination !== undefined) return goDown(c, vpn, vpn.destination, vpn.reason);
  if (isHad) return;
  if (vpn.session) return goDown(c, vpn, { kind: 'restart' }, 'a session was found, and its lease could not be had');
  // Asking costs nothing, so there is no longer and longer pause; but another site may have better luck.
  vpn.notBefore = c.now + timing.renewMs;
  if (c.now >= vpn.proveBy && isAnotherReady(c, vpn)) stepAside(c, vpn, reason ?? 'its lease could not be had');
}

/** The answer to `renewLease`. One that was lost meanwhile is not had back by it. */
export function leaseRenewed(c: Context, vpn: Vpn, { lease }: Result): void {
  if (vpn.lease === undefined || lease === undefined || lease.token !== vpn.lease.token || vpn.lease.validUntil <= c.now) return;
  vpn.lease = { token: lease.token, validUntil: Math.max(vpn.lease.validUntil, lease.validUntil) };
}

/** It is known, or has to be feared, that the lease is not ours any more. Its token is kept: once everything is down, others need not wait for its end. */
export function loseLease(c: Context, vpn: Vpn, reason: string): void {
  if (vpn.lease !== undefined) vpn.lease = { token: vpn.lease.token, validUntil: -Infinity };
  fence(c, vpn, reason);
}

/** Renews the lease when it is time, and fences when that did not succeed. */
export function keepLease(c: Context, vpn: Vpn): void {
  if (vpn.lease === undefined) return;
  if (!isUsable(c, vpn.lease)) fence(c, vpn, 'its lease could not be renewed');
  if (vpn.lease === undefined || c.now < vpn.renewAt) return;
  vpn.renewAt = c.now + c.state.config.timing.renewMs;
  c.effects.push({ type: 'renewLease', vpn: vpn.id, token: vpn.lease.token });
}

/** Route and session go, now: when the lease ends somebody else may have them. What goes down already has its lease looked at when it has arrived. */
function fence(c: Context, vpn: Vpn, reason: string): void {
  if (vpn.phase !== 'down' && vpn.phase !== 'probing' && vpn.destination === undefined) stepAside(c, vpn, reason);
}

/** Down, and not at once up again: it is others' turn. */
function stepAside(c: Context, vpn: Vpn, reason: string): void {
  vpn.failures++;
  vpn.notBefore = c.now + pauseAfter(c.state.config.timing, vpn.failures);
  goDown(c, vpn, { kind: 'rest', status: restAfterYielding(c.state, vpn) }, reason);
}
