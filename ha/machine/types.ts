/**
 * The words of the machine: what it knows, what happens to it, what it wants done. Plain data; all times are milliseconds of one monotonic
 * clock, the site's own.
 */

import type { Config, ReplicaMode } from './config.js';

export type * from './config.js';

/** A VPN at a site, as everybody may see it. */
export type Status = 'Pending' | 'Online' | 'Replica' | 'Failed' | 'Offline';
/** A site, as a peer sees it. */
export type SiteStatus = 'Pending' | 'Online' | 'Offline' | 'AdminOffline';
/** What the administrator has said last about a VPN at this site; `auto` when nothing. Kept on disk. */
export type Want = 'auto' | 'online' | 'offline' | 'replica';

/** What is done about a VPN right now. Each phase but `down`, `claiming` and `up` waits for one effect, or for a moment. */
export type Phase =
  /** After the start: does a session run? */
  | 'probing'
  /** Found running; not yet decided whether it may. */
  | 'found'
  | 'down'
  /** To come up, when whoever has it has let go, or the lease is ours, or a pause is over. */
  | 'claiming'
  | 'starting'
  | 'proving'
  | 'routing'
  | 'up'
  | 'unrouting'
  | 'stopping'
  /** A route or session that does not go away. The claim is kept; it is tried again. */
  | 'stuck';

/** An effect that has not been answered. */
export interface Operation {
  readonly id: number;
  readonly kind: Work['do'];
  readonly deadline: number;
  /** It was ended before its time. */
  readonly aborted: boolean;
}

/** Where a VPN that goes down is to arrive. */
export type Destination =
  /** After the start, when nothing was found that could be kept: down for certain, and not yet decided. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'rest'; readonly status: 'Replica' | 'Failed' | 'Offline' };

export interface Lease {
  /** Grows with every new holder (etcd: the key's create revision). */
  readonly token: number;
  /** On this site's clock; counted from when the request was sent. */
  readonly validUntil: number;
}

/** A VPN at this site. */
export interface Vpn {
  readonly id: string;
  readonly priority: readonly string[];
  status: Status;
  /** Why the status is what it is, in words, and since when. */
  reason: string;
  since: number;
  want: Want;
  phase: Phase;
  operation: Operation | undefined;
  destination: Destination | undefined;
  /** Of the last activation here; a new one takes the highest seen anywhere, plus one. */
  epoch: number;
  /** The administrator wants it here: whoever has it lets go. */
  forced: boolean;
  /** Nothing is begun before this. */
  notBefore: number;
  /** When the next check is due. */
  checkAt: number;
  checksFailed: number;
  /** When a session that was started must have proved itself, or a claim must have its lease. */
  proveBy: number;
  /** Restarts in this turn, since it was last stable. */
  restarts: number;
  /** Failures in a row, for the pauses between them. */
  failures: number;
  lease: Lease | undefined;
  renewAt: number;
  /** Why its route or session does not go away. */
  stuck: string | undefined;
  /** The site that was last seen to have it. */
  lastHolder: string | undefined;
  /** Since when a peer has been Online with it; for the end of Failed. */
  heldSince: number | undefined;
  /** Since when nobody that is alive has it. */
  vacantSince: number | undefined;
  /** A session runs, or may run. */
  session: boolean;
}

/** A VPN in a message. */
export interface VpnReport {
  readonly status: Status;
  readonly epoch: number;
  /** There is, or may be, or is about to be a session; so it is whenever the status is Online. */
  readonly claim: boolean;
  readonly forced: boolean;
  /** It would take the VPN now. */
  readonly ready: boolean;
  readonly stuck: boolean;
  /** It is on its way down, and not to be started again: nobody gives way to it. */
  readonly leaving: boolean;
}

/** Everything that a site tells of itself. A later message replaces an earlier one; a late or repeated one changes nothing. */
export interface SiteReport {
  readonly site: string;
  /** Grows with every start of the site's daemon. */
  readonly incarnation: number;
  /** Grows with every step. */
  readonly seq: number;
  readonly status: SiteStatus;
  readonly replicaMode: ReplicaMode;
  /** Of its configuration. */
  readonly hash: string;
  /** The sites with which it speaks itself, in both directions. */
  readonly sees: readonly string[];
  readonly vpns: Readonly<Record<string, VpnReport>>;
}

/** The newest message that came from a site, by its start and its clock. */
export interface Heard {
  readonly incarnation: number;
  readonly sentAt: number;
  readonly seq: number;
}

/** What one site sends to another. */
export interface Message extends SiteReport {
  /** When it was sent, on the sender's clock. */
  readonly sentAt: number;
  /** Of each site, the newest message that came from it. Coming back, it proves that both directions work. */
  readonly heard: Readonly<Record<string, Heard>>;
  /** What the sender has heard of the others, from themselves or by way of others. */
  readonly others: readonly SiteReport[];
}

