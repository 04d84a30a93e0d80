/**
 * All upstream groups of a host. Whoever wants a group asks here, so that the same servers with the same options are one group: with one
 * pool of sockets, one state of health and one query in flight for equal questions, in however many lines they stand, and across reloads.
 */
import type { Host } from '../host.js';
import { limitAlarm } from '../limit-alarm.js';
import { limits } from '../limits.js';
import { SocketBudget } from './budget.js';
import { UpstreamGroup } from './group.js';
import { keyOf, type GroupOptions } from './options.js';
import { UpstreamMetrics } from './metrics.js';
import type { UpstreamStatus, UpstreamWorld } from './upstream.js';

/** What `GET /upstreams` tells of a group. */
export interface GroupStatus {
  /** Its own among the groups of its plugin; begins with the way out, see `Route.id`. */
  readonly id: string;
  readonly plugin: string;
  readonly servers: readonly UpstreamStatus[];
}

export class Upstreams {
  readonly #world: UpstreamWorld;
  readonly #groups = new Map<string, { readonly group: UpstreamGroup; users: number }>();
  /** Groups that nobody uses any more and that finish what is in flight. */
  readonly #closing = new Set<Promise<void>>();

  constructor({ runtime, log, metrics }: Pick<Host, 'runtime' | 'log' | 'metrics'>) {
    const own = log.for('upstream');
    const alarm = (limit: keyof typeof limits, consequence: string) => limitAlarm({ clock: runtime.clock, log: own, metrics }, limit, consequence);
    const budget = new SocketBudget(alarm('upstreamSocketsInReserve', 'queries to servers without a socket fail'));
    metrics.gauge('upstream_sockets', 'Sockets to upstreams that are open, UDP and TCP.').child({}).watch(() => budget.open);
    this.#world = {
      runtime, log: own, metrics: new UpstreamMetrics(metrics), budget,
      reached: {
        inFlight: alarm('upstreamInFlight', 'questions to a group of upstreams fail (max_concurrent), old ones before new ones'),
        waiters: alarm('upstreamWaitersPerQuestion', 'further queries for one question fail'),
      },
    };
  }

  /** The group with these options. Whoever takes it gives it back once with `release`. */
  acquire(options: GroupOptions): UpstreamGroup {
    const key = keyOf(options);
    const entry = this.#groups.get(key) ?? { group: new UpstreamGroup(options, this.#world), users: 0 };
    this.#groups.set(key, entry);
    entry.users++;
    return entry.group;
  }

  /** Gives a group back. When its last user has, it finishes what is in flight and closes. */
  release(group: UpstreamGroup): void {
    const key = keyOf(group.options);
    const entry = this.#groups.get(key);
    if (entry === undefined || --entry.users > 0) return;
    this.#groups.delete(key);
    const closed = group.close();
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
  }

  /** All groups. Where several lead the same way, with other options, the further ones have a number behind their id. */
  status(): GroupStatus[] {
    const counts = new Map<string, number>();
    return [...this.#groups.values()].map(({ group }) => {
      const { id, options: { plugin } } = group;
      const count = (counts.get(`${plugin} ${id}`) ?? 0) + 1;
      counts.set(`${plugin} ${id}`, count);
      return { id: count === 1 ? id : `${id} #${count}`, plugin, servers: group.status() };
    });
  }

  /** Closes all groups; fulfilled when their last query is over. */
  async close(): Promise<void> {
    const open = [...this.#groups.values()].map(({ group }) => group.close());
    this.#groups.clear();
    await Promise.all([...open, ...this.#closing]);
  }
}

/** The host's upstream groups; they outlive a reload. */
export const upstreamsOf = (host: Host): Upstreams => host.keep('upstreams', () => new Upstreams(host));
