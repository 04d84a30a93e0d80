/** How a site is, as it sees itself and its peers: plain data for `dynvpn status` and HTTP. */
import { agreementWith } from './machine/index.js';
import type { Agreement, Peer, Phase, ReplicaMode, SiteStatus, State, Status, Want } from './machine/index.js';

export interface VpnSnapshot {
  readonly id: string;
  readonly status: Status;
  /** Why, in words. */
  readonly reason: string;
  readonly seconds: number;
  readonly phase: Phase;
  readonly want: Want;
  readonly epoch: number;
  readonly priority: readonly string[];
  /** Failures in a row, and the seconds until the next try. */
  readonly failures: number;
  readonly pauseSeconds: number;
  /** Why its route or session does not go away. */
  readonly stuck: string | undefined;
  readonly lease: { readonly token: number; readonly secondsLeft: number } | undefined;
  /** The sites that say that they have it Online; this one included. */
  readonly onlineAt: readonly string[];
}

export interface PeerSnapshot {
  readonly site: string;
  readonly alive: boolean;
  readonly status: SiteStatus;
  /** How its configuration compares to ours; undefined when it is not there. */
  readonly configuration: Agreement;
  /** Since its last message; undefined when none ever came. */
  readonly confirmedSecondsAgo: number | undefined;
  readonly vpns: Readonly<Record<string, Status>>;
}

export interface SiteSnapshot {
  readonly site: string;
  readonly status: SiteStatus;
  readonly replicaMode: ReplicaMode;
  readonly agree: 'peers' | 'lease';
  readonly incarnation: number;
  readonly hash: string;
  readonly upSeconds: number;
  readonly vpns: readonly VpnSnapshot[];
  readonly peers: readonly PeerSnapshot[];
}

const secondsOf = (ms: number): number => Math.round(ms / 100) / 10;

/** The sites that have a VPN Online as far as this one knows. */
export const onlineAt = (state: State, vpn: string): string[] => [
  ...state.vpns.filter(({ id, status }) => id === vpn && status === 'Online').map(() => state.config.site),
  ...state.peers.filter(({ alive, report }) => alive && report?.vpns[vpn]?.status === 'Online').map(({ site }) => site),
];

/** @param now milliseconds of the clock that the state's times are of */
export function snapshotOf(state: State, now: number): SiteSnapshot {
  const { config, status, replicaMode, incarnation } = state;
  return {
    site: config.site, status, replicaMode, agree: config.agree, incarnation, hash: config.hash, upSeconds: secondsOf(now - state.startedAt),
    vpns: state.vpns.map((vpn) => ({
      id: vpn.id, status: vpn.status, reason: vpn.reason, seconds: secondsOf(now - vpn.since), phase: vpn.phase, want: vpn.want, epoch: vpn.epoch,
      priority: vpn.priority, failures: vpn.failures, pauseSeconds: secondsOf(Math.max(0, vpn.notBefore - now)), stuck: vpn.stuck,
      lease: vpn.lease && { token: vpn.lease.token, secondsLeft: secondsOf(vpn.lease.validUntil - now) }, onlineAt: onlineAt(state, vpn.id),
    })),
    peers: state.peers.map((peer) => peerOf(peer, state, now)),
  };
}

function peerOf(peer: Peer, state: State, now: number): PeerSnapshot {
  const { site, alive, report, confirmedAt } = peer;
  return {
    site, alive, status: statusOfPeer(alive, report?.status), configuration: agreementWith(peer, state),
    confirmedSecondsAgo: Number.isFinite(confirmedAt) ? secondsOf(now - confirmedAt) : undefined,
    vpns: statusesOf(peer, state),
  };
}

/** What the VPNs of a peer are; all Offline at one that can't be reached, those too of which it never spoke. */
export function statusesOf({ site, alive, report }: Peer, { vpns }: State): Readonly<Record<string, Status>> {
  const listed = vpns.filter(({ priority }) => !alive && priority.includes(site)).map(({ id }): [string, Status] => [id, 'Offline']);
  const said = Object.entries(report?.vpns ?? {}).map(([id, { status }]): [string, Status] => [id, alive ? status : 'Offline']);
  return Object.fromEntries([...listed, ...said]);
}

const statusOfPeer = (alive: boolean, said: SiteStatus | undefined): SiteStatus =>
  said === 'AdminOffline' ? said : alive ? (said ?? 'Pending') : said === undefined ? 'Pending' : 'Offline';
