/** etcd as seen through leases: linearizable, a lease never ends early but may end late, requests may go unanswered though they were carried out. */
import type { Lease } from '../machine/index.js';
import type { Clock } from './clock.js';
import type { Queue } from './queue.js';
import { between, type Random } from './random.js';
import { leaseMargin, leaseMs } from './schedule.js';

interface Key {
  readonly owner: string;
  /** The key's create revision. */
  readonly token: number;
  expiresAt: number;
}

export class Etcd {
  isDown = false;
  /** Sites that can't reach it. */
  cut = new Set<string>();
  /** The probability that an answer is lost. */
  unknown = 0;
  readonly queue: Queue;
  readonly random: Random;
  #revision = 0;
  readonly #keys = new Map<string, Key>();

  constructor(queue: Queue, random: Random) {
    this.queue = queue;
    this.random = random;
  }

  /** The holder of a VPN's lease now. */
  holder(vpn: string): Key | undefined {
    const key = this.#keys.get(vpn);
    return key !== undefined && key.expiresAt > this.queue.now ? key : undefined;
  }

  /** create_revision == 0, or the value is ours already: the token; otherwise nothing. */
  acquire(vpn: string, owner: string): number | undefined {
    const held = this.holder(vpn);
    if (held !== undefined && held.owner !== owner) return undefined;
    const key = held ?? { owner, token: ++this.#revision, expiresAt: 0 };
    key.expiresAt = this.#expiry();
    this.#keys.set(vpn, key);
    return key.token;
  }

  renew(vpn: string, token: number): boolean {
    const held = this.holder(vpn);
    if (held?.token !== token) return false;
    held.expiresAt = this.#expiry();
    return true;
  }

  release(vpn: string, token: number): void {
    if (this.holder(vpn)?.token === token) this.#keys.delete(vpn);
  }

  /** A new leader counts every lease from the beginning. */
  restart(): void {
    for (const key of this.#keys.values()) if (key.expiresAt > this.queue.now) key.expiresAt = this.#expiry();
  }

  #expiry(): number {
    return this.queue.now + leaseMs + this.random() * 3000;
  }
}

/** What the client needs of the daemon in which it runs. */
export interface Daemon {
  readonly name: string;
  readonly clock: Clock;
  /** Runs something in the daemon, if it is still the same one. */
  enqueue(run: () => void): void;
}

/** A daemon's side: what concerns one VPN is sent in order, and a lease counts from when it was asked for. */
export class LeaseClient {
  readonly #etcd: Etcd;
  readonly #daemon: Daemon;
  readonly #lastArrival = new Map<string, number>();

  constructor(etcd: Etcd, daemon: Daemon) {
    this.#etcd = etcd;
    this.#daemon = daemon;
  }

  acquire(vpn: string, answered: (lease: Lease | undefined) => void): void {
    const validUntil = this.#validUntil();
    this.#send(vpn, () => this.#etcd.acquire(vpn, this.#daemon.name), (token) => answered(token === undefined ? undefined : { token, validUntil }));
  }

  renew(vpn: string, token: number, answered: (lease: Lease | undefined) => void): void {
    const validUntil = this.#validUntil();
    this.#send(vpn, () => this.#etcd.renew(vpn, token), (ok) => answered(ok ? { token, validUntil } : undefined));
  }

  release(vpn: string, token: number): void {
    this.#send(vpn, () => this.#etcd.release(vpn, token), () => undefined);
  }

  #validUntil(): number {
    return this.#daemon.clock.read(this.#etcd.queue.now) + leaseMs * (1 - leaseMargin);
  }

  #send<T>(vpn: string, apply: () => T, answered: (answer: T) => void): void {
    const etcd = this.#etcd;
    const arrival = Math.max(etcd.queue.now + between(etcd.random, 2, 30), this.#lastArrival.get(vpn) ?? 0);
    this.#lastArrival.set(vpn, arrival);
    etcd.queue.at(arrival, () => {
      if (etcd.isDown || etcd.cut.has(this.#daemon.name)) return;
      const answer = apply();
      if (etcd.unknown > 0 && etcd.random() < etcd.unknown) return;
      etcd.queue.after(between(etcd.random, 2, 30), () => this.#daemon.enqueue(() => answered(answer)));
    });
  }
}
