/**
 * Leases in etcd, one for each VPN: a key that is made only where there is none and goes with its lease. Whoever made it holds the VPN; the
 * revision at which it was made grows with every holder and is its fencing token.
 *
 * **Time.** etcd counts a lease from some moment after our request left, on its clock. We count from when it left, on ours, and a little less,
 * for clocks that differ in speed: when our count ends, etcd's has not.
 *
 *     sent ─────────── renewed … ──────────┬ daemon goes down ┬ guard acts ┬ validUntil ┬ etcd gives it away, the next one waits ┬ and starts
 *                                          └── half a budget ─┴── half ────┘            └────────────── a budget ──────────────┘
 *
 * **Unknown outcomes.** A call whose answer is lost may have worked. What it was to make is looked for before it is said to have failed, and
 * ended if it can't be kept.
 */
import { messageOf } from '../../../core/errors.js';
import type { Logger } from '../../../core/log.js';
import type { Clock } from '../../../core/runtime.js';
import type { Entry, Etcd, Granted } from '../../etcd/etcd.js';
import type { GuardClient } from '../../guard/client.js';
import type { Plan } from '../../guard/protocol.js';
import type { Lease } from '../../machine/index.js';

export interface KeeperOptions {
  readonly site: string;
  readonly etcd: Etcd;
  readonly guard: Pick<GuardClient, 'watch' | 'release' | 'isReady'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Before the names of the VPNs. */
  readonly prefix: string;
  readonly ttlSeconds: number;
  readonly stopBudgetMs: number;
  /** What the guard is to do about a VPN. */
  planOf(vpn: string): Plan;
}

/** What is true of a lease that we hold. */
interface Held {
  readonly id: string;
  readonly token: number;
  validUntil: number;
  /** Not ours any more, whatever etcd says; kept to be given back. */
  lost: boolean;
  /** Held for the machine, which has not asked for it yet: it has just been started. */
  bridged: boolean;
}

/** By how much our clock may be slower than etcd's. Crystals differ by less than a thousandth. */
const drift = 0.02;
/** A new daemon keeps what the last one left for so many times its length, until the machine has made up its mind. */
const bridgeLengths = 6;

/** What came of asking for a lease. */
export type Acquired = { readonly lease: Lease } | { readonly refused: string };
/** What came of a renewal; `undefined`: not known, the old end still counts. */
export type Renewed = { readonly lease: Lease } | { readonly lost: string } | undefined;

export class LeaseKeeper {
  #options: KeeperOptions;
  readonly #held = new Map<string, Held>();
  /** By VPN: what is done about its lease comes one after another. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** From now on these count; what is held goes on. */
  configure(options: KeeperOptions): void {
    this.#options = options;
  }

  /** The VPNs that this site holds, and until when, in milliseconds of the clock. */
  get leases(): ReadonlyMap<string, { readonly validUntil: number }> {
    return this.#held;
  }

  /** Whether something may still be begun that needs the lease: its end, and the time to undo it, are not near. */
  isSafe(vpn: string): boolean {
    const held = this.#held.get(vpn);
    return held !== undefined && !held.lost && this.#options.clock.now() < held.validUntil - this.#options.stopBudgetMs;
  }

  /**
   * Gets the lease, if nobody else has it. What an earlier daemon of this site has held is taken over.
   * @param signal fires when nobody waits for it any more: then nothing is kept
   */
  acquire(vpn: string, deadline: number, signal: AbortSignal): Promise<Acquired> {
    return this.#inTurn(vpn, () => this.#acquire(vpn, deadline, signal));
  }

  /** Makes a lease last longer. */
  renew(vpn: string, token: number): Promise<Renewed> {
    return this.#inTurn(vpn, () => this.#renew(vpn, token));
  }

