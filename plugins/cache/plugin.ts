/** One `cache` directive at work: policy from its options, a store that outlives reloads, metrics. */
import type { DnsBlock } from '../../core/block.js';
import { messageOf } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { root, type Name } from '../../core/name.js';
import type { Explanation, PluginContext, PluginInstance } from '../../core/plugin.js';
import type { Query } from '../../core/query.js';
import type { FirstWorker } from '../../core/workers/index.js';
import { Cache, type Policy, type Tally } from './cache.js';
import { load, save } from './persist.js';
import { Store } from './store.js';

interface ShareOptions {
  readonly capacity: number;
  readonly ttl: number;
  readonly minTtl: number;
}

export interface CacheOptions {
  readonly args: { readonly ttl: number | undefined; readonly zones: readonly Name[] };
  readonly success: ShareOptions | undefined;
  readonly denial: ShareOptions | undefined;
  readonly prefetch: { readonly amount: number; readonly duration: number; readonly percent: number } | undefined;
  readonly serve_stale: {
    readonly duration: number; readonly mode: 'immediate' | 'verify'; readonly timeout: number | undefined; readonly ttl: number;
  } | undefined;
  readonly servfail: number;
  readonly disable: readonly { readonly kind: 'success' | 'denial'; readonly zones: readonly Name[] }[];
  readonly keepttl: boolean;
  readonly persist: string | undefined;
}

/** As in CoreDNS. */
const defaultCapacity = 9984;

export class CachePlugin implements PluginInstance {
  readonly #context: PluginContext<DnsBlock>;
  readonly #options: CacheOptions;
  readonly #tally: Tally & Counts;
  readonly #unwatch: (() => void)[] = [];
  /** Empty until `start` adopts what the generation before has. */
  cache: Cache;

  constructor(options: CacheOptions, context: PluginContext<DnsBlock>) {
    this.#options = options;
    this.#context = context;
    this.#tally = tallyOf(context);
    this.cache = this.#over(new Store(1, 1));
    const { hooks } = context.block;
    hooks.query.tap('cache', (query) => this.cache.lookUp(query));
    if (options.serve_stale?.timeout !== undefined) hooks.resolve.tap('cache', (query, callback) => this.cache.resolve(query, callback));
    hooks.fetched.tap('cache', (reply, query) => this.cache.keep(reply, query));
    hooks.forget.tap('cache', (name, subdomains) => void this.cache.store.forget(name, subdomains));
  }

  async start(): Promise<void> {
    const { block, host, log } = this.#context;
    const { success, denial, persist } = this.#options;
    const capacities = [success?.capacity ?? defaultCapacity, denial?.capacity ?? defaultCapacity] as const;
    if (host.workers.isFirst) this.#checkRoom(capacities[0] + capacities[1], host.workers);
    let isNew = false;
    const store = host.keep(`cache ${block.label}`, () => {
      isNew = true;
      return new Store(...capacities);
    });
    store.resize(...capacities);
    // The workers' caches come to hold the same answers, those that many ask for: one of them is kept, and all begin with it.
    const keeps = persist !== undefined && host.workers.isFirst;
    store.onClose = !keeps ? undefined : async () => void log.info(`kept ${await save(store, persist, host.clock)} answers in ${persist}`);
    if (isNew && persist !== undefined) await this.#load(store, persist);
    this.cache = this.#over(store);
    this.#watch(store);
  }

  stop(): void {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
  }

  /** Milliseconds of the clock by which entries live. */
  now(): number {
    return this.#context.host.clock.now();
  }

  explain(query: Query): Explanation {
    return this.cache.describe(query);
  }

  /** What happened so far in this block, for the API. */
  stats(): Readonly<Record<string, number>> {
    const { success, denial } = this.cache.store;
    return {
      entries: success.size + denial.size, bytes: success.bytes + denial.bytes, evictions: success.evictions + denial.evictions,
      hits: this.#tally.hits, misses: this.#tally.misses, stale: this.#tally.stales, prefetches: this.#tally.prefetches,
    };
  }

