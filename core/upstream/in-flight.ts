/** The exchanges of a group that are under way, by question. */
import { Chain } from '../chain.js';
import type { Query } from '../query.js';
import type { Random } from '../runtime.js';
import type { Exchange } from './exchange.js';

const bucketCount = 256;

/**
 * A hash table whose entries link to each other. Not a `Map`, for the reason that `core/chain.ts` tells.
 */
export class InFlight {
  readonly #byAge = new Chain<Exchange>();
  /** Nobody who doesn't know it can choose names that fall into one bucket. */
  readonly #seed: number;
  readonly #buckets: (Exchange | undefined)[] = new Array<Exchange | undefined>(bucketCount).fill(undefined);

  constructor(random: Random) {
    this.#seed = random.below(2 ** 32);
  }

  get size(): number {
    return this.#byAge.size;
  }

  /** The one that began before all others. */
  get oldest(): Exchange | undefined {
    return this.#byAge.first;
  }

  /** The exchange whose answer serves this query too. */
  find(query: Query): Exchange | undefined {
    let exchange = this.#buckets[this.#bucketOf(query)];
    while (exchange !== undefined && !exchange.serves(query)) exchange = exchange.nextInBucket;
    return exchange;
  }

  add(exchange: Exchange): void {
    const bucket = this.#bucketOf(exchange.question);
    exchange.nextInBucket = this.#buckets[bucket];
    this.#buckets[bucket] = exchange;
    this.#byAge.add(exchange);
  }

  remove(exchange: Exchange): void {
    if (!this.#byAge.delete(exchange)) return;
    const bucket = this.#bucketOf(exchange.question);
    let before = this.#buckets[bucket];
    if (before === exchange) {
      this.#buckets[bucket] = exchange.nextInBucket;
    } else {
      while (before!.nextInBucket !== exchange) before = before!.nextInBucket;
      before!.nextInBucket = exchange.nextInBucket;
    }
    exchange.nextInBucket = undefined;
  }

  /** Those whose current try is over at this moment. */
  due(now: number): Exchange[] {
    const due: Exchange[] = [];
    for (let exchange of this.#buckets) for (; exchange !== undefined; exchange = exchange.nextInBucket) if (exchange.tryEnds <= now) due.push(exchange);
    return due;
  }

  /** FNV-1a over the name and the type, from the seed on. */
  #bucketOf({ name, type }: Query): number {
    let hash = this.#seed ^ type;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    return (hash ^ (hash >>> 16)) & (bucketCount - 1);
  }
}
