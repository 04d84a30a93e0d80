/** The way up, one step at a time: (lease,) session, proof of connectivity, only then the route. And what becomes of the work under way. */
import { abort, begin, reportsOn, setStatus, type Context } from './context.js';
import { arrive, enter, fail, getStuck, goDown } from './down.js';
import { leaseAnswered, leaseRenewed } from './lease.js';
import type { Event, Operation, Vpn } from './types.js';

type Result = Extract<Event, { type: 'result' }>;

/** Results come by their deadline; one that is later than this will not come. */
export const graceMs = 1000;

/** Does what the time has come for. */
export function drive(c: Context, vpn: Vpn): void {
  if (vpn.operation !== undefined && !isOverdue(c, vpn, vpn.operation)) return;
  switch (vpn.phase) {
    case 'claiming':
      return driveClaim(c, vpn);
    case 'proving':
    case 'up':
      if (c.now >= vpn.checkAt) begin(c, vpn, { do: 'check', route: vpn.phase === 'up' }, c.state.config.timing.checkTimeoutMs);
      return;
    case 'stuck':
      if (c.now >= vpn.notBefore) enter(c, vpn, 'unrouting');
      return;
    default:
  }
}

/** A driver that gives no result is told to end it, and then not waited for any longer. */
function isOverdue(c: Context, vpn: Vpn, { id, kind, deadline, aborted }: Operation): boolean {
  if (c.now < deadline + graceMs) return false;
  if (aborted) takeResult(c, vpn, { type: 'result', now: c.now, vpn: vpn.id, operation: id, ok: false, reason: `${kind} gave no result in time` });
  else abort(c, vpn, true);
  return vpn.operation === undefined;
}

function driveClaim(c: Context, vpn: Vpn): void {
  const { agree, timing } = c.state.config;
  // One that runs already does not wait: the others give way to it.
  if (!vpn.session && reportsOn(c, vpn).some(({ report }) => report.claim)) {
    // The time for the lease begins when whoever had it has let go.
    vpn.proveBy = c.now + timing.proveTimeoutMs;
    return;
  }
  if (c.now < vpn.notBefore) return;
  if (agree === 'lease' && vpn.lease === undefined) return begin(c, vpn, { do: 'acquireLease' }, timing.checkTimeoutMs);
  if (vpn.session) enterProving(c, vpn);
  else enter(c, vpn, 'starting');
}

/** A session runs: it has to prove itself. */
function enterProving(c: Context, vpn: Vpn): void {
  const { timing } = c.state.config;
  vpn.phase = 'proving';
  vpn.checkAt = c.now + timing.onlineCheckDelayMs;
  vpn.proveBy = c.now + timing.proveTimeoutMs;
}

/** The end of a piece of work. A late or unknown result changes nothing. */
export function takeResult(c: Context, vpn: Vpn, result: Result): void {
  if (result.operation === 0) return leaseRenewed(c, vpn, result);
  const { operation } = vpn;
  if (operation === undefined || operation.id !== result.operation) return;
  vpn.operation = undefined;
  const reason = result.reason ?? `${operation.kind} failed`;
  switch (vpn.phase) {
    case 'probing':
      return probed(c, vpn, result.ok);
    case 'claiming':
      return leaseAnswered(c, vpn, result);
    case 'starting':
      if (vpn.destination === undefined && result.ok) return enterProving(c, vpn);
      if (vpn.destination === undefined) fail(c, vpn, reason);
      return enter(c, vpn, 'stopping');
    case 'proving':
      if (result.ok) return enter(c, vpn, 'routing');
      if (c.now >= vpn.proveBy) return fail(c, vpn, reason);
      vpn.checkAt = c.now + c.state.config.timing.onlineCheckDelayMs;
      return;
    case 'routing':
      if (vpn.destination === undefined && result.ok) return comeOnline(c, vpn);
      if (vpn.destination === undefined) fail(c, vpn, reason);
      return enter(c, vpn, 'unrouting');
    case 'up':
      return checked(c, vpn, result.ok, reason);
    case 'unrouting':
      return result.ok ? enter(c, vpn, 'stopping') : getStuck(c, vpn, `its route does not go away: ${reason}`);
    case 'stopping':
      return result.ok ? arrive(c, vpn) : getStuck(c, vpn, `its session does not stop: ${reason}`);
    default:
  }
}

/** What does not work, or is not wanted, is taken away before anything is decided: half a session, or the route of one that died. */
function probed(c: Context, vpn: Vpn, ok: boolean): void {
  vpn.phase = 'found';
  vpn.session = true;
  if (vpn.destination !== undefined) return goDown(c, vpn, vpn.destination, vpn.reason);
  if (!ok) goDown(c, vpn, { kind: 'begin' }, 'no session was found that works');
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