  /** A cache that can't be read costs its content, not the start. */
  async #load(store: Store, file: string): Promise<void> {
    const { host, log } = this.#context;
    try {
      const { read, skipped } = await load(store, file, host.clock);
      log.info(`read ${read} answers from ${file}${skipped === 0 ? '' : `, skipped ${skipped}`}`);
    } catch (error) {
      log.warning(`begins empty: ${messageOf(error)}`);
    }
  }

  /** A machine whose memory is full ends processes: whoever allows the cache so much should know. */
  #checkRoom(capacity: number, { count }: FirstWorker): void {
    const mib = 2 ** 20;
    const most = Math.round((count * capacity * limits.cacheBytesPerEntry) / mib);
    const room = Math.round(this.#context.host.runtime.machine.memoryBytes / mib);
    if (most > room / 2) this.#context.log.warning(`may come to hold ${most} MiB, and all memory is ${room} MiB: lower the CAPACITY`);
  }

  #over(store: Store): Cache {
    return new Cache(store, policyOf(this.#options), this.#context.host.clock, this.#tally);
  }

  #watch(store: Store): void {
    const { host: { metrics }, block: { label: server } } = this.#context;
    const entries = metrics.gauge('cache_entries', 'Answers in the cache.', ['server', 'type']);
    const bytes = metrics.gauge('cache_bytes', 'What the answers in the cache take.', ['server', 'type']);
    const evictions = metrics.observedCounter('cache_evictions_total', 'Answers that had to go for others.', ['server', 'type']);
    for (const type of ['success', 'denial'] as const) {
      const labels = { server, type };
      this.#unwatch.push(
        entries.child(labels).watch(() => store[type].size),
        bytes.child(labels).watch(() => store[type].bytes),
        evictions.child(labels).watch(() => store[type].evictions),
      );
    }
  }
}

function policyOf({ args, success, denial, prefetch, serve_stale: stale, servfail, disable, keepttl }: CacheOptions): Policy {
  const disabled = (kind: 'success' | 'denial'): Name[] =>
    disable.filter((each) => each.kind === kind).flatMap(({ zones }) => (zones.length === 0 ? [root] : zones));
  return {
    zones: args.zones.length === 0 ? [root] : args.zones,
    successTtl: success?.ttl ?? args.ttl ?? 3600, successMinTtl: success?.minTtl ?? 0,
    denialTtl: denial?.ttl ?? args.ttl ?? 1800, denialMinTtl: denial?.minTtl ?? 0,
    successDisabled: disabled('success'), denialDisabled: disabled('denial'),
    servfail, keepTtl: keepttl,
    prefetch: prefetch && { amount: prefetch.amount, durationMs: prefetch.duration, percent: prefetch.percent },
    stale: stale && { durationMs: stale.duration, verify: stale.mode === 'verify', timeoutMs: stale.timeout, ttl: stale.ttl },
  };
}

/** What the API reports, beside what the metrics count over all generations. */
interface Counts {
  hits: number;
  misses: number;
  stales: number;
  prefetches: number;
}

function tallyOf({ host: { metrics }, block: { label: server } }: PluginContext<DnsBlock>): Tally & Counts {
  const requests = metrics.counter('cache_requests_total', 'Questions that came to the cache.', ['server']).child({ server });
  const hits = metrics.counter('cache_hits_total', 'Questions answered from the cache.', ['server', 'type']);
  const hit = { success: hits.child({ server, type: 'success' }), denial: hits.child({ server, type: 'denial' }) };
  const misses = metrics.counter('cache_misses_total', 'Questions that the cache could not answer.', ['server']).child({ server });
  const stales = metrics.counter('cache_served_stale_total', 'Questions answered with what was stale.', ['server']).child({ server });
  const prefetches = metrics.counter('cache_prefetch_total', 'Answers refreshed before their end.', ['server']).child({ server });
  return {
    hit(kind) {
      requests.inc();
      hit[kind].inc();
    },
    miss() {
      requests.inc();
      misses.inc();
    },
    stale: () => stales.inc(),
    prefetch: () => prefetches.inc(),
    get hits() { return hit.success.n + hit.denial.n; },
    get misses() { return misses.n; },
    get stales() { return stales.n; },
    get prefetches() { return prefetches.n; },
  };
}
