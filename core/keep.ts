/**
 * What outlives a reload: listening sockets, caches, loaded lists, upstream connections. A generation asks for a resource by a key that
 * says what it is; the same key gives the same resource to the next generation, and when no generation holds it any more it is closed.
 */
export interface Closable {
  close?(): void | Promise<void>;
}

interface Kept {
  readonly resource: Closable;
  holders: number;
}

export class Pool {
  readonly #kept = new Map<string, Kept>();

  /** A generation's view of the pool. */
  lease(): Lease {
    return new Lease(this.#kept);
  }

  get size(): number {
    return this.#kept.size;
  }
}

export class Lease {
  readonly #kept: Map<string, Kept>;
  readonly #held = new Set<string>();

  constructor(kept: Map<string, Kept>) {
    this.#kept = kept;
  }

  /** The resource of this key; made if nobody holds one. The caller vouches that a key always means the same type. */
  keep<T extends Closable>(key: string, make: () => T): T {
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      kept = { resource: make(), holders: 0 };
      this.#kept.set(key, kept);
    }
    if (!this.#held.has(key)) {
      this.#held.add(key);
      kept.holders++;
    }
    return kept.resource as T;
  }

  /** Lets go of everything; what nobody else holds is closed. Every close is tried; the errors come back. */
  async release(): Promise<Error[]> {
    const errors: Error[] = [];
    for (const key of [...this.#held].reverse()) {
      this.#held.delete(key);
      const kept = this.#kept.get(key)!;
      if (--kept.holders > 0) continue;
      this.#kept.delete(key);
      try {
        await kept.resource.close?.();
      } catch (error) {
        errors.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
    return errors;
  }
}
