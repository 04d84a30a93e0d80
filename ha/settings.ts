/** What the configuration of a site says, in the terms of the daemon. `config` makes it; all others read it. */
import type { Address, Endpoint } from '../core/address.js';
import type { Position } from '../core/errors.js';
import type { ReplicaMode } from './machine/index.js';

/** A VPN that this site can run. */
export interface LocalVpn {
  /** `dynvpn3` */
  readonly id: string;
  /** The 3 of it. */
  readonly number: number;
  /** Of its container at this site. */
  readonly local: Address;
  /** Shared by all its replicas; only where it is online there is a route to it. */
  readonly anycast: Address;
}

/** A site of the WAN, as all sites know it. */
export interface SiteEntry {
  readonly id: string;
  /** Where its daemon listens for its peers. */
  readonly peer: Endpoint;
  /** The next hop of the anycast routes there. */
  readonly gateway: Address;
  /** The ids of the VPNs that it can run. */
  readonly vpns: readonly string[];
}

/** How peers are asked how they are. */
export interface PullSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Further tries before a peer counts as gone. */
  readonly retries: number;
}

/** What `config` has read. */
export interface Settings {
  /** This site. */
  readonly site: SiteEntry;
  /** All sites, this one included, in the order of the file. */
  readonly sites: readonly SiteEntry[];
  readonly vpns: readonly LocalVpn[];
  /** By VPN: its sites, the first choice first. A VPN without a list is never failed over. */
  readonly priorities: ReadonlyMap<string, readonly string[]>;
  readonly replicaMode: ReplicaMode;
  /** Where the scripts of the earlier daemon are, and where that is said. */
  readonly scripts: { readonly path: string; readonly at: Position } | undefined;
  /** `local_vpn_dir`, for the scripts: a path inside the container. */
  readonly vpnDirectory: string;
  /** Where this daemon keeps what must survive it. */
  readonly stateDirectory: string;
  readonly pull: PullSettings;
  /** Seconds that a check may take, as its script is told. */
  readonly checkTimeoutSeconds: number;
  readonly checkIntervalMs: number;
  /** Checks that may fail before one that counts. */
  readonly checkRetries: number;
  /** Restarts of a session before it counts as Failed; infinite is allowed. */
  readonly failureRetries: number;
  readonly onlineCheckDelayMs: number;
  /** 0 is never. */
  readonly failedStatusMs: number;
  /** For one piece of work: a start, a stop, a route. */
  readonly defaultTimeoutMs: number;
}
