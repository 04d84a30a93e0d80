/** What the cache decides: what to keep and for how long, what to answer from it, when to refresh (RFC 2308, RFC 8767, RFC 9520). */
import type { Name } from '../../core/name.js';
import { isWithin } from '../../core/name.js';
import type { Query } from '../../core/query.js';
import { withTtl, type Reply } from '../../core/reply.js';
import type { Clock } from '../../core/runtime.js';
import { extendedError, type ExtendedError } from '../../core/wire/edns.js';
import { ede, rcode } from '../../core/wire/layout.js';
import type { Kind } from '../../core/wire/survey.js';
import type { Entry } from './record.js';
import type { Store } from './store.js';

/** What the Corefile says, in seconds unless the name says otherwise. */
export interface Policy {
  /** Only names within these are cached. */
  readonly zones: readonly Name[];
  readonly successTtl: number;
  readonly successMinTtl: number;
  readonly denialTtl: number;
  readonly denialMinTtl: number;
  readonly successDisabled: readonly Name[];
  readonly denialDisabled: readonly Name[];
  /** How long a failure is remembered; 0 for not at all. */
  readonly servfail: number;
  /** Records leave with the TTL that they came with. */
  readonly keepTtl: boolean;
  readonly prefetch: { readonly amount: number; readonly durationMs: number; readonly percent: number } | undefined;
  readonly stale: { readonly durationMs: number; readonly verify: boolean; readonly timeoutMs: number | undefined; readonly ttl: number } | undefined;
}

/** What happened to questions, for the metrics. */
export interface Tally {
  hit(kind: 'success' | 'denial'): void;
  miss(): void;
  stale(): void;
  prefetch(): void;
}

const plugin = 'cache';
/** A stale answer is refreshed at most this often while its upstream fails (RFC 8767 section 5). */
const retryMs = 30_000;
const staleError: ExtendedError = extendedError(ede.staleAnswer, 'stale answer');
const staleNxdomainError: ExtendedError = extendedError(ede.staleNxdomain, 'stale NXDOMAIN');

export class Cache {
  readonly #store: Store;
  readonly #policy: Policy;
  readonly #clock: Clock;
  readonly #tally: Tally;
  /** Whether every name is cached: the usual case costs nothing. */
  readonly #everywhere: boolean;

  constructor(store: Store, policy: Policy, clock: Clock, tally: Tally) {
    this.#store = store;
    this.#policy = policy;
    this.#clock = clock;
    this.#tally = tally;
    this.#everywhere = policy.zones.some((zone) => zone.length === 1);
  }

  get store(): Store {
    return this.#store;
  }

  /** Answers from memory if it can. May start a refresh behind the answer. */
  lookUp(query: Query): Reply | undefined {
    // Without RD a client would learn what others asked (cache snooping); a refresh must not be answered with what it refreshes.
    if (!query.recursionDesired || !this.#covers(query.name)) return undefined;
    const entry = this.#store.get(query, routeOf(query));
    const now = query.receivedAt;
    if (entry === undefined) {
      this.#tally.miss();
      return undefined;
    }
    if (now < entry.expiresAt) return this.#fresh(entry, query, now);
    if (!this.#isServable(entry, now) || (this.#policy.stale!.verify && now >= entry.retryAt)) {
      this.#tally.miss();
      return undefined;
    }
    const stale = this.#stale(entry);
    if (now >= entry.retryAt) this.#refresh(entry, query);
    return stale;
  }

  /**
   * `serve_stale verify TIMEOUT`: asks, and answers with what is stale when that takes too long; the question goes on behind it.
   * Calls back with nothing when it has nothing to offer.
   */
  resolve(query: Query, callback: (reply?: Reply) => void): void {
    const timeoutMs = this.#policy.stale?.timeoutMs;
    if (timeoutMs === undefined || query.background || !this.#covers(query.name)) return callback();
    const entry = this.#store.peek(query, routeOf(query));
    const now = this.#clock.now();
    if (entry === undefined || !this.#isServable(entry, now)) return callback();
    const stale = this.#staleReply(entry);
    const timer = this.#clock.after(timeoutMs, () => {
      this.#tally.stale();
      callback(stale);
    });
    query.block.fetch(query.inBackground(now), (reply) => {
      this.#clock.cancel(timer);
      callback(reply);
    });
  }

  /** Keeps what an upstream said, if it may be kept; offers what is stale when it failed. */
  keep(reply: Reply, query: Query): Reply {
    if (reply.kind === undefined || !this.#covers(query.name)) return reply;
    if (reply.kind === 'failure') return this.#failed(query, reply);
    const seconds = this.#lifetimeOf(reply, query.name);
    if (seconds === undefined) return reply;
    this.#keep(query, reply, reply.kind, seconds);
    return this.#policy.keepTtl ? reply : withTtl(reply, reply.plugin, seconds);
  }

  /** What it would do, without doing it. */
  describe(query: Query): { readonly decision: string; readonly final: boolean } {
    if (!query.recursionDesired) return { decision: 'not looked up: the client does not want recursion', final: false };
    if (!this.#covers(query.name)) return { decision: 'not looked up: the name is in none of its zones', final: false };
    const entry = this.#store.peek(query, routeOf(query));
    const now = this.#clock.now();
    if (entry === undefined) return { decision: 'holds nothing for this question and route', final: false };
    if (now < entry.expiresAt) return { decision: `answers from memory; ${remainingSeconds(entry, now)} s of life are left`, final: true };
    if (!this.#isServable(entry, now)) return { decision: 'holds an answer that is too old', final: false };
    return this.#policy.stale!.verify
      ? { decision: 'holds a stale answer, for when the upstream fails', final: false }
      : { decision: 'answers with a stale answer and refreshes it', final: true };
  }

  #covers(name: Name): boolean {
    return this.#everywhere || this.#policy.zones.some((zone) => isWithin(name, zone));
  }

  #fresh(entry: Entry, query: Query, now: number): Reply {
    this.#tally.hit(entry.kind === 'positive' ? 'success' : 'denial');
    const ttl = this.#policy.keepTtl ? undefined : remainingSeconds(entry, now);
    let reply = this.#store.ready.of(entry);
    if (reply.fixedTtl !== ttl) {
      reply = withTtl(reply, plugin, ttl);
      this.#store.ready.renew(entry, reply);
    }
    if (this.#policy.prefetch !== undefined) this.#considerPrefetch(entry, query, now);
    return reply;
  }

  #stale(entry: Entry): Reply {
    this.#tally.stale();
    return this.#staleReply(entry);
  }

  #staleReply(entry: Entry): Reply {
    const reply = this.#store.ready.of(entry);
    return withTtl(reply, plugin, this.#policy.stale!.ttl, reply.rcode === rcode.nxDomain ? staleNxdomainError : staleError);
  }

  #isServable(entry: Entry, now: number): boolean {
    const { stale } = this.#policy;
    return stale !== undefined && entry.kind !== 'failure' && now < entry.expiresAt + stale.durationMs;
  }

  #considerPrefetch(entry: Entry, query: Query, now: number): void {
    const { amount, durationMs, percent } = this.#policy.prefetch!;
    entry.hits = now - entry.lastHit < durationMs ? entry.hits + 1 : 1;
    entry.lastHit = now;
    const threshold = (entry.lifeMs * percent) / 100;
    if (entry.hits < amount || entry.expiresAt - now > threshold || entry.isRefreshing || now < entry.retryAt || entry.kind === 'failure') return;
    this.#tally.prefetch();
    this.#refresh(entry, query);
  }

