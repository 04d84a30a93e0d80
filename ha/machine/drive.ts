/**
 * The way up and the way down, one step at a time. Up: (lease,) session, proof of connectivity, only then the route. Down: the route, proof
 * that it is gone, only then the session. Never more than one piece of work for a VPN at a time, and no start before a finished stop.
 */
import { abort, begin, log, pauseAfter, reportsOn, restOf, setStatus, type Context } from './context.js';
import type { Destination, Event, Vpn } from './types.js';

/** Sends a VPN down, from wherever it is. */
export function goDown(c: Context, vpn: Vpn, destination: Destination, reason: string): void {
  // A rest, once decided, is not undone by a restart.
  if (vpn.destination?.kind !== 'rest' || destination.kind === 'rest') vpn.destination = destination;
  vpn.forced = false;
  if (isGoingDown(vpn)) return;
  vpn.reason = reason;
  if (destination.kind === 'restart' && vpn.status === 'Online') setStatus(c, vpn, 'Pending', reason);
  switch (vpn.phase) {
    case 'down':
      return arrive(c, vpn);
    case 'claiming':
      abort(c, vpn, false);
      if (!vpn.session) return arrive(c, vpn);
      return enter(c, vpn, 'unrouting');
    case 'starting':
    case 'routing':
    case 'probing':
      // What has begun changes the system: its end is waited for.
      return abort(c, vpn, true);
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
  const otherIsReady = reportsOn(c, vpn).some(({ report }) => report.ready);
  if (vpn.restarts < timing.failureRetries || !otherIsReady) {
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
function enter(c: Context, vpn: Vpn, phase: 'starting' | 'routing' | 'unrouting' | 'stopping'): void {
  const { timing } = c.state.config;
  vpn.phase = phase;
  switch (phase) {
    case 'starting':
      vpn.session = true;
      return begin(c, vpn, { do: 'start' }, timing.startTimeoutMs);
    case 'routing':
      return begin(c, vpn, { do: 'addRoute', token: vpn.lease?.token ?? vpn.epoch }, timing.routeTimeoutMs);
    case 'unrouting':
      return begin(c, vpn, { do: 'removeRoute' }, timing.routeTimeoutMs);
    case 'stopping':
      return begin(c, vpn, { do: 'stop' }, timing.stopTimeoutMs);
  }
}

/** A session runs: it has to prove itself. */
function enterProving(c: Context, vpn: Vpn): void {
  const { timing } = c.state.config;
  vpn.phase = 'proving';
  vpn.checkAt = c.now + timing.onlineCheckDelayMs;
  vpn.proveBy = c.now + timing.proveTimeoutMs;
}

/** Route and session are gone. */
function arrive(c: Context, vpn: Vpn): void {
  const destination = vpn.destination ?? { kind: 'rest', status: restOf(c.state, vpn) };
  vpn.destination = undefined;
  vpn.session = false;
  vpn.stuck = undefined;
  vpn.checksFailed = 0;
  if (destination.kind === 'restart') {
    vpn.phase = 'claiming';
    return;
  }
  vpn.phase = 'down';
  vpn.forced = false;
  releaseLease(c, vpn);
  setStatus(c, vpn, destination.status, vpn.reason);
}

export function releaseLease({ effects }: Context, vpn: Vpn): void {
  if (vpn.lease !== undefined) effects.push({ type: 'releaseLease', vpn: vpn.id, token: vpn.lease.token });
  vpn.lease = undefined;
}

type Result = Extract<Event, { type: 'result' }>;

/** The end of a piece of work. A late or unknown result changes nothing. */
export function takeResult(c: Context, vpn: Vpn, result: Result): void {
  if (result.operation === 0) return renewed(vpn, result);
  const { operation } = vpn;
  if (operation === undefined || operation.id !== result.operation) return;
  vpn.operation = undefined;
  const reason = result.reason ?? `${operation.kind} failed`;
  switch (vpn.phase) {
    case 'probing':
      vpn.session = result.ok;
      vpn.phase = result.ok ? 'found' : 'down';
      break;
    case 'claiming':
      return leaseAnswered(c, vpn, result);
    case 'starting':
      if (vpn.destination !== undefined) return enter(c, vpn, 'stopping');
      return result.ok ? enterProving(c, vpn) : fail(c, vpn, reason), afterWork(c, vpn);
    case 'proving':
      if (result.ok) return enter(c, vpn, 'routing');
      if (c.now >= vpn.proveBy) return fail(c, vpn, reason);
      vpn.checkAt = c.now + c.state.config.timing.onlineCheckDelayMs;
      return;
    case 'routing':
      if (vpn.destination !== undefined) return enter(c, vpn, 'unrouting');
      return result.ok ? comeOnline(c, vpn) : fail(c, vpn, reason), afterWork(c, vpn);
    case 'up':
      return checked(c, vpn, result.ok, reason);
    case 'unrouting':
      return result.ok ? enter(c, vpn, 'stopping') : getStuck(c, vpn, `its route does not go away: ${reason}`);
    case 'stopping':
      return result.ok ? arrive(c, vpn) : getStuck(c, vpn, `its session does not stop: ${reason}`);
    default:
  }
}

/** A failure in a phase that had to be waited for: now the way down can begin. */
function afterWork(c: Context, vpn: Vpn): void {
  if (vpn.destination === undefined || vpn.operation !== undefined) return;
  if (vpn.phase === 'starting') enter(c, vpn, 'stopping');
  else if (vpn.phase === 'routing') enter(c, vpn, 'unrouting');
}

function comeOnline(c: Context, vpn: Vpn): void {
  vpn.phase = 'up';
  vpn.forced = false;
  vpn.checksFailed = 0;
  vpn.checkAt = c.now + c.state.config.timing.checkIntervalMs;
  setStatus(c, vpn, 'Online', `its session is proven and its route is in place (epoch ${vpn.epoch})`);
}

function checked(c: Context, vpn: Vpn, ok: boolean, reason: string): void {
  const { timing } = c.state.config;
  vpn.checksFailed = ok ? 0 : vpn.checksFailed + 1;
  if (vpn.checksFailed >= Math.max(1, timing.checkRetries)) return fail(c, vpn, `its connectivity is lost: ${reason}`);
  vpn.checkAt = c.now + (ok ? timing.checkIntervalMs : Math.min(timing.checkIntervalMs, timing.onlineCheckDelayMs));
  if (ok && c.now - vpn.since >= timing.stableMs) vpn.failures = vpn.restarts = 0;
}

/** A stop that fails is not a stop: the claim is kept, an alarm is raised, and it is tried again. */
function getStuck(c: Context, vpn: Vpn, reason: string): void {
  if (vpn.stuck === undefined) log(c, 'error', `${vpn.id}: stuck: ${reason}; nobody else can have it until this is mended`);
  vpn.stuck = reason;
  vpn.phase = 'stuck';
  vpn.failures++;
  vpn.notBefore = c.now + pauseAfter(c.state.config.timing, Math.min(vpn.failures, 3));
}

function leaseAnswered(c: Context, vpn: Vpn, { ok, lease, reason }: Result): void {
  const { timing } = c.state.config;
  if (ok && lease !== undefined) {
    vpn.lease = lease;
    vpn.renewAt = c.now + timing.renewMs;
    // Whoever had it before may take its whole budget to let go.
    vpn.notBefore = Math.max(vpn.notBefore, c.now + timing.stopBudgetMs);
    return;
  }
  vpn.notBefore = c.now + timing.backoffMs;
  goDown(c, vpn, { kind: 'rest', status: restOf(c.state, vpn) }, reason ?? 'another site has its lease');
}

function renewed(vpn: Vpn, { lease }: Result): void {
  if (vpn.lease === undefined || lease === undefined || lease.token !== vpn.lease.token) return;
  vpn.lease = { token: lease.token, validUntil: Math.max(vpn.lease.validUntil, lease.validUntil) };
}

/** The lease ends, or may have ended: route and session go, now. */
export function fence(c: Context, vpn: Vpn, reason: string): void {
  if (vpn.phase === 'down' || vpn.phase === 'probing') return;
  vpn.failures++;
  vpn.notBefore = c.now + pauseAfter(c.state.config.timing, vpn.failures);
  goDown(c, vpn, { kind: 'rest', status: restOf(c.state, vpn) }, reason);
}

/** Does what the time has come for. */
export function drive(c: Context, vpn: Vpn): void {
  if (vpn.operation !== undefined && c.now >= vpn.operation.deadline + graceMs) {
    takeResult(c, vpn, { type: 'result', now: c.now, vpn: vpn.id, operation: vpn.operation.id, ok: false, reason: `${vpn.operation.kind} gave no result in time` });
  }
  if (vpn.lease !== undefined) driveLease(c, vpn);
  if (vpn.operation !== undefined) return;
  switch (vpn.phase) {
    case 'claiming':
      return driveClaim(c, vpn);
    case 'proving':
    case 'up':
      if (c.now >= vpn.checkAt) begin(c, vpn, { do: 'check' }, c.state.config.timing.checkTimeoutMs);
      return;
    case 'stuck':
      if (c.now >= vpn.notBefore) enter(c, vpn, 'unrouting');
      return;
    default:
  }
}

/** Results come by their deadline; one that is later than this will not come. */
const graceMs = 1000;

function driveClaim(c: Context, vpn: Vpn): void {
  if (c.now < vpn.notBefore || reportsOn(c, vpn).some(({ report }) => report.claim)) return;
  if (c.state.config.agree === 'lease' && vpn.lease === undefined) return begin(c, vpn, { do: 'acquireLease' }, c.state.config.timing.checkTimeoutMs);
  if (vpn.session) enterProving(c, vpn);
  else enter(c, vpn, 'starting');
}

function driveLease(c: Context, vpn: Vpn): void {
  const { timing } = c.state.config;
  const { token, validUntil } = vpn.lease!;
  if (c.now >= validUntil - timing.stopBudgetMs) fence(c, vpn, 'its lease could not be renewed');
  if (c.now >= validUntil) vpn.lease = undefined;
  else if (c.now >= vpn.renewAt) {
    vpn.renewAt = c.now + timing.renewMs;
    c.effects.push({ type: 'renewLease', vpn: vpn.id, token });
  }
}
