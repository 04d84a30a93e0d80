/** What the cache remembers: answers by question and route. It outlives a reload and knows no block, no plugin and no clock. */
import { Buckets } from '../../core/buckets.js';
import { Chain } from '../../core/chain.js';
import { limits } from '../../core/limits.js';
import { isWithin, type Name } from '../../core/name.js';
import { hashOfQuestion, isEntryFor, type AskedQuestion, type Entry, type Question } from './entry.js';
import { ReadyReplies } from './ready.js';

/**
 * A share of the memory: successes or denials. When there are too many, the oldest goes, unless it has been asked for since it came: then it counts as
 * new once more ("second chance"). That keeps what the least recently used would have to leave, and being asked for costs an entry no more than a mark.
 */
export class Share {
  readonly #entries = new Chain<Entry>();
  capacity: number;
  /** Estimated, in bytes. */
  bytes = 0;
  /** Entries that had to go for others. */
  evictions = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get maxBytes(): number {
    return this.capacity * limits.cacheBytesPerEntry;
  }

  /** Whether somebody has to go for one more entry, of so many bytes. */
  isFullFor(octets: number): boolean {
    return this.size >= this.capacity || this.bytes + octets > this.maxBytes;
  }

  /** Whether there is more than there may be. */
  get isOver(): boolean {
    return this.size > this.capacity || this.bytes > this.maxBytes;
  }

  add(entry: Entry): void {
    this.#entries.add(entry);
    this.bytes += entry.octets;
  }

  delete(entry: Entry): void {
    this.#entries.delete(entry);
    this.bytes -= entry.octets;
  }

  /** The one that has to go for others; there must be one. */
  loser(): Entry {
    let oldest = this.#entries.first!;
    // Where all are popular, one goes all the same.
    for (let passed = 0; oldest.isPopular && passed < limits.cacheEntriesPassed; passed++) {
      oldest.isPopular = false;
      this.#entries.delete(oldest);
      this.#entries.add(oldest);
      oldest = this.#entries.first!;
    }
    return oldest;
  }

  /** Oldest first. */
  *values(): Iterable<Entry> {
    for (let entry = this.#entries.first; entry !== undefined; entry = entry.next) yield entry;
  }
}

/** All of it. Successes and denials have shares of their own, so that a flood of names that don't exist pushes no answer out. */
export class Store {
  readonly success: Share;
  readonly denial: Share;
  readonly ready = new ReadyReplies();
  /** Called when the last generation lets go of it. */
  onClose: (() => void | Promise<void>) | undefined = undefined;
  #byQuestion: Buckets<Entry>;

  constructor(success: number, denial: number) {
    this.success = new Share(success);
    this.denial = new Share(denial);
    this.#byQuestion = new Buckets(success + denial);
  }

  /** Takes new capacities, as after a reload; what was there stays as far as it fits. */
  resize(success: number, denial: number): void {
    if (success === this.success.capacity && denial === this.denial.capacity) return;
    for (const [share, capacity] of [[this.success, success], [this.denial, denial]] as const) {
      share.capacity = capacity;
      while (share.isOver) this.#evict(share);
    }
    this.#byQuestion = new Buckets(success + denial);
    for (const entry of this.entries()) this.#byQuestion.add(entry);
  }

  /** Looks for the answer to a question, as somebody who asks it. */
  get(question: AskedQuestion, route: string): Entry | undefined {
    const entry = this.peek(question, route);
    if (entry !== undefined) entry.isPopular = true;
    return entry;
  }

  /** Looks without asking. */
  peek(question: AskedQuestion, route: string): Entry | undefined {
    return this.#find(hashOfQuestion(question, route), question, route);
  }

  #find(hash: number, question: Question, route: string): Entry | undefined {
    let entry = this.#byQuestion.first(hash);
    while (entry !== undefined && !(entry.hash === hash && isEntryFor(entry, question, route))) entry = entry.nextInBucket;
    return entry;
  }

  /** Puts an entry where it belongs, in the place of another one for its question. What is larger than its share is not kept. */
  put(entry: Entry): void {
    const old = this.#find(entry.hash, entry, entry.route);
    if (old !== undefined) this.delete(old);
    const share = this.#shareOf(entry);
    if (entry.octets > share.maxBytes) return;
    while (share.isFullFor(entry.octets)) this.#evict(share);
    share.add(entry);
    this.#byQuestion.add(entry);
  }

  delete(entry: Entry): void {
    this.#byQuestion.remove(entry);
    this.#shareOf(entry).delete(entry);
  }

  #shareOf({ kind }: Entry): Share {
    return kind === 'positive' ? this.success : this.denial;
  }

  #evict(share: Share): void {
    this.delete(share.loser());
    share.evictions++;
  }

  /** Removes every entry that the test picks, in every route. Returns how many. */
  remove(test: (entry: Entry) => boolean): number {
    const picked = [...this.entries()].filter(test);
    for (const entry of picked) this.delete(entry);
    return picked.length;
  }

  /** Drops what is remembered of a name, and of all below it if so said. */
  forget(name: Name, subdomains: boolean): number {
    const isMeant = (other: Name): boolean => other === name || (subdomains && isWithin(other, name));
    return this.remove((entry) => isMeant(entry.name) || entry.targets.some(isMeant));
  }

  clear(): number {
    this.ready.clear();
    return this.remove(() => true);
  }

  /** Oldest first, by share. */
  *entries(): Iterable<Entry> {
    yield* this.success.values();
    yield* this.denial.values();
  }

  async close(): Promise<void> {
    await this.onClose?.();
    this.clear();
  }
}
