/**
 * A hash table whose members link to each other, so that coming and going costs no memory. Not a `Map`, for the reason that `chain.ts` tells, and
 * because its keys would have to be texts that are put together for every look.
 */

import { placeOf, placesFor } from './hash.js';

/** What a member brings along. It is in one table at a time. */
export interface BucketLink<T> {
  /** Equal for members that are to be found together; see `hash.ts`. */
  readonly hash: number;
  nextInBucket: T | undefined;
}

export class Buckets<T extends BucketLink<T>> {
  readonly #heads: (T | undefined)[];

  /** @param capacity members for which it is quick; more only make it slower */
  constructor(capacity: number) {
    this.#heads = new Array<T | undefined>(placesFor(capacity)).fill(undefined);
  }

  /** The first of the members among which those with this hash are; the others follow by `nextInBucket`. */
  first(hash: number): T | undefined {
    return this.#heads[placeOf(hash, this.#heads.length)];
  }

  add(member: T): void {
    const place = placeOf(member.hash, this.#heads.length);
    member.nextInBucket = this.#heads[place];
    this.#heads[place] = member;
  }

  /** Takes out a member; it must be in. */
  remove(member: T): void {
    const place = placeOf(member.hash, this.#heads.length);
    let before = this.#heads[place]!;
    if (before === member) {
      this.#heads[place] = member.nextInBucket;
    } else {
      while (before.nextInBucket !== member) before = before.nextInBucket!;
      before.nextInBucket = member.nextInBucket;
    }
    member.nextInBucket = undefined;
  }
}
