/**
 * The hooks of an HA block: how the machine's effects are carried out, and who hears of it.
 *
 *     work.KIND     does a piece of work on a VPN                    first driver that takes it   check, route, lease, vpn-exec, vpn-script
 *     seeRoute      is the route there? Asked with every check of    first driver that takes it   route
 *                   a VPN that is Online
 *     refuse        may this piece of work begin now? Why not         first that objects           lease
 *     ending.WHAT   how the route, or the session, is ended by       first driver that takes it   route, vpn-exec, vpn-script
 *                   commands alone: for the guard
 *     renewLease    makes a lease last longer                        first driver that takes it   lease
 *     releaseLease  lets go of a lease                               first driver that takes it   lease
 *     push          tells every peer how things are                  all                          peers
 *     event         something happened: may be recorded              all                          log, http-api
 *     worked        a piece of work has ended: may be recorded       all                          errors, log
 *
 * A driver returns a promise when the work is its own, `undefined` ("not mine") otherwise. The promise is always fulfilled by the order's
 * deadline, or soon after its signal; what it rejects with counts as a failure. What a driver has started for an order that fails, it ends.
 */
import { bailHook, signalHook, type BailHook, type SignalHook } from '../core/hooks.js';
import type { Entry } from './history.js';
import type { Lease, Message, State, Work } from './machine/index.js';
import type { LocalVpn, Settings } from './settings.js';

/** What can be done about a VPN. */
export type WorkKind = Work['do'];

export const workKinds = ['probe', 'start', 'check', 'addRoute', 'removeRoute', 'stop', 'acquireLease'] as const satisfies readonly WorkKind[];

/** What a command line is about. */
export interface Target {
  readonly vpn: LocalVpn;
  readonly settings: Settings;
  /** For `addRoute`: grows with every new holder of the VPN, so that routers may prefer the newest. 0 for all other work. */
  readonly token: number;
}

/** A piece of work, as its driver gets it. */
export interface Order extends Target {
  readonly kind: WorkKind;
  /** A file for what a session prints for as long as it runs; in the state directory. */
  readonly outputFile: string;
  /** For `check`: its route has to be there as well. */
  readonly route: boolean;
  /** When the work must have ended, in milliseconds of the host's clock. */
  readonly deadline: number;
  /** Fires when the work is no longer wanted, or at the deadline: then it is to end at once, with all that it has started. */
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface Outcome {
  /** Done; for a probe: a session runs; for a check: it works; for `removeRoute`: the route is not there. */
  readonly ok: boolean;
  /** Why not, in one line for people. */
  readonly reason?: string;
  /**
   * It could not be found out (a time-out, a command that can't be run). A probe that is unsure counts as a session that may run, for what is
   * taken for absent would be started a second time.
   */
  readonly unsure?: boolean;
  /** What its command printed, as much as is kept. */
  readonly output?: string;
  /** Of `acquireLease`. */
  readonly lease?: Lease;
}

/** Whether something went wrong. That a probe finds nothing is no failure. */
export const isFailure = ({ kind }: Order, { ok, unsure }: Outcome): boolean => !ok && (kind !== 'probe' || unsure === true);

export interface LeaseOrder {
  readonly vpn: LocalVpn;
  readonly token: number;
}

/** What came of a renewal: the lease with its new end, or that it is lost, or nothing yet known (it is tried again). */
export type Renewal = { readonly lease: Lease } | { readonly lost: string } | undefined;

/** Does work, or says what is wrong. */
export type Driver = (order: Order) => Promise<Outcome>;

export type WorkHook = BailHook<Order, Promise<Outcome>>;

/** A program with its arguments; no shell reads them. */
export type CommandLine = readonly string[];

/** How something is ended by whoever has nothing but commands. */
export interface Ending {
  readonly commands: readonly CommandLine[];
  /** How to see whether it is still there; without it, or where it can't be run, the commands' exit codes have to do. */
  readonly still?: {
    readonly command: CommandLine;
    /** It is there if the command succeeds and prints something that this regular expression matches, line by line. */
    readonly pattern: string;
    /** It is not there if the command fails. */
    readonly absenceFails?: boolean;
  };
}

/** An outcome, and how long it took. */
export type Worked = Outcome & { readonly durationMs: number };

export interface HaHooks {
  readonly work: Readonly<Record<WorkKind, WorkHook>>;
  readonly seeRoute: WorkHook;
  readonly refuse: BailHook<Order, Outcome>;
  readonly ending: Readonly<Record<'route' | 'session', BailHook<Target, Ending>>>;
  readonly renewLease: BailHook<LeaseOrder, Promise<Renewal>>;
  readonly releaseLease: BailHook<LeaseOrder, Promise<void>>;
  /** To be sent to every peer at once; a peer that can't be told now pulls later. */
  readonly push: SignalHook<Message, State>;
  /** With the state after it. */
  readonly event: SignalHook<Entry, State>;
  readonly worked: SignalHook<Order, Worked>;
}

export const createHaHooks = (): HaHooks => ({
  work: Object.fromEntries(workKinds.map((kind) => [kind, bailHook(kind)])) as unknown as Record<WorkKind, WorkHook>,
  seeRoute: bailHook('seeRoute'),
  refuse: bailHook('refuse'),
  ending: { route: bailHook('ending.route'), session: bailHook('ending.session') },
  renewLease: bailHook('renewLease'),
  releaseLease: bailHook('releaseLease'),
  push: signalHook('push'),
  event: signalHook('event'),
  worked: signalHook('worked'),
});
