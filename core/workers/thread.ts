/** A worker in a thread of its own. */
import { Worker } from 'node:worker_threads';
import type { Thread } from './mate.js';

/**
 * Begins a thread.
 * @param module what runs in it
 * @param data plain data; the thread's `workerData`
 */
export function beginThread(module: URL, name: string, data: object): Thread {
  const worker = new Worker(module, { name, workerData: data });
  let reason: string | undefined;
  // An exception that nobody caught, or the end of its memory; 'exit' follows.
  worker.on('error', (error) => (reason = error instanceof Error ? (error.stack ?? error.message) : String(error)));
  return {
    port: worker,
    ended: new Promise((resolve) => worker.once('exit', (code) => resolve(reason ?? `exit code ${code}`))),
    terminate: () => void worker.terminate(),
  };
}
