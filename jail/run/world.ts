/** What carrying out a plan needs of the outside world. */
import { limits } from '../../core/limits.js';
import { run, type Result } from '../../core/process/run.js';
import type { Runtime } from '../../core/runtime.js';
import type { Command } from '../plan/step.js';

export interface World {
  /** Runs a command to its end. A command that prints something else than it should has failed. */
  perform(command: Command, signal: AbortSignal): Promise<Result>;
  /** Says a line to whoever watches. */
  tell(line: string): void;
  /** Milliseconds. */
  now(): number;
}

/** The directories of the system's own programs. An administrator's PATH may lack some; npm puts its own before them, where a package may have an `nft`. */
const systemDirectories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** PATH with the directories of the system's programs before it. */
export const searchPath = (env: Runtime['env']): string => [...systemDirectories, ...(env['PATH'] === undefined ? [] : [env['PATH']])].join(':');

/** Runs commands of this machine, each for at most `limits.jailCommandMs`. */
export function performer({ clock, env }: Pick<Runtime, 'clock' | 'env'>): World['perform'] {
  const environment = { ...env, PATH: searchPath(env), LC_ALL: 'C' };
  return async ({ argv, input, prints }, signal) => {
    const overdue = new AbortController();
    const timer = clock.after(limits.jailCommandMs, () => overdue.abort(new Error(`it took more than ${limits.jailCommandMs / 1000} s`)));
    const result = await run({ argv, env: environment, clock, signal: AbortSignal.any([signal, overdue.signal]), ...(input !== undefined && { input }) });
    clock.cancel(timer);
    if (!result.ok || prints === undefined || result.output.includes(prints)) return result;
    return { ...result, ok: false, reason: `${argv[0]} did not print '${prints}'` };
  };
}
