/** A schedule: everything that makes one run of the world, as plain data. The same schedule gives the same run, and parts of it can be left out. */
import type { Command, Config, ReplicaMode, Timing } from '../machine/index.js';

export type ScriptKind = 'probe' | 'start' | 'check' | 'addRoute' | 'removeRoute' | 'stop';
/** `half`: does its work and reports failure. `nothing`: reports success and does nothing. `silent`: does its work, and the driver forgets to say so. */
export type Behaviour = 'ok' | 'fail' | 'hang' | 'slow' | 'half' | 'nothing' | 'silent';

/** Sites and VPNs by index; times are milliseconds of true time. What only happens once has `until` = `from`. */
export type Fault = { readonly from: number; readonly until: number } & (
  /** One direction only; `mute`: pushes alone are lost. */
  | { readonly kind: 'cut' | 'jam' | 'mute'; readonly source: number; readonly target: number }
  | { readonly kind: 'noise'; readonly source: number; readonly target: number; readonly loss: number; readonly duplicate: number; readonly delayMs: number }
  /** The daemon dies and comes back at the end; `reboot`: session, route and guard are gone as well. */
  | { readonly kind: 'crash'; readonly site: number; readonly reboot: boolean }
  /** The daemon stands still; what comes for it waits. */
  | { readonly kind: 'pause'; readonly site: number }
  /** The whole host stands still, its clock and its guard too. */
  | { readonly kind: 'suspend'; readonly site: number }
  | { readonly kind: 'slow'; readonly site: number; readonly lagMs: number }
  /** The wall clock jumps forward: to the daemon it looks like a suspended host. */
  | { readonly kind: 'wallJump'; readonly site: number }
  | { readonly kind: 'script'; readonly site: number; readonly vpn: number; readonly work: ScriptKind; readonly behaviour: Behaviour; readonly chance: number }
  /** The provider can't be reached from there. */
  | { readonly kind: 'dead'; readonly site: number; readonly vpn: number }
  /** The session's process ends; somebody flushes the route. */
  | { readonly kind: 'die' | 'flush'; readonly site: number; readonly vpn: number }
  | { readonly kind: 'check'; readonly site: number; readonly vpn: number; readonly answer: 'lies' | 'flaps' }
  | { readonly kind: 'etcdDown' | 'etcdRestart' }
  | { readonly kind: 'etcdCut'; readonly site: number }
  /** Requests are carried out, and the answer is lost. */
  | { readonly kind: 'etcdUnknown'; readonly chance: number }
  | { readonly kind: 'stranger'; readonly site: number }
  /** The site's turn in the roll-out of the schedule; `restart`: it takes the new configuration by a restart of its daemon, not by a reload. */
  | { readonly kind: 'rollOut'; readonly site: number; readonly restart: boolean }
  | { readonly kind: 'command'; readonly site: number; readonly command: Command }
);

export interface Schedule {
  readonly seed: number;
  readonly sites: number;
  readonly vpns: number;
  readonly agree: Config['agree'];
  readonly partition: Config['partition'];
  readonly replicaMode: ReplicaMode;
  /** The provider ends the older of two sessions with this probability. */
  readonly kick: number;
  /** What a new configuration changes, when it comes to each site in its turn: the lists of priorities; or the last site joins, or leaves. */
  readonly rollOut?: 'order' | 'join' | 'leave';
  readonly faults: readonly Fault[];
  /** Faults end at the latest here, except those of sites outside the core; then comes the time to recover. */
  readonly healAt: number;
  /** Sites that stay broken for ever after `healAt`: the rest is the core, which must do without them. At one of these a provider may stay away. */
  readonly outside: readonly number[];
}

/** The configuration of every simulated site: short, so that much happens in little time. */
export const timing: Timing = {
  checkIntervalMs: 10_000, checkTimeoutMs: 3000, checkRetries: 2, failureRetries: 1, onlineCheckDelayMs: 2000, proveTimeoutMs: 10_000, failedStatusMs: 60_000,
  aliveMs: 15_000, settleMs: 8000, startTimeoutMs: 15_000, stopTimeoutMs: 5000, routeTimeoutMs: 2000, backoffMs: 10_000, backoffMaxMs: 80_000,
  stableMs: 300_000, stallMs: 6000, stopBudgetMs: 8000, renewMs: 4000,
};

export const pullMs = 5000;
export const pullTimeoutMs = 2000;
export const pullTries = 2;
export const leaseMs = 20_000;
/** What a lease is shorter by at its holder than in etcd: clocks differ. */
export const leaseMargin = 0.02;
/** How long before the end of the lease the guard acts, if nothing has fed it. */
export const guardMs = 4000;

export const siteNames = ['a', 'b', 'c', 'd', 'e'];
export const vpnNames = ['v1', 'v2', 'v3', 'v4'];

/** The first VPN has its sites in order, the next begins one further on, and so on. */
export function configOf({ sites: count, vpns: vpnCount, agree, partition, rollOut }: Schedule, site: number, isNew = false): Config {
  const sites = siteNames.slice(0, rollOut === (isNew ? 'leave' : 'join') ? count - 1 : count);
  const order = rollOut === 'order' && isNew ? sites.toReversed() : sites;
  const vpns = vpnNames.slice(0, vpnCount).map((id, i) => ({ id, priority: [...order.slice(i % sites.length), ...order.slice(0, i % sites.length)] }));
  return { site: siteNames[site]!, sites, vpns, hash: isNew ? 'new' : 'same', agree, partition, timing };
}
