/** The exchanges of a group that are under way, by question. */
import { Buckets } from '../buckets.js';
import { Chain } from '../chain.js';
import type { Query } from '../query.js';
import type { Exchange } from './exchange.js';

/** For a busy group; see `limits.upstreamInFlight`. */
const usual = 256;

export class InFlight {
  readonly #byAge = new Chain<Exchange>();
  readonly #byQuestion = new Buckets<Exchange>(usual);

  get size(): number {
    return this.#byAge.size;
  }

  /** The one that began before all others. */
  get oldest(): Exchange | undefined {
    return this.#byAge.first;
  }

  /** The exchange whose answer serves this query too. */
  find(query: Query): Exchange | undefined {
    let exchange = this.#byQuestion.first(query.nameHash);
    while (exchange !== undefined && !exchange.serves(query)) exchange = exchange.nextInBucket;
    return exchange;
  }

  add(exchange: Exchange): void {
    this.#byQuestion.add(exchange);
    this.#byAge.add(exchange);
  }

  remove(exchange: Exchange): void {
    if (this.#byAge.delete(exchange)) this.#byQuestion.remove(exchange);
  }

  /** Those whose current try is over at this moment. */
  due(now: number): Exchange[] {
    const due: Exchange[] = [];
    for (let exchange = this.#byAge.first; exchange !== undefined; exchange = exchange.next) if (exchange.tryEnds <= now) due.push(exchange);
    return due;
  }
}
