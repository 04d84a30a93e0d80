/**
 * What the cache remembers: answers by question and route. It outlives a reload and knows no block, no plugin and no clock.
 *
 * The key holds all that an answer depends on: name, type, the DO and CD bits — and the route, so that an answer that came by one VPN is
 * never given to a client of another. (The class is always IN.)
 */
import { LRUCache } from 'lru-cache';
import { limits } from '../../core/limits.js';
import { isWithin, type Name } from '../../core/name.js';
import type { Query } from '../../core/query.js';
import type { Reply } from '../../core/reply.js';

/** One remembered answer. Times are milliseconds of the host's clock. */
export interface Entry {
  readonly name: Name;
  readonly type: number;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
  readonly route: string;
  readonly reply: Reply;
  readonly storedAt: number;
  /** When its life ends; after that it is stale. */
  readonly expiresAt: number;
  /** For prefetching: hits without a long pause between them, and the last. */
  hits: number;
  lastHit: number;
  /** A refresh is under way. */
  refreshing: boolean;
  /** A failed refresh is not tried again before this. */
  retryAt: number;
  /** The reply as it leaves in this second, for many clients. */
  served: Reply | undefined;
}

/** Names are self-delimiting (length-prefixed labels, then a zero), so nothing can be taken for something else. */
const keyOf = (name: Name, type: number, dnssecOk: boolean, checkingDisabled: boolean, route: string): string =>
  name + String.fromCharCode(type, (dnssecOk ? 1 : 0) + (checkingDisabled ? 2 : 0)) + route;

export const keyOfQuery = (query: Query): string => keyOf(query.name, query.type, query.dnssecOk, query.checkingDisabled, query.route?.id ?? '');
export const keyOfEntry = (entry: Entry): string => keyOf(entry.name, entry.type, entry.dnssecOk, entry.checkingDisabled, entry.route);

/** Bytes that an entry takes beside its records: objects, key, its place in the table. Measured: 1,000,000 entries of 60 octets took about 700 MB. */
const overheadOctets = 640;

/** A share of the memory: successes or denials. */
export class Share {
  #entries: LRUCache<string, Entry>;
  #capacity: number;
  /** Entries that had to go for others. */
  evictions = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#entries = this.#create(capacity);
  }

  #create(capacity: number): LRUCache<string, Entry> {
    return new LRUCache({
      max: capacity,
      maxSize: capacity * limits.cacheBytesPerEntry,
      sizeCalculation: (entry, key) => overheadOctets + key.length + entry.reply.body.length,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') this.evictions++;
      },
    });
  }

  /** Takes a new capacity, as after a reload; what was there stays as far as it fits. */
  resize(capacity: number): void {
    if (capacity === this.#capacity) return;
    const old = this.#entries;
    this.#capacity = capacity;
    this.#entries = this.#create(capacity);
    for (const [key, entry] of [...old.entries()].reverse()) this.#entries.set(key, entry);
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Looks without counting it as a use. */
  peek(key: string): Entry | undefined {
    return this.#entries.peek(key);
  }

  set(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Estimated, in bytes. */
  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  /** Most recently used first. */
  values(): Iterable<Entry> {
    return this.#entries.values();
  }
}

/** All of it. Successes and denials have shares of their own, so that a flood of names that don't exist pushes no answer out. */
export class Store {
  readonly success: Share;
  readonly denial: Share;
  /** Called when the last generation lets go of it. */
  onClose: (() => void | Promise<void>) | undefined = undefined;

  constructor(success: number, denial: number) {
    this.success = new Share(success);
    this.denial = new Share(denial);
  }

  get(key: string): Entry | undefined {
    return this.success.get(key) ?? this.denial.get(key);
  }

  peek(key: string): Entry | undefined {
    return this.success.peek(key) ?? this.denial.peek(key);
  }

  /** Puts an entry where it belongs; what the other share had for the question goes. */
  put(key: string, entry: Entry): void {
    const positive = entry.reply.kind === 'positive';
    (positive ? this.denial : this.success).delete(key);
    (positive ? this.success : this.denial).set(key, entry);
  }

  /** Removes every entry that the test picks, in every route. Returns how many. */
  remove(test: (entry: Entry) => boolean): number {
    let removed = 0;
    for (const share of [this.success, this.denial]) {
      for (const entry of [...share.values()]) if (test(entry) && share.delete(keyOfEntry(entry))) removed++;
    }
    return removed;
  }

  /** Drops what is remembered of a name, and of all below it if so said. */
  forget(name: Name, subdomains: boolean): number {
    const isMeant = (other: Name): boolean => other === name || (subdomains && isWithin(other, name));
    return this.remove((entry) => isMeant(entry.name) || entry.reply.targets.some(isMeant));
  }

  clear(): number {
    const count = this.success.size + this.denial.size;
    this.success.clear();
    this.denial.clear();
    return count;
  }

  *entries(): Iterable<Entry> {
    yield* this.success.values();
    yield* this.denial.values();
  }

  async close(): Promise<void> {
    await this.onClose?.();
    this.clear();
  }
}
