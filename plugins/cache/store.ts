/** What the cache remembers: answers by question and route. It outlives a reload and knows no block, no plugin and no clock. */
import { isWithin, type Name } from '../../core/name.js';
import { ReadyReplies } from './ready.js';
import { hashOfQuestion, type AskedQuestion, type Content, type Entry } from './record.js';
import { Share } from './share.js';

/** All of it. Successes and denials have shares of their own, so that a flood of names that don't exist pushes no answer out. */
export class Store {
  success: Share;
  denial: Share;
  readonly ready = new ReadyReplies();
  /** Called when the last generation lets go of it. */
  onClose: (() => void | Promise<void>) | undefined = undefined;
  #serial = 0;

  constructor(success: number, denial: number) {
    this.success = new Share(success);
    this.denial = new Share(denial);
  }

  /** Takes new capacities, as after a reload; what was there stays as far as it fits. */
  resize(success: number, denial: number): void {
    this.success = resized(this.success, success);
    this.denial = resized(this.denial, denial);
  }

  /** Looks for the answer to a question, as somebody who asks it. What it returns is good until the next `put`. */
  get(question: AskedQuestion, route: string): Entry | undefined {
    const entry = this.peek(question, route);
    if (entry !== undefined) entry.isPopular = true;
    return entry;
  }

  /** Looks without asking. */
  peek(question: AskedQuestion, route: string): Entry | undefined {
    const hash = hashOfQuestion(question, route);
    return this.success.find(question, route, hash) ?? this.denial.find(question, route, hash);
  }

  /** Keeps an answer where it belongs, in the place of another one for its question. What is larger than its share is not kept: `undefined`. */
  put(question: AskedQuestion, route: string, content: Content): Entry | undefined {
    const hash = hashOfQuestion(question, route);
    for (const share of [this.success, this.denial]) {
      const old = share.find(question, route, hash);
      if (old !== undefined) share.remove(old);
    }
    return (content.kind === 'positive' ? this.success : this.denial).put(question, route, hash, content, ++this.#serial);
  }

  /** Removes every entry that the test picks, in every route. Returns how many. */
  remove(test: (entry: Entry) => boolean): number {
    let removed = 0;
    for (const share of [this.success, this.denial]) {
      for (const entry of share.entries()) {
        if (!test(entry)) continue;
        share.remove(entry);
        removed++;
      }
    }
    return removed;
  }

  /** Drops what is remembered of a name, and of all below it if so said. */
  forget(name: Name, subdomains: boolean): number {
    const isMeant = (other: Name): boolean => other === name || (subdomains && isWithin(other, name));
    return this.remove((entry) => isMeant(entry.name) || entry.targets.some(isMeant));
  }

  clear(): number {
    const count = this.success.size + this.denial.size;
    this.success.clear();
    this.denial.clear();
    this.ready.clear();
    return count;
  }

  /** Oldest first, by share. */
  *entries(): Iterable<Entry> {
    yield* this.success.entries();
    yield* this.denial.entries();
  }

  async close(): Promise<void> {
    await this.onClose?.();
    this.clear();
  }
}

function resized(share: Share, capacity: number): Share {
  if (share.capacity === capacity) return share;
  const other = new Share(capacity);
  other.evictions = share.evictions;
  other.adopt(share);
  return other;
}