  #refresh(entry: Entry, query: Query): void {
    if (entry.isRefreshing) return;
    entry.isRefreshing = true;
    query.block.fetch(query.inBackground(query.receivedAt), () => {
      // By now the record may be in another place, or be another one.
      const now = this.#store.peek(query, routeOf(query));
      if (now !== undefined) now.isRefreshing = false;
    });
  }

  /** How long to keep it, in seconds; `undefined` for not at all. */
  #lifetimeOf(reply: Reply, name: Name): number | undefined {
    const policy = this.#policy;
    const positive = reply.kind === 'positive';
    if (reply.lifetime === undefined || (!positive && reply.kind !== 'nodata' && reply.kind !== 'nxdomain')) return undefined;
    if ((positive ? policy.successDisabled : policy.denialDisabled).some((zone) => isWithin(name, zone))) return undefined;
    const floor = positive ? policy.successMinTtl : policy.denialMinTtl;
    const ceiling = positive ? policy.successTtl : policy.denialTtl;
    const seconds = Math.min(Math.max(reply.lifetime, floor), ceiling);
    return seconds > 0 ? seconds : undefined;
  }

  #keep(query: Query, reply: Reply, kind: Kind, seconds: number): void {
    const lifeMs = seconds * 1000;
    const old = this.#policy.prefetch && this.#store.peek(query, routeOf(query));
    const [hits, lastHit] = [old?.hits ?? 0, old?.lastHit ?? 0];
    const entry = this.#store.put(query, routeOf(query), { reply, kind, lifeMs, expiresAt: this.#clock.now() + lifeMs });
    if (entry === undefined || hits === 0) return;
    // A refreshed answer is as popular as it was.
    entry.hits = hits;
    entry.lastHit = lastHit;
  }

  /** An upstream failed: what is remembered is worth more than a failure (RFC 2181 section 5.4.1, RFC 8767); else the failure is (RFC 9520). */
  #failed(query: Query, reply: Reply): Reply {
    const entry = this.#store.peek(query, routeOf(query));
    const now = this.#clock.now();
    if (entry !== undefined && entry.kind !== 'failure') {
      entry.retryAt = now + retryMs;
      if (now < entry.expiresAt) return withTtl(this.#store.ready.of(entry), plugin, remainingSeconds(entry, now));
      if (this.#isServable(entry, now)) return this.#stale(entry);
    }
    if (this.#policy.servfail > 0) this.#keep(query, reply, 'failure', this.#policy.servfail);
    return reply;
  }
}

const routeOf = (query: Query): string => query.route?.id ?? '';
const remainingSeconds = (entry: Entry, now: number): number => Math.max(1, Math.ceil((entry.expiresAt - now) / 1000));