/** A peer, as this site knows it. */
export interface Peer {
  readonly site: string;
  /** The newest report, from itself or by way of others. */
  report: SiteReport | undefined;
  /** The newest message from itself. */
  heard: Heard | undefined;
  /** The newest of our own `sentAt` that it has confirmed. */
  confirmedAt: number;
  /** By links of which both directions work, from site to site, as far as is known now. */
  reachable: boolean;
  /** Reachable, or was so before we stood still; and has not said goodbye. */
  alive: boolean;
  /** Whether it has answered something that we said, or been given up, since our start. */
  settled: boolean;
  /** Until then it counts as one that does not know us: it has said that its configuration lacks this site, so it can't respect what we have. */
  disownsUntil: number;
}

export interface State {
  readonly config: Config;
  readonly incarnation: number;
  seq: number;
  operations: number;
  now: number;
  replicaMode: ReplicaMode;
  status: SiteStatus;
  readonly startedAt: number;
  vpns: Vpn[];
  peers: Peer[];
  /** The sites with which we speak ourselves, in both directions. */
  sees: readonly string[];
  /** Until then nobody is declared dead: we were not looking. */
  graceUntil: number;
  /** The administrator ends this daemon: everything goes down, then it says goodbye. */
  leaving: boolean;
}

/** What the disk keeps of a VPN. */
export interface Saved {
  readonly want: Want;
  readonly epoch: number;
}

export type Command =
  | { readonly name: 'set_online' | 'set_offline' | 'set_replica' | 'restart'; readonly vpn: string }
  | { readonly name: 'set_replica_mode'; readonly mode: ReplicaMode }
  | { readonly name: 'shutdown' };

/** What happens. Every event carries the time. */
export type Event = { readonly now: number } & (
  | { readonly type: 'tick' }
  | { readonly type: 'message'; readonly message: Message }
  /** A peer did not answer, in any of the tries that it is given. At the start it is not waited for any longer; later only silence counts. */
  | { readonly type: 'unreachable'; readonly site: string }
  /** A peer has answered that its configuration does not have this site. */
  | { readonly type: 'disowned'; readonly site: string }
  /** An effect has ended. Each is answered once, by its deadline or soon after. */
  | { readonly type: 'result'; readonly vpn: string; readonly operation: number; readonly ok: boolean; readonly reason?: string; readonly lease?: Lease }
  /** With a token: that one; otherwise whichever there is. */
  | { readonly type: 'leaseLost'; readonly vpn: string; readonly token?: number; readonly reason: string }
  /** The host was suspended: no clock of ours has seen it. */
  | { readonly type: 'suspended' }
  | { readonly type: 'command'; readonly command: Command }
);

/** Work on a VPN that ends in a `result`. */
export type Work =
  /** Does a session run, and does it work? ok: yes. Otherwise whatever there may be is taken away. */
  | { readonly do: 'probe' }
  | { readonly do: 'start' }
  /** ok: traffic gets through the session; and with `route`, its route was read back and is there: somebody may have flushed it. */
  | { readonly do: 'check'; readonly route: boolean }
  | { readonly do: 'addRoute'; readonly token: number }
  /** ok: the routing table was read back and the route is not there. */
  | { readonly do: 'removeRoute' }
  /** ok: the session is gone. */
  | { readonly do: 'stop' }
  /**
   * ok with a lease: it is ours. One that this site has already, from before a restart or by an answer that was lost, counts as had. What is
   * done about the lease of a VPN (acquire, renew, release) is carried out in the order in which it was asked for.
   */
  | { readonly do: 'acquireLease' };

/** What the machine wants done. */
export type Effect =
  | ({ readonly type: 'work'; readonly vpn: string; readonly operation: number; readonly deadline: number } & Work)
  /** Ends a work under way, with everything that it has started; its result still comes. */
  | { readonly type: 'abort'; readonly vpn: string; readonly operation: number }
  /** Answered, in its own time, by a `result` of operation 0 with a lease, or by `leaseLost`. */
  | { readonly type: 'renewLease'; readonly vpn: string; readonly token: number }
  | { readonly type: 'releaseLease'; readonly vpn: string; readonly token: number }
  /** Tells every peer. */
  | { readonly type: 'push' }
  | { readonly type: 'persist'; readonly vpn: string; readonly saved: Saved }
  | { readonly type: 'log'; readonly level: 'info' | 'warning' | 'error'; readonly text: string }
  /** Everything is down after `shutdown`, and the push before this says so. */
  | { readonly type: 'exit' };
