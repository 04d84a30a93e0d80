/** The thread that loads lists: gets a {@link LoadRequest}, posts {@link LoaderMessage}s, ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../core/errors.js';
import { systemRuntime } from '../../core/runtime.js';
import { loadLists, type LoadedParts, type LoadRequest } from './load.js';

/** What the thread has to say; anything but progress is its last word. */
export type LoaderMessage =
  | { readonly kind: 'progress'; readonly names: number }
  | { readonly kind: 'loaded'; readonly parts: LoadedParts; readonly seconds: number }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly problem: string };

const progressIntervalMs = 1000;

const { clock, random } = systemRuntime();
const post = (message: LoaderMessage): void => parentPort?.postMessage(message);

const begun = clock.now();
let reported = begun;

function reportProgress(names: number): void {
  if (clock.now() - reported < progressIntervalMs) return;
  reported = clock.now();
  post({ kind: 'progress', names });
}

try {
  const parts = loadLists(workerData as LoadRequest, random, reportProgress);
  post(parts === undefined ? { kind: 'unchanged' } : { kind: 'loaded', parts, seconds: (clock.now() - begun) / 1000 });
} catch (error) {
  post({ kind: 'failed', problem: messageOf(error) });
}
