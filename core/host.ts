/** (contract sketch) A loaded configuration: build, start, swap, stop. */
import type { Clock, Random, Runtime } from './runtime.js';
import type { Logger } from './log.js';

export interface Host {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /**
   * A resource that outlives a reload: made once for its key, shared by every generation that asks for the key, and closed when the last
   * one that did is gone.
   */
  keep<T extends { close?(): void | Promise<void> }>(key: string, make: () => T): T;
}
