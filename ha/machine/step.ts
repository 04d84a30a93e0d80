/**
 * The machine: step(state, event) → {state, effects}. No clock, no socket, no promise, no chance, no import from outside this folder; what is
 * to be done comes out as effects, and what came of them goes in as events.
 */
import { obey } from './command.js';
import { begin, claims, log, type Context } from './context.js';
import { decide } from './decide.js';
import { drive, takeResult } from './drive.js';
import { keepLease, loseLease } from './lease.js';
import { beDisowned, giveUpOn, judgePeers, receive } from './peers.js';
import { copyOf, newState, type Boot } from './state.js';
import type { Config, Effect, Event, State } from './types.js';

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** The beginning: everything Pending, looking for sessions that run already. */
export function boot(config: Config, from: Boot): Step {
  const { now } = from;
  const state = newState(config, from);
  const c: Context = { state, effects: [], now };
  for (const vpn of state.vpns) {
    if (vpn.priority.length === 0) log(c, 'warning', `${vpn.id} has no priority list: it is never failed over`);
    begin(c, vpn, { do: 'probe' }, config.timing.checkTimeoutMs);
  }
  return { state, effects: c.effects };
}

/** One step. The state that goes in is not changed. */
export function step(before: State, event: Event): Step {
  const state = copyOf(before);
  const c: Context = { state, effects: [], now: Math.max(event.now, before.now) };
  // We did not run for a while: whoever spoke meanwhile was not heard, and is not to blame.
  if (c.now - before.now > state.config.timing.stallMs) state.graceUntil = c.now + state.config.timing.aliveMs;
  state.now = c.now;
  state.seq++;
  // First of all: after a pause nothing may go on that a lease which has ended meanwhile allowed.
  for (const vpn of state.vpns) keepLease(c, vpn);
  take(c, event);
  judgePeers(c);
  settle(c);
  for (const vpn of state.vpns) {
    decide(c, vpn);
    drive(c, vpn);
  }
  leave(c);
  if (hasNews(before, state)) c.effects.push({ type: 'push' });
  if (state.status === 'AdminOffline' && before.status !== 'AdminOffline') c.effects.push({ type: 'exit' });
  return { state, effects: c.effects };
}

function take(c: Context, event: Event): void {
  const { state } = c;
  switch (event.type) {
    case 'tick':
      return;
    case 'message':
      return receive(c, event.message);
    case 'unreachable':
      return giveUpOn(c, event.site);
    case 'disowned':
      return beDisowned(c, event.site);
    case 'result':
    case 'leaseLost': {
      const vpn = state.vpns.find(({ id }) => id === event.vpn);
      if (vpn === undefined) return;
      if (event.type === 'result') return takeResult(c, vpn, event);
      if (event.token === undefined || event.token === vpn.lease?.token) loseLease(c, vpn, event.reason);
      return;
    }
    case 'suspended':
      log(c, 'warning', 'the host was suspended: every lease counts as lost');
      state.graceUntil = c.now + state.config.timing.aliveMs;
      for (const vpn of state.vpns) {
        vpn.checkAt = Math.min(vpn.checkAt, c.now);
        if (state.config.agree === 'lease') loseLease(c, vpn, 'the host was suspended, and its lease may have ended');
      }
      return;
    case 'command':
      return obey(c, event.command);
    default:
      return event satisfies never;
  }
}

/** Start-up ends when every session is known, and every peer has spoken or had its time. */
function settle(c: Context): void {
  const { state, now } = c;
  if (state.status !== 'Pending') return;
  const isKnown = state.vpns.every(({ phase, destination }) => phase !== 'probing' && (destination?.kind !== 'begin' || phase === 'stuck'));
  const isTime = now >= state.startedAt + state.config.timing.settleMs;
  if (!isKnown || !(isTime || state.peers.every(({ settled }) => settled))) return;
  state.status = 'Online';
  log(c, 'info', `the site has started; alive: ${state.peers.filter(({ alive }) => alive).map(({ site }) => site).join(', ') || 'no other'}`);
}

/** After `shutdown`: when everything is down, the site says goodbye. */
function leave(c: Context): void {
  const { state } = c;
  if (!state.leaving || state.status === 'AdminOffline' || state.vpns.some(({ phase }) => phase !== 'down')) return;
  state.status = 'AdminOffline';
  log(c, 'info', 'everything is down; the site leaves');
}

/** Whether peers want to know at once. */
function hasNews(before: State, after: State): boolean {
  if (before.status !== after.status || before.replicaMode !== after.replicaMode) return true;
  return after.vpns.some((vpn, i) => {
    const old = before.vpns[i]!;
    return vpn.status !== old.status || vpn.epoch !== old.epoch || vpn.forced !== old.forced || (vpn.stuck === undefined) !== (old.stuck === undefined) ||
      claims(vpn) !== claims(old);
  });
}
