/** Whether every plugin can do its work: lists loaded, upstreams reachable. */
import type { Host } from '../../core/host.js';
import { everyUnready } from '../../core/workers/index.js';

/** `OK`, or the plugins that are not ready, one a line. */
export async function readiness(host: Pick<Host, 'unready' | 'workers'>): Promise<{ readonly text: string; readonly status: number }> {
  const waiting = await everyUnready(host);
  if (waiting.length === 0) return { text: 'OK', status: 200 };
  return { text: waiting.map(({ plugin, reason }) => `${plugin}: ${reason}\n`).join(''), status: 503 };
}
