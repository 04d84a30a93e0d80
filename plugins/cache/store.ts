/** What the cache remembers: answers by question and route. It outlives a reload and knows no block, no plugin and no clock. */
import { LRUCache } from 'lru-cache';
import { limits } from '../../core/limits.js';
import { isWithin, type Name } from '../../core/name.js';
import { nameOfKey, octetsOf, type Entry } from './entry.js';
import { ReadyReplies } from './ready.js';

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
      sizeCalculation: octetsOf,
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

  set(entry: Entry): void {
    this.#entries.set(entry.key, entry);
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
  readonly ready = new ReadyReplies();
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
  put(entry: Entry): void {
    const positive = entry.kind === 'positive';
    (positive ? this.denial : this.success).delete(entry.key);
    (positive ? this.success : this.denial).set(entry);
  }

  /** Removes every entry that the test picks, in every route. Returns how many. */
  remove(test: (entry: Entry) => boolean): number {
    let removed = 0;
    for (const share of [this.success, this.denial]) {
      for (const entry of [...share.values()]) if (test(entry) && share.delete(entry.key)) removed++;
    }
    return removed;
  }

  /** Drops what is remembered of a name, and of all below it if so said. */
  forget(name: Name, subdomains: boolean): number {
    const isMeant = (other: Name): boolean => other === name || (subdomains && isWithin(other, name));
    return this.remove((entry) => isMeant(nameOfKey(entry.key)) || entry.targets.some(isMeant));
  }

  clear(): number {
    const count = this.success.size + this.denial.size;
    this.success.clear();
    this.denial.clear();
    this.ready.clear();
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
