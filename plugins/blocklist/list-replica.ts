/** The lists of a directive in another worker than the first: those that worker 0 has loaded, in the same memory. */
import type { Closable } from '../../core/keep.js';
import { hastenCollection } from '../../core/lists/release.js';
import type { OtherWorker } from '../../core/workers/index.js';
import { topicOfLists, type ListSetOptions } from './list-set.js';
import { listsOf, type Lists } from './loader.js';

export class ListReplica implements Closable {
  readonly #endFollowing: () => void;
  #lists: Lists | undefined;

  constructor(options: ListSetOptions, workers: OtherWorker) {
    this.#endFollowing = workers.follow(topicOfLists(options), (loaded) => {
      const replaces = this.#lists !== undefined;
      this.#lists = listsOf(loaded);
      if (replaces) hastenCollection();
    });
  }

  /** Worker 0 loads its lists before it has the others set up. */
  get lists(): Lists {
    if (this.#lists === undefined) throw new Error('worker 0 has loaded no lists');
    return this.#lists;
  }

  close(): void {
    this.#endFollowing();
    this.#lists = undefined;
    hastenCollection();
  }
}
