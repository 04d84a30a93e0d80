/** What is counted about upstreams, under CoreDNS's names where it has one. */
import { durationBounds, type Count, type Distribution, type Family, type Metrics } from '../metrics.js';
import { rcodeText } from '../wire/types.js';

export class UpstreamMetrics {
  readonly #metrics: Metrics;
  readonly #durations: Family<'to' | 'rcode', Distribution>;
  readonly #failedChecks: Family<'to', Count>;
  readonly #foreign: Family<'to', Count>;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#durations = metrics.histogram('proxy_request_duration_seconds', 'Time that upstreams took to answer.', durationBounds, ['to', 'rcode']);
    this.#failedChecks = metrics.counter('proxy_healthcheck_failures_total', 'Failed health checks of upstreams.', ['to']);
    this.#foreign = metrics.counter('proxy_foreign_answers_total', 'Messages from upstreams that answered no query of ours.', ['to']);
  }

  /** @param to the server, `ADDRESS:PORT` */
  durationOf(to: string, rcode: number): Distribution {
    return this.#durations.child({ to, rcode: rcodeText(rcode) });
  }

  checkFailed(to: string): void {
    this.#failedChecks.child({ to }).inc();
  }

  foreign(to: string): void {
    this.#foreign.child({ to }).inc();
  }

  /** A query was turned away because too many are in flight. */
  rejected(plugin: string): void {
    const name = `${plugin.replaceAll('-', '_')}_max_concurrent_rejects_total`;
    this.#metrics.counter(name, 'Queries turned away because too many were in flight.').child({}).inc();
  }
}
