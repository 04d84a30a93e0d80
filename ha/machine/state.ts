/** The state at the start, and a copy of it for the next step to change. */
import type { Config, Peer, ReplicaMode, Saved, State, Vpn } from './types.js';

export interface Boot {
  readonly now: number;
  /** Greater than that of any earlier start of this site. */
  readonly incarnation: number;
  readonly replicaMode: ReplicaMode;
  /** What the disk has kept, by VPN. */
  readonly saved: Readonly<Record<string, Saved>>;
}

/** Everything Pending. */
export function newState(config: Config, { now, incarnation, replicaMode, saved }: Boot): State {
  return {
    config, incarnation, seq: 0, operations: 0, now, replicaMode, status: 'Pending', startedAt: now, graceUntil: now, leaving: false,
    vpns: config.vpns.map(({ id, priority }) => newVpn(id, priority, now, saved[id])),
    peers: config.sites.filter((site) => site !== config.site).map((site) => ({
      site, report: undefined, heard: undefined, confirmedAt: -Infinity, reachable: false, alive: false, settled: false,
      disownsUntil: -Infinity,
    })),
    sees: [],
  };
}

const newVpn = (id: string, priority: readonly string[], now: number, saved: Saved | undefined): Vpn => ({
  id, priority, status: 'Pending', reason: 'the site starts', since: now, want: saved?.want ?? 'auto', phase: 'probing', operation: undefined,
  destination: undefined, epoch: saved?.epoch ?? 0, forced: false, notBefore: now, checkAt: now, checksFailed: 0, proveBy: now, restarts: 0, failures: 0,
  lease: undefined, renewAt: now, stuck: undefined, lastHolder: undefined, heldSince: undefined, vacantSince: undefined, session: false,
});

/** Field by field: the spread operator takes twenty times as long in V8, and this is most of the time of a step. */
export const copyOf = (state: State): State => ({
  config: state.config, incarnation: state.incarnation, seq: state.seq, operations: state.operations, now: state.now, replicaMode: state.replicaMode,
  status: state.status, startedAt: state.startedAt, vpns: state.vpns.map(copyOfVpn), peers: state.peers.map(copyOfPeer), sees: state.sees,
  graceUntil: state.graceUntil, leaving: state.leaving,
});

const copyOfVpn = (vpn: Vpn): Vpn => ({
  id: vpn.id, priority: vpn.priority, status: vpn.status, reason: vpn.reason, since: vpn.since, want: vpn.want, phase: vpn.phase, operation: vpn.operation,
  destination: vpn.destination, epoch: vpn.epoch, forced: vpn.forced, notBefore: vpn.notBefore, checkAt: vpn.checkAt, checksFailed: vpn.checksFailed,
  proveBy: vpn.proveBy, restarts: vpn.restarts, failures: vpn.failures, lease: vpn.lease, renewAt: vpn.renewAt, stuck: vpn.stuck,
  lastHolder: vpn.lastHolder, heldSince: vpn.heldSince, vacantSince: vpn.vacantSince, session: vpn.session,
});

const copyOfPeer = (peer: Peer): Peer => ({
  site: peer.site, report: peer.report, heard: peer.heard, confirmedAt: peer.confirmedAt, reachable: peer.reachable, alive: peer.alive, settled: peer.settled,
  disownsUntil: peer.disownsUntil,
});
