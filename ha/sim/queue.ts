/** What is to happen, in the order of virtual time; what is due at the same moment happens in the order in which it was asked for. */

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A binary heap: a schedule has some thousand entries, and 10,000 schedules are to take a minute. */
export class Queue {
  /** Milliseconds of true time. */
  now = 0;
  #order = 0;
  readonly #heap: Entry[] = [];

  get length(): number {
    return this.#heap.length;
  }

  at(moment: number, run: () => void): void {
    const entry: Entry = { at: Math.max(moment, this.now), order: this.#order++, run };
    const heap = this.#heap;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  after(ms: number, run: () => void): void {
    this.at(this.now + ms, run);
  }

  /** Runs what is due until then. */
  runUntil(moment: number): void {
    while (this.#heap.length > 0 && this.#heap[0]!.at <= moment) {
      const { at, run } = this.#take();
      this.now = at;
      run();
    }
    this.now = Math.max(this.now, moment);
  }

  #take(): Entry {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

const isBefore = (one: Entry, other: Entry): boolean => one.at < other.at || (one.at === other.at && one.order < other.order);
