/** The guard as a process, and what it does when the daemon that feeds it is stopped, killed, replaced or ends in good order. */
import test, { type ExecutionContext } from 'ava';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./feeder.js', import.meta.url));
/** Longer than any machine takes for what these tests do. */
const patientMs = 60_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A place for one guard; ends when its guard has. */
async function place(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'guard-'));
  t.teardown(async () => {
    while (existsSync(join(directory, 'socket'))) await sleep(50);
    await rm(directory, { recursive: true });
  });
  return directory;
}

/** A daemon whose guard waits so long for it, and what that watched before it came. */
async function feeder(t: ExecutionContext, directory: string, patienceMs: number): Promise<{ readonly daemon: ChildProcess; readonly watched: string }> {
  const daemon = spawn(process.execPath, [program, join(directory, 'socket'), directory, String(patienceMs)], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.teardown(() => daemon.kill('SIGKILL'));
  const [watched] = (await once(daemon.stdout, 'data')) as [Buffer];
  return { daemon, watched: watched.toString().trim() };
}

const hasActed = (directory: string): boolean => existsSync(join(directory, 'route')) && existsSync(join(directory, 'session'));

async function acted(directory: string): Promise<void> {
  while (!hasActed(directory)) await sleep(20);
}

for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
  test(`a daemon that gets ${signal} is acted for`, async (t) => {
    const directory = await place(t);
    const { daemon } = await feeder(t, directory, 1000);
    daemon.kill(signal);
    await acted(directory);
    daemon.kill('SIGKILL');
    t.pass();
  });
}

test('a daemon that ends in good order leaves nothing to do, and the guard ends too', async (t) => {
  const directory = await place(t);
  const { daemon } = await feeder(t, directory, patientMs);
  daemon.kill('SIGTERM');
  while (existsSync(join(directory, 'socket'))) await sleep(50);
  t.false(hasActed(directory));
});

test('a new daemon takes over the guard of the one that was killed', async (t) => {
  const directory = await place(t);
  const first = await feeder(t, directory, patientMs);
  t.is(first.watched, '[]');
  first.daemon.kill('SIGKILL');
  const second = await feeder(t, directory, patientMs);
  t.is(second.watched, '["v"]');
  second.daemon.kill('SIGTERM');
  await once(second.daemon, 'exit');
});
