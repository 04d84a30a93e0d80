/** What a step works with: a state of its own to change, and the effects that it gathers. */
import { isAllowed } from './table.js';
import type { Effect, Lease, Peer, SiteReport, State, Status, Vpn, VpnReport, Want, Work } from './types.js';

export interface Context {
  readonly state: State;
  readonly effects: Effect[];
  /** Milliseconds. */
  readonly now: number;
}

export const log = ({ effects }: Context, level: 'info' | 'warning' | 'error', text: string): void => void effects.push({ type: 'log', level, text });

/** Begins a piece of work; its result will come. There is never more than one for a VPN. */
export function begin({ state, effects, now }: Context, vpn: Vpn, work: Work, timeoutMs: number): void {
  if (vpn.operation !== undefined) throw new Error(`${vpn.id}: ${work.do} would begin while ${vpn.operation.kind} is under way`);
  const operation = { id: ++state.operations, kind: work.do, deadline: now + timeoutMs, aborted: false };
  vpn.operation = operation;
  effects.push({ type: 'work', vpn: vpn.id, operation: operation.id, deadline: operation.deadline, ...work });
}

/** Ends what is under way; its result still comes, soon, and is waited for if `wait`. */
export function abort({ effects, now }: Context, vpn: Vpn, wait: boolean): void {
  if (vpn.operation === undefined) return;
  effects.push({ type: 'abort', vpn: vpn.id, operation: vpn.operation.id });
  vpn.operation = wait ? { ...vpn.operation, deadline: now, aborted: true } : undefined;
}

/** Whether a lease lasts longer than the way down may take. */
export const isUsable = ({ state, now }: Context, { validUntil }: Lease): boolean => now < validUntil - state.config.timing.stopBudgetMs;

/** The only place where a status changes. A transition that the table does not have is a bug. */
export function setStatus(c: Context, vpn: Vpn, status: Status, reason: string): void {
  if (vpn.status === status) return;
  if (!isAllowed(vpn.status, status)) throw new Error(`${vpn.id}: ${vpn.status} can't become ${status} (${reason})`);
  log(c, status === 'Failed' ? 'error' : 'info', `${vpn.id}: ${vpn.status} → ${status}: ${reason}`);
  vpn.status = status;
  vpn.reason = reason;
  vpn.since = c.now;
}

export function setWant({ effects }: Context, vpn: Vpn, want: Want): void {
  if (vpn.want === want) return;
  vpn.want = want;
  effects.push({ type: 'persist', vpn: vpn.id, saved: { want, epoch: vpn.epoch } });
}

/** A new activation: its epoch is higher than any that was ever seen. */
export function raiseEpoch(c: Context, vpn: Vpn): void {
  vpn.epoch = highestEpoch(c.state, vpn) + 1;
  c.effects.push({ type: 'persist', vpn: vpn.id, saved: { want: vpn.want, epoch: vpn.epoch } });
}

export function highestEpoch({ peers }: State, vpn: Vpn): number {
  let highest = vpn.epoch;
  for (const { report } of peers) highest = Math.max(highest, report?.vpns[vpn.id]?.epoch ?? 0);
  return highest;
}

/** Whether a session of it runs, may run, or is about to. */
export const claims = ({ phase }: Vpn): boolean => phase !== 'down';

/** Where it goes when nobody needs it: ready to take over, or out of the game. */
export function restOf({ replicaMode }: State, { want }: Vpn): 'Replica' | 'Offline' {
  if (want === 'offline' || replicaMode === 'Disabled') return 'Offline';
  return want === 'replica' || replicaMode === 'Auto' ? 'Replica' : 'Offline';
}

/** Where it goes when it lets another site have it: it is as good as any replica. */
export const restAfterYielding = ({ replicaMode }: State, { want }: Vpn): 'Replica' | 'Offline' =>
  want === 'offline' || replicaMode === 'Disabled' ? 'Offline' : 'Replica';

/** Whether this site would take the VPN now. */
export const isReady = ({ state, now }: Context, vpn: Vpn): boolean =>
  vpn.phase === 'down' && (vpn.status === 'Replica' || vpn.status === 'Failed') && now >= vpn.notBefore && state.replicaMode !== 'Disabled' &&
  state.status === 'Online' && !state.leaving && vpn.priority.includes(state.config.site) && disowner({ state, now }) === undefined;

export const reportOf = (c: Context, vpn: Vpn): VpnReport => ({
  status: vpn.status, epoch: vpn.epoch, claim: claims(vpn), forced: vpn.forced, ready: isReady(c, vpn), stuck: vpn.stuck !== undefined,
  leaving: vpn.destination?.kind === 'rest',
});

/** What an alive peer says of a VPN. */
export interface Held {
  readonly peer: Peer;
  readonly report: VpnReport;
}

/** Whether an alive peer would take it now. */
export const isAnotherReady = (c: Context, vpn: Vpn): boolean => reportsOn(c, vpn).some(({ report }) => report.ready);

/** A peer that does not know this site, and so can't respect what it has. */
export const disowner = ({ state, now }: Pick<Context, 'state' | 'now'>): Peer | undefined => state.peers.find((peer) => now < peer.disownsUntil);

/** Whether all that are alive have our configuration, and so the same lists of priorities. */
export const isCommon = ({ state: { config, peers } }: Context): boolean => peers.every(({ alive, report }) => !alive || report?.hash === config.hash);

/** What the alive peers say of a VPN. */
export function reportsOn({ state }: Context, vpn: Vpn): Held[] {
  const found: Held[] = [];
  for (const peer of state.peers) {
    const report = peer.alive ? peer.report?.vpns[vpn.id] : undefined;
    if (report !== undefined) found.push({ peer, report });
  }
  return found;
}

/**
 * Whether what a peer has precedes what we have: the higher epoch keeps it, then the priority, then the name; so of two exactly one gives way.
 * While configurations differ there is no common list of priorities.
 */
export function precedesUs(c: Context, vpn: Vpn, { peer, report }: Held): boolean {
  const { config } = c.state;
  if (report.epoch !== vpn.epoch) return report.epoch > vpn.epoch;
  const rank = (site: string): number => (vpn.priority.includes(site) ? vpn.priority.indexOf(site) : vpn.priority.length);
  if (isCommon(c) && rank(peer.site) !== rank(config.site)) return rank(peer.site) < rank(config.site);
  return peer.site < config.site;
}

/** Whether the first report is later than the second. */
export const isNewer = (one: Pick<SiteReport, 'incarnation' | 'seq'>, other: Pick<SiteReport, 'incarnation' | 'seq'> | undefined): boolean =>
  other === undefined || one.incarnation > other.incarnation || (one.incarnation === other.incarnation && one.seq > other.seq);

/** The pause after so many failures in a row. */
export const pauseAfter = ({ backoffMs, backoffMaxMs }: State['config']['timing'], failures: number): number =>
  failures <= 0 ? 0 : Math.min(backoffMs * 2 ** (failures - 1), backoffMaxMs);
