/** Looks at the Corefile, all that it imports and what else plugins call configuration, again and again, and reloads when their content has changed. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileSystem } from '../../core/corefile/index.js';
import type { Host } from '../../core/host.js';
import type { Logger } from '../../core/log.js';
import type { PluginInstance } from '../../core/plugin.js';
import type { Timer } from '../../core/runtime.js';

/** @param interval between two looks in milliseconds, to which up to `jitter` is added so that many servers do not reload at once */
export function createWatcher(host: Host, log: Logger, interval: number, jitter: number): PluginInstance {
  let timer: Timer | undefined;
  let known: string | undefined;
  let stopped = false;

  const look = async (): Promise<void> => {
    const found = await digestOf(host);
    if (stopped) return;
    if (found !== known) {
      known = found;
      log.info('the configuration has changed; reloading');
      // When it works this instance ends with its generation; when it does not, the watch goes on until the files change again.
      void host.reload();
    }
    rest();
  };
  const rest = (): void => {
    timer = host.clock.after(interval + (jitter > 0 ? host.random.below(jitter) : 0), () => void look());
  };

  return {
    // Before the others load what may take minutes: what changes meanwhile is seen at the first look.
    async load() {
      known = await digestOf(host);
    },
    start: rest,
    stop() {
      stopped = true;
      host.clock.cancel(timer);
    },
  };
}

/** A digest of the content of every file; one that can't be read counts as such. */
async function digestOf({ watched, configuration: { globs } }: Host): Promise<string> {
  const matches = globs.flatMap(({ pattern, directory }) => fileSystem.glob(pattern, directory));
  const hash = createHash('sha256');
  for (const file of new Set([...watched, ...matches])) {
    hash.update(`${file}\0`);
    hash.update(await readFile(file).catch(() => 'unreadable'));
  }
  return hash.digest('hex');
}
