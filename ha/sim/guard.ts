/** The second, tiny process of lease mode: it takes a VPN down when nobody has told it in time that the lease goes on. */
import type { Clock } from './clock.js';
import type { VpnHost } from './host.js';
import type { Queue } from './queue.js';
import { guardMs } from './schedule.js';

/** Between two looks at a VPN that had to go. */
const againMs = 1000;

export class Guard {
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #hosts: readonly VpnHost[];
  /** By VPN: when it acts, on its own clock. */
  readonly #deadlines = new Map<number, number>();
  #armedAt = 0;
  #isFrozen = false;

  constructor(queue: Queue, clock: Clock, hosts: readonly VpnHost[]) {
    this.#queue = queue;
    this.#clock = clock;
    this.#hosts = hosts;
  }

  /** The lease goes on for so long. */
  feed(vpn: number, validMs: number): void {
    this.#deadlines.set(vpn, this.#clock.read(this.#queue.now) + validMs - guardMs);
    this.#arm();
  }

  /** It was let go on purpose. */
  dismiss(vpn: number): void {
    this.#deadlines.delete(vpn);
  }

  reboot(): void {
    this.#deadlines.clear();
  }

  freeze(): void {
    this.#isFrozen = true;
    this.#clock.suspend(this.#queue.now);
  }

  /** It sees, as the daemon does, that the host was suspended. */
  thaw(): void {
    this.#isFrozen = false;
    this.#clock.resume(this.#queue.now);
    for (const vpn of this.#deadlines.keys()) this.#deadlines.set(vpn, -Infinity);
    this.#look();
  }

  #look(): void {
    if (this.#isFrozen) return;
    const now = this.#clock.read(this.#queue.now);
    for (const [vpn, deadline] of this.#deadlines) {
      const host = this.#hosts[vpn]!;
      if (deadline <= now && host.isUp) host.takeDown();
    }
    this.#arm();
  }

  /** At the earliest deadline; and every second after it, until what has to go is gone. */
  #arm(): void {
    if (this.#deadlines.size === 0) return;
    const now = this.#clock.read(this.#queue.now);
    const at = this.#queue.now + Math.max(againMs, Math.min(...this.#deadlines.values()) - now);
    if (this.#armedAt > this.#queue.now && this.#armedAt <= at) return;
    this.#armedAt = at;
    this.#queue.at(at, () => {
      if (this.#armedAt === at) this.#look();
    });
  }
}
