/** Loads lists in a thread of their own, while the server goes on answering. */
import { Worker } from 'node:worker_threads';
import { OperationalError } from '../../core/errors.js';
import { NameIndex } from '../../core/lists/name-index.js';
import type { ListReport, LoadedParts, LoadRequest } from './load.js';
import type { LoaderMessage } from './loader-worker.js';

/** Lists that are ready for look-ups. A list's number is its place in `lists`. */
export interface Lists {
  readonly blocked: NameIndex;
  readonly allowed: NameIndex;
  readonly lists: readonly ListReport[];
  readonly seconds: number;
  readonly fingerprint: string;
}

/** The same as plain data, for every thread that wants to look names up: the tables are shared, not copied. */
export interface LoadedLists {
  readonly parts: LoadedParts;
  readonly seconds: number;
}

/** A load under way. */
export interface Loading {
  /**
   * The lists, or `undefined` when they are still those of `request.unless`. Fails with an OperationalError that says which one can't be read
   * and why. Settles when the thread and its memory are gone.
   */
  readonly result: Promise<LoadedLists | undefined>;
  /** Gives up: `result` fails, and nothing is left behind. Does nothing when it is over. */
  close(): Promise<void>;
}

/** What the thread may take for itself, in MiB: the names are not in its heap, so it needs little. */
const heap = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 };

/**
 * Begins to load.
 * @param onProgress gets the number of names so far, at most once a second
 */
export function startLoading(request: LoadRequest, onProgress: (names: number) => void): Loading {
  const worker = new Worker(new URL('./loader-worker.js', import.meta.url), { name: 'blocklist', workerData: request, resourceLimits: heap });
  let outcome: LoaderMessage | undefined;
  let problem = 'the thread that loads the lists ended early';
  worker.on('message', (message: LoaderMessage) => {
    if (message.kind === 'progress') onProgress(message.names);
    else outcome = message;
  });
  // An exception nobody caught, or the end of its memory.
  worker.on('error', (error) => (problem = `the thread that loads the lists failed: ${error.message}`));
  const result = new Promise<LoadedLists | undefined>((resolve, reject) => {
    worker.on('exit', () => {
      if (outcome?.kind === 'loaded') resolve({ parts: outcome.parts, seconds: outcome.seconds });
      else if (outcome?.kind === 'unchanged') resolve(undefined);
      else reject(new OperationalError(outcome?.kind === 'failed' ? outcome.problem : problem));
    });
  });
  return {
    result,
    async close() {
      problem = 'loading the lists was given up';
      await worker.terminate();
    },
  };
}

export const listsOf = ({ parts, seconds }: LoadedLists): Lists => ({
  blocked: new NameIndex(parts.blocked),
  allowed: new NameIndex(parts.allowed),
  lists: parts.lists,
  seconds,
  fingerprint: parts.fingerprint,
});