  /** Route and session are gone: gives the lease back. If that fails, it ends by itself. */
  release(vpn: string, token: number): Promise<void> {
    return this.#inTurn(vpn, async () => {
      const held = this.#held.get(vpn);
      if (held === undefined || held.token !== token) return;
      this.#held.delete(vpn);
      this.#options.guard.release(vpn);
      await this.#end(vpn, held.id);
    });
  }

  #inTurn<T>(vpn: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#queues.get(vpn) ?? Promise.resolve()).then(act, act);
    const settled = turn.catch(() => undefined);
    this.#queues.set(vpn, settled);
    void settled.then(() => {
      if (this.#queues.get(vpn) === settled) this.#queues.delete(vpn);
    });
    return turn;
  }

  async #acquire(vpn: string, deadline: number, signal: AbortSignal): Promise<Acquired> {
    const { clock, guard } = this.#options;
    if (!guard.isReady) return { refused: 'there is no guard, without which no lease is safe' };
    const found = await this.#take(vpn, deadline);
    if ('refused' in found) return found;
    const held: Held = { ...found, lost: false, bridged: false };
    const confirmed = await this.#settled(guard.watch(vpn, this.#guardedUntil(held), this.#options.planOf(vpn)), deadline);
    if (!confirmed || signal.aborted || clock.now() >= deadline) {
      guard.release(vpn);
      this.#endInTurn(vpn, held.id);
      return { refused: confirmed ? 'its lease came too late' : 'the guard has not answered' };
    }
    this.#held.set(vpn, held);
    return { lease: { token: held.token, validUntil: held.validUntil } };
  }

  /** The lease no longer counts, whatever etcd says: the guard has acted on it. */
  lose(vpn: string): void {
    const held = this.#held.get(vpn);
    if (held !== undefined) held.lost = true;
  }

  /**
   * After a start: keeps alive what the last daemon of this site has held, so that nothing ends while we find our way. What the machine does
   * not ask for is given up.
   */
  async bridge(vpn: string): Promise<void> {
    const { clock, etcd, log, ttlSeconds, site } = this.#options;
    const lengthMs = ttlSeconds * 1000;
    const until = clock.now() + bridgeLengths * lengthMs;
    try {
      const entry = await etcd.read(this.#keyOf(vpn), clock.now() + lengthMs);
      if (entry === undefined || entry.value !== site || this.#held.has(vpn)) return;
      this.#held.set(vpn, { id: entry.lease, token: entry.createRevision, validUntil: -Infinity, lost: false, bridged: true });
      log.info(`${vpn}: keeping the lease of the daemon before us`);
    } catch (error) {
      log.warning(`${vpn}: ${messageOf(error)}`);
      return;
    }
    for (let held = this.#held.get(vpn); held?.bridged === true; held = this.#held.get(vpn)) {
      if (clock.now() >= until || 'lost' in ((await this.renew(vpn, held.token)) ?? {})) this.#held.delete(vpn);
      else await new Promise<void>((resolve) => clock.after(lengthMs / 3, resolve));
    }
  }

  /** Lets go without giving back: the next daemon goes on, or guard and etcd end it. */
  close(): void {
    this.#held.clear();
  }

  async #take(vpn: string, deadline: number): Promise<Omit<Held, 'bridged' | 'lost'> | { readonly refused: string }> {
    const { etcd, site, ttlSeconds } = this.#options;
    const key = this.#keyOf(vpn);
    const entry = await etcd.read(key, deadline);
    if (entry !== undefined && entry.value !== site) return { refused: `${entry.value} has its lease` };
    if (entry !== undefined) {
      const kept = await etcd.keepAlive(entry.lease, deadline);
      if (kept.ttlMs > 0) return this.#heldBy(kept, entry);
    }
    const granted = await etcd.grant(ttlSeconds, deadline);
    try {
      const made = await this.#create(key, granted.lease, deadline);
      if (made.lease === granted.lease) return this.#heldBy(granted, made);
      this.#endInTurn(vpn, granted.lease);
      return { refused: `${made.value} has its lease` };
    } catch (error) {
      this.#endInTurn(vpn, granted.lease);
      throw error;
    }
  }

  /** Makes the key. When the answer is lost, asks again: whoever made it is then there. */
  async #create(key: string, lease: string, deadline: number): Promise<Entry> {
    const { etcd, site, clock } = this.#options;
    for (;;) {
      try {
        return await etcd.create(key, site, lease, deadline);
      } catch (error) {
        if (clock.now() >= deadline) throw error;
        const entry = await etcd.read(key, deadline);
        if (entry !== undefined) return entry;
      }
    }
  }

  #heldBy({ lease, ttlMs, sentAt }: Granted, { createRevision }: Entry): Omit<Held, 'bridged' | 'lost'> {
    return { id: lease, token: createRevision, validUntil: sentAt + ttlMs * (1 - drift) };
  }

  async #renew(vpn: string, token: number): Promise<Renewed> {
    const { etcd, guard, clock, log, ttlSeconds } = this.#options;
    const held = this.#held.get(vpn);
    if (held === undefined || held.token !== token || held.lost) return { lost: 'its lease is not ours any more' };
    try {
      // A lease lives on when somebody deletes its key by hand.
      const deadline = clock.now() + (ttlSeconds * 1000) / 3;
      const [kept, entry] = await Promise.all([etcd.keepAlive(held.id, deadline), etcd.read(this.#keyOf(vpn), deadline)]);
      if (this.#held.get(vpn) !== held) return undefined;
      if (kept.ttlMs === 0 || entry?.createRevision !== token) {
        held.lost = true;
        return { lost: kept.ttlMs === 0 ? 'its lease has ended' : 'its key in etcd is gone' };
      }
      held.validUntil = Math.max(held.validUntil, this.#heldBy(kept, entry).validUntil);
    } catch (error) {
      log.warning(`${vpn}: its lease is not renewed: ${messageOf(error)}`);
      return undefined;
    }
    void guard.watch(vpn, this.#guardedUntil(held), this.#options.planOf(vpn));
    return { lease: { token, validUntil: held.validUntil } };
  }

  /** The daemon acts a whole budget before the end; the guard is there for when it has not. */
  #guardedUntil({ validUntil }: Pick<Held, 'validUntil'>): number {
    return validUntil - this.#options.stopBudgetMs / 2;
  }

  /** Before anything else is done about it, and without holding up who decided it. */
  #endInTurn(vpn: string, lease: string): void {
    void this.#inTurn(vpn, () => this.#end(vpn, lease));
  }

  async #end(vpn: string, lease: string): Promise<void> {
    const { etcd, clock, log, ttlSeconds } = this.#options;
    try {
      await etcd.revoke(lease, clock.now() + ttlSeconds * 1000);
    } catch (error) {
      log.warning(`${vpn}: its lease is not given back and ends by itself: ${messageOf(error)}`);
    }
  }

  /** Whether something happens before a deadline. */
  #settled(promise: Promise<void>, deadline: number): Promise<boolean> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.after(Math.max(0, deadline - clock.now()), () => resolve(false));
      void promise.then(() => {
        clock.cancel(timer);
        resolve(true);
      });
    });
  }

  #keyOf(vpn: string): string {
    return this.#options.prefix + vpn;
  }
}
