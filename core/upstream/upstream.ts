/** One server of a group: the ways to it, its health, and what is known of it. */
import { textOfEndpoint, type Endpoint } from '../address.js';
import { limits } from '../limits.js';
import type { Logger } from '../log.js';
import type { Distribution } from '../metrics.js';
import type { Runtime } from '../runtime.js';
import type { SocketBudget } from './budget.js';
import { HealthCheck } from './health.js';
import { Latencies } from './latency.js';
import type { UpstreamMetrics } from './metrics.js';
import type { GroupOptions } from './options.js';
import type { Pending, Sent } from './pending.js';
import { TcpPool } from './tcp.js';
import { UdpPool } from './udp.js';

export type Transport = 'udp' | 'tcp';

/** What upstreams get from their host. */
export interface UpstreamWorld {
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly metrics: UpstreamMetrics;
  readonly budget: SocketBudget;
  /** Called whenever a group has as many questions in flight as it may, or a question as many who wait for it. */
  readonly reached: Readonly<Record<'inFlight' | 'waiters', () => void>>;
}

/** What the API tells of a server, under the names that it shows. */
export interface UpstreamStatus {
  /** `ADDRESS:PORT`. */
  readonly address: string;
  /** Whether it gets queries: fewer than `max_fails` health checks have failed in a row. */
  readonly healthy: boolean;
  /** Health checks that failed since its last answer. */
  readonly fails: number;
  /** Queries that wait for its answer. */
  readonly in_flight: number;
  /** Queries sent and answers received since start, health checks aside. */
  readonly queries: number;
  readonly answers: number;
  /** Messages on its UDP sockets that answered none of our queries. */
  readonly foreign: number;
  /** Latencies of its last answers in milliseconds; absent before the first. */
  readonly p50_ms?: number;
  readonly p99_ms?: number;
}

export class Upstream {
  /** `ADDRESS:PORT`. */
  readonly text: string;
  /** Its place in the group. */
  readonly index: number;
  /** Queries that wait for its answer. */
  inFlight = 0;
  /** Whether a query is out to see if it is back. */
  onTrial = false;
  readonly #world: UpstreamWorld;
  readonly #udp: UdpPool;
  readonly #tcp: TcpPool;
  readonly #health: HealthCheck;
  readonly #latencies = new Latencies();
  /** By RCODE. */
  readonly #durations = new Map<number, Distribution>();
  #queries = 0;
  #foreign = 0;
  #answers = 0;
  #plainUntil = -Infinity;

  constructor(endpoint: Endpoint, index: number, options: GroupOptions, world: UpstreamWorld) {
    this.text = textOfEndpoint(endpoint);
    this.index = index;
    this.#world = world;
    this.#udp = new UdpPool(endpoint, options.sourceAddress, world, () => this.#countForeign());
    this.#tcp = new TcpPool(endpoint, options.sourceAddress, world, options.expireMs);
    this.#health = new HealthCheck(this, options, world);
  }

  /** Whether it is spared, because its health checks fail. */
  get isDown(): boolean {
    return this.#health.isDown;
  }

  /** Whether it needs to be looked after: it has open sockets or a health check. */
  get isActive(): boolean {
    return this.#udp.size > 0 || this.#tcp.size > 0 || this.#health.isRunning;
  }

  /** Whether it is to be asked without EDNS. */
  isPlain(now: number): boolean {
    return now < this.#plainUntil;
  }

  /** It answers a question only without EDNS (RFC 6891 section 7); that is remembered for a while. */
  becomePlain(now: number): void {
    this.#plainUntil = now + limits.upstreamPlainMs;
  }

  /**
   * Sends a query.
   * @param fresh whether a TCP connection must be a new one
   * @returns what went wrong, when it could not be sent
   */
  send(pending: Pending, transport: Transport, now: number, fresh: boolean): Sent | string {
    return transport === 'udp' ? this.#udp.send(pending, now) : this.#tcp.send(pending, now, fresh);
  }

  /** A client's query is on its way to it. */
  began(): void {
    this.inFlight++;
    this.#queries++;
  }

  /** It answered a client's query. @param ms since the query was sent */
  answered(ms: number, rcode: number): void {
    this.#answers++;
    this.#latencies.add(ms);
    let duration = this.#durations.get(rcode);
    if (duration === undefined) {
      duration = this.#world.metrics.durationOf(this.text, rcode);
      this.#durations.set(rcode, duration);
    }
    duration.observe(ms / 1000);
    this.#health.passed();
  }

  /** It did not answer a client's query, or not usefully: is it alive? */
  failed(reason: string, now: number): void {
    this.#health.begin(reason, now);
  }

  /** @param isWanted whether its group has been asked of late */
  tick(now: number, isWanted: boolean): void {
    this.#udp.tick(now);
    this.#tcp.tick(now);
    this.#health.tick(now, isWanted);
  }

  close(): void {
    this.#health.stop();
    this.#udp.close();
    this.#tcp.close();
  }

  status(): UpstreamStatus {
    const [p50, p99] = [this.#latencies.percentile(0.5), this.#latencies.percentile(0.99)];
    return {
      address: this.text,
      healthy: !this.isDown,
      fails: this.#health.fails,
      in_flight: this.inFlight,
      queries: this.#queries,
      answers: this.#answers,
      foreign: this.#foreign,
      ...(p50 !== undefined && p99 !== undefined && { p50_ms: p50, p99_ms: p99 }),
    };
  }

  #countForeign(): void {
    this.#foreign++;
    this.#world.metrics.foreign(this.text);
  }
}
