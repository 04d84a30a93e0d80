/**
 * A daemon that does nothing but feed its guard: `node feeder.js SOCKET DIRECTORY MS`, whose guard waits MS for it. It writes to standard output what
 * the guard watched before.
 */
import { createLogger } from '../../core/log.js';
import { systemRuntime } from '../../core/runtime.js';
import { GuardClient } from '../../ha/guard/client.js';
import { spawnGuard } from '../../ha/guard/process.js';

const [path = '', directory = '', patienceMs = ''] = process.argv.slice(2);
const runtime = systemRuntime();
const touch = (name: string): readonly string[] => ['sh', '-c', `echo done >> '${directory}/${name}'`];
const guard = new GuardClient({
  path, runtime, log: createLogger((line) => void process.stderr.write(line), runtime.clock),
  spawn: () => spawnGuard(path, () => undefined), onActing: () => undefined,
});

// The clock's timers keep no process alive.
const alive = setInterval(() => undefined, 1000);
const watched = await guard.start();
const feed = (): Promise<void> =>
  guard.watch('v', runtime.clock.now() + Number(patienceMs),
    { route: { commands: [touch('route')] }, session: { commands: [touch('session')] }, timeoutMs: 5000 });
await feed();
const feeding = setInterval(() => void feed(), 250);
process.once('SIGTERM', () => {
  clearInterval(alive);
  clearInterval(feeding);
  guard.release('v');
  guard.close();
});
// Only now: whoever reads this may end us at once.
process.stdout.write(`${JSON.stringify(watched)}\n`);
