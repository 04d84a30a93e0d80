/** A group of upstreams: the servers that answer for each other. A query never leaves its group. */
import { limits } from '../limits.js';
import type { Query } from '../query.js';
import { turnedAway } from '../reply.js';
import type { Timer } from '../runtime.js';
import { Exchange, type ExchangeGroup, type ReplyCallback } from './exchange.js';
import { InFlight } from './in-flight.js';
import { wayOf, type GroupOptions } from './options.js';
import { chooser, type Choose } from './policy.js';
import { Upstream, type UpstreamStatus, type UpstreamWorld } from './upstream.js';

export class UpstreamGroup implements ExchangeGroup {
  /** The way out: see `Route.id`. */
  readonly id: string;
  readonly options: GroupOptions;
  readonly world: UpstreamWorld;
  readonly #servers: readonly Upstream[];
  readonly #choose: Choose;
  readonly #inFlight = new InFlight();
  #ticker: Timer | undefined;
  /** When it was last asked. */
  #usedAt = 0;
  /** Set by `close`: it is fulfilled when the last exchange is over and all is closed. */
  #closed: Promise<void> | undefined;
  #settleClosed: (() => void) | undefined;

  constructor(options: GroupOptions, world: UpstreamWorld) {
    this.id = wayOf(options);
    this.options = options;
    this.world = world;
    this.#servers = options.servers.map((endpoint, index) => new Upstream(endpoint, index, options, world));
    this.#choose = chooser(options.policy, options.servers.length, world.runtime.random);
  }

  /**
   * Asks. Calls back exactly once, within `limits.upstreamExchangeMs` (and possibly before it returns): with a server's answer, or with a
   * SERVFAIL that tells why there is none. Equal questions in flight share one query (else every copy would be a chance to guess its id).
   */
  exchange(query: Query, callback: ReplyCallback): void {
    const { world, options } = this;
    const running = this.#inFlight.find(query);
    if (running === undefined ? !this.#hasRoom() : !this.#mayJoin(running)) {
      world.metrics.rejected(options.plugin);
      return callback(turnedAway(options.plugin, 'too many queries are waiting for upstreams'));
    }
    if (this.#closed !== undefined) return callback(turnedAway(options.plugin, 'the server is shutting down'));
    if (running !== undefined) return running.join(query, callback);
    const now = world.runtime.clock.now();
    const exchange = new Exchange(this, query, callback, now);
    this.#inFlight.add(exchange);
    this.#usedAt = now;
    this.#ticker ??= world.runtime.clock.every(limits.upstreamTickMs, () => this.#tick());
    exchange.proceed(now);
  }

  #mayJoin({ waiters }: Exchange): boolean {
    if (waiters < limits.upstreamWaitersPerQuestion) return true;
    this.world.reached.waiters();
    return false;
  }

  /**
   * Whether another question may go out. When there are too many, the oldest gives way, if no server has answered it in the time that one is
   * given: a flood of names for which nobody answers must not shut out the others.
   */
  #hasRoom(): boolean {
    if (this.#inFlight.size < this.options.maxConcurrent) return true;
    this.world.reached.inFlight();
    const oldest = this.#inFlight.oldest!;
    if (oldest.beganAt + this.options.readTimeoutMs > this.world.runtime.clock.now()) return false;
    oldest.giveWay();
    return true;
  }

  status(): UpstreamStatus[] {
    return this.#servers.map((server) => server.status());
  }

  /** Takes no more queries; closes everything when the last one in flight is over. */
  close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = new Promise((resolve) => (this.#settleClosed = resolve));
      this.#closeIfDrained();
    }
    return this.#closed;
  }

  /**
   * The next server for an exchange. Servers that are up come first, of these the ones that it has tried least. If none is left, a server
   * that is down gets one query at a time to show that it is back; so a dead group fails at once, whatever the load, and recovers by itself.
   */
  choose(exchange: Exchange): Upstream | undefined {
    let fewest: number = limits.upstreamSends;
    let candidates: Upstream[] = [];
    for (const server of this.#servers) {
      const tries = exchange.triesOf(server);
      if (server.isDown || tries > fewest || tries >= limits.upstreamSends) continue;
      if (tries < fewest) candidates = [];
      fewest = tries;
      candidates.push(server);
    }
    if (candidates.length === 0) candidates = this.#servers.filter((server) => server.isDown && !server.onTrial && exchange.triesOf(server) === 0);
    return candidates.length === 0 ? undefined : this.#choose(candidates);
  }

  finished(exchange: Exchange): void {
    this.#inFlight.remove(exchange);
    if (this.#closed !== undefined) this.#closeIfDrained();
  }

  #tick(): void {
    const now = this.world.runtime.clock.now();
    // One that times out may take others of its connection with it.
    for (const exchange of this.#inFlight.due(now)) if (exchange.tryEnds <= now) exchange.timedOut();
    const isWanted = this.#usedAt + limits.upstreamHealthIdleMs > now;
    let isActive = this.#inFlight.size > 0;
    for (const server of this.#servers) {
      server.tick(now, isWanted);
      isActive ||= server.isActive;
    }
    if (!isActive) this.#stopTicking();
  }

  #stopTicking(): void {
    this.world.runtime.clock.cancel(this.#ticker);
    this.#ticker = undefined;
  }

  #closeIfDrained(): void {
    if (this.#inFlight.size > 0) return;
    this.#stopTicking();
    for (const server of this.#servers) server.close();
    this.#settleClosed?.();
  }
}
