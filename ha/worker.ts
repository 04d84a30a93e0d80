/** Work under way at a site: each piece goes to the driver that takes it, with a deadline and a signal, and its end is told exactly once. */
import { messageOf } from '../core/errors.js';
import type { Clock } from '../core/runtime.js';
import type { HaHooks, LeaseOrder, Order, Outcome, Renewal } from './hooks.js';

interface Job {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

export class Worker {
  readonly #clock: Clock;
  /** By VPN and operation. */
  readonly #jobs = new Map<string, Job>();
  /** VPNs whose lease is being renewed. */
  readonly #renewing = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins a piece of work. @param end is told what came of it, never in this turn of the event loop; must not throw */
  begin(order: Omit<Order, 'signal'>, operation: number, hooks: HaHooks, end: (order: Order, outcome: Outcome, durationMs: number) => void): void {
    const key = keyOf(order.vpn.id, operation);
    const controller = new AbortController();
    const begunAt = this.#clock.now();
    const full: Order = { ...order, signal: controller.signal };
    const timer = this.#clock.after(Math.max(0, order.deadline - begunAt), () => controller.abort(new Error('it took too long')));
    const done = outcomeOf(full, hooks).then((outcome) => {
      this.#clock.cancel(timer);
      this.#jobs.delete(key);
      end(full, outcome, this.#clock.now() - begunAt);
    });
    this.#jobs.set(key, { controller, done });
  }

  abort(vpn: string, operation: number): void {
    this.#jobs.get(keyOf(vpn, operation))?.controller.abort(new Error('it is no longer wanted'));
  }

  abortAll(): void {
    for (const { controller } of this.#jobs.values()) controller.abort(new Error('the daemon stops'));
  }

  /** Fulfilled when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.all([...this.#jobs.values()].map(({ done }) => done));
  }

  /** Renews a lease; not twice at a time. What can't be said yet is not told. */
  async renew(order: LeaseOrder, hooks: HaHooks, end: (renewal: NonNullable<Renewal>) => void): Promise<void> {
    if (this.#renewing.has(order.vpn.id)) return;
    this.#renewing.add(order.vpn.id);
    try {
      const renewal = await hooks.renewLease.call(order);
      if (renewal !== undefined) end(renewal);
    } finally {
      this.#renewing.delete(order.vpn.id);
    }
  }
}

const keyOf = (vpn: string, operation: number): string => `${vpn} ${operation}`;

async function outcomeOf(order: Order, hooks: HaHooks): Promise<Outcome> {
  try {
    const outcome = hooks.refuse.call(order) ?? (await hooks.work[order.kind].call(order)) ?? { ok: false, reason: `no plugin does ${order.kind}` };
    return outcome.ok && order.route ? ((await hooks.seeRoute.call(order)) ?? outcome) : outcome;
  } catch (error) {
    return { ok: false, unsure: true, reason: messageOf(error) };
  }
}
