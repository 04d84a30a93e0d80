/** What upstream groups share and get from their host. */
import type { Logger } from '../log.js';
import type { Runtime } from '../runtime.js';

/** Who counts what happens; the host's metrics, or nobody. */
export interface UpstreamObserver {
  /** @param to the server, `ADDRESS:PORT`. @param seconds from query to answer */
  answered(to: string, rcode: number, seconds: number): void;
  /** A health check of the server failed. */
  checkFailed(to: string): void;
  /** A query was turned away because too many are in flight. */
  rejected(): void;
}

export interface UpstreamWorld {
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly observer: UpstreamObserver;
  /** Clients' queries that wait for upstreams, in all groups. */
  waiting: number;
}
