/** Programs that the lab runs: to their end, or until it is taken down. */
import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Far more than any command of the lab takes: one that takes as long has failed. */
const patienceMs = 60_000;
const glanceMs = 20;
const outputBytesMax = 64 * 1024 * 1024;

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The system's own programs first: npm puts an `nft` of its own before them. */
export const env: NodeJS.ProcessEnv = { ...process.env, PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${process.env['PATH'] ?? ''}` };

/** Runs a program to its end, whatever that is. */
export const attempt = (argv: readonly string[], input = '', ms = patienceMs): Promise<Result> => new Promise((resolve) => {
  const [program = '', ...args] = argv;
  const child = execFile(program, args, { env, timeout: ms, maxBuffer: outputBytesMax }, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
    resolve({ code, stdout, stderr: error !== null && code === -1 ? `${error.message}\n${stderr}` : stderr });
  });
  child.stdin?.on('error', () => undefined).end(input);
});

/**
 * Runs a program that must succeed.
 * @returns what it printed
 */
export async function run(argv: readonly string[], input = '', ms = patienceMs): Promise<string> {
  const { code, stdout, stderr } = await attempt(argv, input, ms);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with exit code ${code}:\n${stderr}${stdout}`);
  return stdout;
}

/** A command as it is run in a network namespace. */
export const within = (namespace: string, ...argv: readonly string[]): string[] => ['ip', 'netns', 'exec', namespace, ...argv];

/** Lines of `ip`, all for one namespace. */
export const ipBatch = (namespace: string, lines: readonly string[]): Promise<string> => run(['ip', '-n', namespace, '-batch', '-'], lines.join('\n') + '\n');

/** Starts a program that outlives us; what it says goes to a file. It ends with its namespace. */
export function startDaemon(namespace: string, argv: readonly string[], log: string): void {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, 'a');
  const [program = '', ...args] = within(namespace, ...argv);
  spawn(program, args, { env, detached: true, stdio: ['ignore', file, file] }).unref();
  closeSync(file);
}

/** Waits until something is so; what it throws meanwhile means that it is not. */
export async function until(what: string | (() => string), holds: () => boolean | Promise<boolean>, ms = patienceMs): Promise<void> {
  let last: unknown;
  for (const deadline = performance.now() + ms; ; await pause(glanceMs)) {
    try {
      if (await holds()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    const wanted = typeof what === 'string' ? what : what();
    if (performance.now() > deadline) throw new Error(`waited ${ms / 1000} s in vain: ${wanted}${last === undefined ? '' : `: ${String(last)}`}`);
  }
}

/** All network namespaces that have a name. */
export const namespaces = async (): Promise<string[]> =>
  (await run(['ip', 'netns', 'list'])).split('\n').map((line) => line.split(' ')[0]!).filter((name) => name !== '');

/** The processes in a namespace. */
export const pidsOf = async (namespace: string): Promise<number[]> => {
  const { code, stdout } = await attempt(['ip', 'netns', 'pids', namespace]);
  return code === 0 ? stdout.split('\n').filter((line) => line !== '').map(Number) : [];
};

/** A process's command line, one word after the other; nothing when it is gone. */
export function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** Processes of a namespace by what their command line holds. */
export const findProcesses = async (namespace: string, pattern: RegExp): Promise<number[]> =>
  (await pidsOf(namespace)).filter((pid) => pattern.test(wordsOf(pid).join(' ')));

/** Whether a process runs: the remains of one that nobody has asked for do not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) && readlinkSync(`/proc/${pid}/ns/net`) !== '';
  } catch {
    return false;
  }
}

/** Sends a signal to processes that may be gone. */
export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended by itself.
    }
  }
}

/** How long the processes of a namespace get to end by themselves. */
const graceMs = 3000;

/** Ends all that runs in a namespace, and removes it. */
export async function removeNamespace(namespace: string): Promise<void> {
  signal(await pidsOf(namespace), 'SIGTERM');
  await until(`the processes in ${namespace} end`, async () => (await pidsOf(namespace)).length === 0, graceMs).catch(() => undefined);
  signal(await pidsOf(namespace), 'SIGKILL');
  await until(`the processes in ${namespace} are killed`, async () => (await pidsOf(namespace)).length === 0);
  await run(['ip', 'netns', 'del', namespace]);
}
