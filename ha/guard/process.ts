/** The guard as a process: how a daemon starts it, and what it does then. Nothing but Node.js is loaded into it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../core/errors.js';
import { systemRuntime } from '../../core/runtime.js';
import { run } from '../../core/process/run.js';
import { Guard } from './guard.js';

/**
 * Starts a guard that does not end with this process: in a session of its own, so that no signal to our group or terminal reaches it. Its log
 * goes where our standard error goes.
 */
export function spawnGuard(path: string, log: (line: string) => void): void {
  const main = fileURLToPath(new URL('main.js', import.meta.url));
  const child = spawn(process.execPath, [main, path], { detached: true, stdio: ['ignore', 'ignore', 'inherit'] });
  child.once('error', (error) => log(`the guard can't be started: ${error.message}`));
  child.unref();
}

/** Guards until there is nothing to guard. SIGTERM makes it end everything at once; other signals of a terminal do nothing. */
export async function runGuard(path = process.argv[2]!): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`guard: ${line}\n`);
  // Whoever read our log may be gone; that is when we are needed.
  process.stderr.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGPIPE'] as const) process.on(signal, () => undefined);
  const runtime = systemRuntime();
  const guard = new Guard({
    path, runtime, log,
    run: (argv, timeoutMs) => run({ argv, env: runtime.env, clock: runtime.clock, signal: AbortSignal.timeout(timeoutMs) }),
  });
  process.on('SIGTERM', () => guard.fenceAll('the guard was told to end'));
  try {
    await guard.start();
  } catch (error) {
    log(messageOf(error));
    process.exitCode = 1;
    return;
  }
  await guard.ended;
}
