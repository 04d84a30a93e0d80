/** What the machine is told once, at its start. All times are milliseconds. */

/** Whether a VPN that is not Online goes to Replica by itself, only when told, or never. */
export type ReplicaMode = 'Auto' | 'Manual' | 'Disabled';

/** What never changes while the machine runs. */
export interface Config {
  /** This site. */
  readonly site: string;
  /** All sites, this one included, in the order of the configuration. */
  readonly sites: readonly string[];
  /** The VPNs of this site, each with its sites in order of priority; an empty list is never failed over. */
  readonly vpns: readonly { readonly id: string; readonly priority: readonly string[] }[];
  /** Tells sites apart that were configured differently. */
  readonly hash: string;
  readonly agree: 'peers' | 'lease';
  /** What a side of a partition without a majority of the sites does: go on, or hold back. */
  readonly partition: 'available' | 'majority';
  readonly timing: Timing;
}

/** Milliseconds, and counts. */
export interface Timing {
  /** Between two checks of a VPN that is Online. */
  readonly checkIntervalMs: number;
  /** For one check. */
  readonly checkTimeoutMs: number;
  /** Checks in a row that must fail before it counts. */
  readonly checkRetries: number;
  /** Restarts of a session before it counts as Failed. */
  readonly failureRetries: number;
  /** From a started session to its first check, and between the first checks. */
  readonly onlineCheckDelayMs: number;
  /** For a session to prove itself once it is started, and for a lease to be had before somebody else may try. */
  readonly proveTimeoutMs: number;
  /** Failed becomes Replica when another site has been Online for so long; 0 for never. */
  readonly failedStatusMs: number;
  /** A peer of whom nothing new was heard, or who heard nothing new of us, for so long is not alive. More than two pulls, or one lost message counts. */
  readonly aliveMs: number;
  /** After the start: how long peers may take to answer before they count as not alive. */
  readonly settleMs: number;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly routeTimeoutMs: number;
  /** After the n-th failure in a row: `backoffMs` × 2^(n−1), at most `backoffMaxMs`. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** Online for so long, earlier failures are forgotten. */
  readonly stableMs: number;
  /** A pause of the machine itself beyond this is a reason not to accuse anybody. To tell a pause from peace it wants a tick twice as often. */
  readonly stallMs: number;
  /** Lease mode: before a lease ends, the time in which route and session must be gone; and what a new holder waits for the old one. */
  readonly stopBudgetMs: number;
  /** Lease mode: between two renewals. */
  readonly renewMs: number;
}
