/** Sockets to upstreams, counted in the whole host: many small groups must not use up the process's file descriptors. */
import { limits } from '../limits.js';

export class SocketBudget {
  open = 0;
  readonly #exhausted: () => void;

  /** @param exhausted called whenever a server gets no socket at all */
  constructor(exhausted: () => void) {
    this.#exhausted = exhausted;
  }

  /** @param isFirst whether it is the only one to its server: those come out of a reserve, so that no group is shut out by the others */
  allows(isFirst: boolean): boolean {
    const isAllowed = this.open < (isFirst ? limits.upstreamSocketsInReserve : limits.upstreamSocketsInHost);
    if (!isAllowed && isFirst) this.#exhausted();
    return isAllowed;
  }
}
