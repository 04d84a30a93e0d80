/**
 * The way down, and the steps of both ways. Down: the route, proof that it is gone, only then the session. Never more than one piece of work
 * for a VPN at a time, and no start before a finished stop.
 */
import { abort, begin, isAnotherReady, isUsable, log, pauseAfter, restOf, setStatus, type Context } from './context.js';
import type { Destination, Vpn } from './types.js';

/** Sends a VPN down, from wherever it is. A rest, once decided, is not undone by a restart. */
export function goDown(c: Context, vpn: Vpn, destination: Destination, reason: string): void {
  const isOnItsWay = vpn.destination !== undefined;
  if (vpn.destination?.kind !== 'rest' || destination.kind === 'rest') vpn.destination = destination;
  if (destination.kind === 'rest') vpn.forced = false;
  if (isGoingDown(vpn)) return;
  vpn.reason = reason;
  if (destination.kind === 'restart' && vpn.status === 'Online') setStatus(c, vpn, 'Pending', reason);
  switch (vpn.phase) {
    case 'down':
      return arrive(c, vpn);
    case 'probing':
      // What it finds is taken down.
      return;
    case 'claiming':
      if (vpn.operation === undefined) return vpn.session ? enter(c, vpn, 'unrouting') : arrive(c, vpn);
      if (!isOnItsWay) abort(c, vpn, true);
      return;
    case 'starting':
    case 'routing':
      // What has begun changes the system: its end is waited for.
      if (!isOnItsWay) abort(c, vpn, true);
      return;
    case 'found':
    case 'proving':
    case 'up':
      abort(c, vpn, false);
      return enter(c, vpn, 'unrouting');
    default:
  }
}

const isGoingDown = ({ phase }: Vpn): boolean => phase === 'unrouting' || phase === 'stopping' || phase === 'stuck';

/** Something went wrong: another try, or Failed. Without anybody else to do it, tries do not end. */
export function fail(c: Context, vpn: Vpn, reason: string): void {
  const { timing } = c.state.config;
  vpn.failures++;
  if (vpn.restarts < timing.failureRetries || !isAnotherReady(c, vpn)) {
    vpn.restarts++;
    // The first restart comes at once.
    vpn.notBefore = c.now + pauseAfter(timing, vpn.restarts - 1);
    goDown(c, vpn, { kind: 'restart' }, reason);
  } else {
    vpn.notBefore = c.now + pauseAfter(timing, vpn.failures);
    goDown(c, vpn, { kind: 'rest', status: 'Failed' }, reason);
  }
}

/** Begins what the phase is about. */
export function enter(c: Context, vpn: Vpn, phase: 'starting' | 'routing' | 'unrouting' | 'stopping'): void {
  const { timing } = c.state.config;
  vpn.phase = phase;
  switch (phase) {
    case 'starting':
      vpn.session = true;
      return begin(c, vpn, { do: 'start' }, Math.min(timing.startTimeoutMs, beforeTheFence(c, vpn)));
    case 'routing':
      return begin(c, vpn, { do: 'addRoute', token: vpn.lease?.token ?? vpn.epoch }, Math.min(timing.routeTimeoutMs, beforeTheFence(c, vpn)));
    case 'unrouting':
      return begin(c, vpn, { do: 'removeRoute' }, timing.routeTimeoutMs);
    case 'stopping':
      return begin(c, vpn, { do: 'stop' }, timing.stopTimeoutMs);
  }
}

/** What makes a session or a route must not be at work when they have to go. */
const beforeTheFence = ({ state, now }: Context, { lease }: Vpn): number =>
  (lease === undefined ? Infinity : lease.validUntil - state.config.timing.stopBudgetMs - now);

/** Route and session are gone. */
export function arrive(c: Context, vpn: Vpn): void {
  const destination = vpn.destination ?? { kind: 'rest', status: restOf(c.state, vpn) };
  vpn.destination = undefined;
  vpn.session = false;
  vpn.stuck = undefined;
  vpn.checksFailed = 0;
  vpn.phase = destination.kind === 'restart' ? 'claiming' : 'down';
  if (vpn.lease !== undefined && (vpn.phase === 'down' || !isUsable(c, vpn.lease))) {
    c.effects.push({ type: 'releaseLease', vpn: vpn.id, token: vpn.lease.token });
    vpn.lease = undefined;
  }
  if (destination.kind === 'rest') setStatus(c, vpn, destination.status, vpn.reason);
}

/** A stop that fails is not a stop: the claim is kept, an alarm is raised, and it is tried again. */
export function getStuck(c: Context, vpn: Vpn, reason: string): void {
  if (vpn.stuck === undefined) log(c, 'error', `${vpn.id}: stuck: ${reason}; nobody else can have it until this is mended`);
  vpn.stuck = reason;
  vpn.phase = 'stuck';
  vpn.notBefore = c.now + c.state.config.timing.backoffMs;
}
