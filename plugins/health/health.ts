/** Whether the process is alive; and, before it goes, the warning that lets a load balancer send its clients elsewhere in time. */
import { page } from '../../core/http/index.js';
import type { Logger } from '../../core/log.js';
import type { PluginInstance } from '../../core/plugin.js';
import type { Clock } from '../../core/runtime.js';

export type Health = Required<Pick<PluginInstance, 'lameduck' | 'unready'>> & { readonly page: ReturnType<typeof page> };

/** @param lameduckMs how long it serves on after it has said that it is leaving */
export function createHealth(lameduckMs: number, clock: Clock, log: Logger): Health {
  let isLeaving = false;
  return {
    page: page('/health', () => (isLeaving ? { text: 'leaving', status: 503 } : { text: 'OK' })),
    unready: () => (isLeaving ? 'the server is about to stop' : undefined),
    async lameduck() {
      if (lameduckMs === 0) return;
      isLeaving = true;
      log.info(`lame duck for ${lameduckMs / 1000} s: queries are answered, /health says 503`);
      await new Promise<void>((resolve) => void clock.after(lameduckMs, resolve));
    },
  };
}
