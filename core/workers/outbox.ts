/** What a worker has to tell worker 0: gathered while worker 0 is busy with what it got before, so that a flood costs few messages. */
import { limits } from '../limits.js';

/** Delivers items; fulfilled when they have been dealt with, rejected when there is nobody any more. */
export type Deliver = (items: readonly unknown[], missed: number) => Promise<void>;

export class Outbox {
  readonly #deliver: Deliver;
  #items: unknown[] = [];
  #missed = 0;
  #delivery: Promise<void> | undefined;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  add(item: unknown): void {
    if (this.#items.length >= limits.workerTold) this.#missed++;
    else this.#items.push(item);
    this.#delivery ??= this.#deliverAll().finally(() => (this.#delivery = undefined));
  }

  /** Fulfilled when nothing waits any more. */
  async empty(): Promise<void> {
    await this.#delivery;
  }

  async #deliverAll(): Promise<void> {
    while (this.#items.length + this.#missed > 0) {
      const [items, missed] = [this.#items, this.#missed];
      this.#items = [];
      this.#missed = 0;
      // Without anybody to tell it to, it is lost.
      await this.#deliver(items, missed).catch(() => undefined);
    }
  }
}
