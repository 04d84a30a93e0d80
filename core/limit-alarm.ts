/** What happens whenever a limit bites: it is counted, and told to the log at most once a minute. */
import { limits } from './limits.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';
import { sparingly } from './remark.js';
import type { Clock } from './runtime.js';

export interface AlarmWorld {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Returns what is to be called each time that a limit is reached.
 * @param limit its name in `core/limits.ts`, and in the metric
 * @param consequence what then happens, for the log
 */
export function limitAlarm({ clock, log, metrics }: AlarmWorld, limit: keyof typeof limits, consequence: string): () => void {
  const count = metrics.counter('limit_reached_total', 'Times that a limit was reached, by its name in core/limits.ts.', ['limit']).child({ limit });
  const remark = sparingly(clock, (line) => log.warning(line));
  return () => {
    count.inc();
    remark(() => `the limit ${limit} is reached: ${consequence}`);
  };
}
