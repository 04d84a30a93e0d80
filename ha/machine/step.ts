/**
 * The machine: step(state, event) → {state, effects}. No clock, no socket, no promise, no chance, no import from outside this folder; what is
 * to be done comes out as effects, and what came of them goes in as events.
 */
import { log, raiseEpoch, restOf, setStatus, setWant, type Context } from './context.js';
import { claim, decide } from './decide.js';
import { drive, fence, goDown, takeResult } from './drive.js';
import { judgePeers, loseSight, receive } from './peers.js';
import type { Command, Config, Effect, Event, ReplicaMode, Saved, State, Vpn } from './types.js';

export interface Boot {
  readonly now: number;
  /** Greater than that of any earlier start of this site. */
  readonly incarnation: number;
  readonly replicaMode: ReplicaMode;
  /** What the disk has kept, by VPN. */
  readonly saved: Readonly<Record<string, Saved>>;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** The beginning: everything Pending, looking for sessions that run already. */
export function boot(config: Config, { now, incarnation, replicaMode, saved }: Boot): Step {
  const state: State = {
    config, incarnation, seq: 0, operations: 0, now, replicaMode, status: 'Pending', startedAt: now, graceUntil: now, leaving: false,
    vpns: config.vpns.map(({ id, priority }) => newVpn(id, priority, now, saved[id])),
    peers: config.sites.filter((site) => site !== config.site).map((site) => ({
      site, report: undefined, heard: undefined, confirmedAt: -Infinity, vouchers: [], alive: false, settled: false,
    })),
  };
  const c: Context = { state, effects: [], now };
  for (const vpn of state.vpns) {
    if (vpn.priority.length === 0) log(c, 'warning', `${vpn.id} has no priority list: it is never failed over`);
    const operation = { id: ++state.operations, kind: 'probe' as const, deadline: now + config.timing.checkTimeoutMs };
    vpn.operation = operation;
    c.effects.push({ type: 'work', vpn: vpn.id, operation: operation.id, deadline: operation.deadline, do: 'probe' });
  }
  return { state, effects: c.effects };
}

const newVpn = (id: string, priority: readonly string[], now: number, saved: Saved | undefined): Vpn => ({
  id, priority, status: 'Pending', reason: 'the site starts', since: now, want: saved?.want ?? 'auto', phase: 'probing', operation: undefined,
  destination: undefined, epoch: saved?.epoch ?? 0, forced: false, notBefore: now, checkAt: now, checksFailed: 0, proveBy: now, restarts: 0, failures: 0,
  lease: undefined, renewAt: now, stuck: undefined, lastHolder: undefined, heldSince: undefined, vacantSince: undefined, session: false,
});

/** One step. The state that goes in is not changed. */
export function step(before: State, event: Event): Step {
  const state: State = { ...before, vpns: before.vpns.map((vpn) => ({ ...vpn })), peers: before.peers.map((peer) => ({ ...peer })) };
  const c: Context = { state, effects: [], now: Math.max(event.now, before.now) };
  // We did not run for a while: whoever spoke meanwhile was not heard, and is not to blame.
  if (c.now - before.now > state.config.timing.stallMs) state.graceUntil = c.now + state.config.timing.aliveMs;
  state.now = c.now;
  state.seq++;
  take(c, event);
  judgePeers(c);
  settle(c);
  for (const vpn of state.vpns) {
    decide(c, vpn);
    drive(c, vpn);
  }
  leave(c);
  if (hasNews(before, state)) c.effects.push({ type: 'push' });
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
      return loseSight(c, event.site);
    case 'result':
    case 'leaseLost': {
      const vpn = state.vpns.find(({ id }) => id === event.vpn);
      if (vpn === undefined) return;
      if (event.type === 'result') return takeResult(c, vpn, event);
      vpn.lease = undefined;
      return fence(c, vpn, event.reason);
    }
    case 'suspended':
      log(c, 'warning', 'the host was suspended: every lease counts as lost');
      state.graceUntil = c.now + state.config.timing.aliveMs;
      for (const vpn of state.vpns) {
        vpn.checkAt = Math.min(vpn.checkAt, c.now);
        if (state.config.agree === 'lease') {
          vpn.lease = undefined;
          fence(c, vpn, 'the host was suspended, and its lease may have ended');
        }
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
  const isKnown = state.vpns.every(({ phase }) => phase !== 'probing');
  const isTime = now >= state.startedAt + state.config.timing.settleMs;
  if (!isKnown || !(isTime || state.peers.every(({ settled }) => settled))) return;
  state.status = 'Online';
  log(c, 'info', `the site has started; alive: ${state.peers.filter(({ alive }) => alive).map(({ site }) => site).join(', ') || 'no other'}`);
}

function obey(c: Context, command: Command): void {
  const { state } = c;
  if (command.name === 'shutdown') {
    state.leaving = true;
    for (const vpn of state.vpns) goDown(c, vpn, { kind: 'rest', status: 'Offline' }, 'the site shuts down');
    return;
  }
  if (command.name === 'set_replica_mode') return setReplicaMode(c, command.mode);
  const vpn = state.vpns.find(({ id }) => id === command.vpn);
  if (vpn !== undefined && !state.leaving) obeyFor(c, vpn, command.name);
}

function obeyFor(c: Context, vpn: Vpn, name: 'set_online' | 'set_offline' | 'set_replica' | 'restart'): void {
  const reason = `an administrator said ${name}`;
  switch (name) {
    case 'set_online':
      setWant(c, vpn, 'online');
      return bringOnline(c, vpn, reason);
    case 'set_offline':
      setWant(c, vpn, 'offline');
      return goDown(c, vpn, { kind: 'rest', status: 'Offline' }, reason);
    case 'set_replica':
      if (c.state.replicaMode === 'Disabled') return log(c, 'warning', `${vpn.id}: set_replica does nothing while replica_mode is Disabled`);
      setWant(c, vpn, 'replica');
      return goDown(c, vpn, { kind: 'rest', status: 'Replica' }, reason);
    case 'restart':
      if (vpn.phase === 'up') goDown(c, vpn, { kind: 'restart' }, reason);
      return;
    default:
      return name satisfies never;
  }
}

/** Takes it from whoever has it: the claim says so, the holder yields, then we start. */
function bringOnline(c: Context, vpn: Vpn, reason: string): void {
  vpn.failures = vpn.restarts = 0;
  vpn.notBefore = c.now;
  if (vpn.status === 'Online' && vpn.destination === undefined) return;
  if (vpn.phase === 'down') claim(c, vpn, reason);
  else {
    // On its way up it goes on; on its way down it comes back.
    raiseEpoch(c, vpn);
    if (vpn.destination !== undefined) vpn.destination = { kind: 'restart' };
    if (vpn.status === 'Online') setStatus(c, vpn, 'Pending', reason);
  }
  vpn.forced = true;
}

function setReplicaMode(c: Context, mode: ReplicaMode): void {
  c.state.replicaMode = mode;
  for (const vpn of c.state.vpns) {
    if (vpn.phase !== 'down' || vpn.status === 'Failed' || vpn.status === 'Pending') continue;
    setStatus(c, vpn, restOf(c.state, vpn), `an administrator set replica_mode ${mode}`);
  }
}

/** After `shutdown`: when everything is down, the site says goodbye. */
function leave(c: Context): void {
  const { state } = c;
  if (!state.leaving || state.status === 'AdminOffline' || state.vpns.some(({ phase }) => phase !== 'down')) return;
  state.status = 'AdminOffline';
  log(c, 'info', 'everything is down; the site leaves');
  c.effects.push({ type: 'exit' });
}

/** Whether peers want to know at once. */
function hasNews(before: State, after: State): boolean {
  if (before.status !== after.status || before.replicaMode !== after.replicaMode) return true;
  return after.vpns.some((vpn, i) => {
    const old = before.vpns[i]!;
    return vpn.status !== old.status || vpn.epoch !== old.epoch || vpn.forced !== old.forced || (vpn.stuck === undefined) !== (old.stuck === undefined) ||
      isClaim(vpn) !== isClaim(old);
  });
}

const isClaim = ({ phase }: Vpn): boolean => phase !== 'down' && phase !== 'probing';

/** The moment at which a `tick` is due, if nothing happens before. */
export function wakeAt(state: State): number {
  const { timing } = state.config;
  let at = state.status === 'Pending' ? state.startedAt + timing.settleMs : Infinity;
  const consider = (moment: number): void => {
    if (moment > state.now) at = Math.min(at, moment);
  };
  consider(state.graceUntil);
  for (const { alive, confirmedAt } of state.peers) if (alive) consider(confirmedAt + timing.aliveMs + 1);
  for (const vpn of state.vpns) {
    consider(vpn.notBefore);
    if (vpn.operation !== undefined) consider(vpn.operation.deadline + 1000);
    else if (vpn.phase === 'proving' || vpn.phase === 'up') consider(vpn.checkAt);
    if (vpn.vacantSince !== undefined) for (let i = 1; i <= vpn.priority.length; i++) consider(vpn.vacantSince + i * timing.aliveMs);
    if (vpn.vacantSince !== undefined) consider(vpn.vacantSince + timing.stopBudgetMs);
    if (vpn.heldSince !== undefined && vpn.status === 'Failed') consider(vpn.heldSince + timing.failedStatusMs);
    if (vpn.lease !== undefined) for (const moment of [vpn.lease.validUntil - timing.stopBudgetMs, vpn.lease.validUntil, vpn.renewAt]) consider(moment);
  }
  return at;
}

