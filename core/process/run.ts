/**
 * Runs commands: no shell in between, a process group of their own that is ended as a whole, output bounded, and nothing left behind but what
 * was asked to stay.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { messageOf } from '../errors.js';
import { limits } from '../limits.js';
import type { Clock, Runtime } from '../runtime.js';

export interface Command {
  /** The program, a path or a name that is looked for in PATH, and its arguments as they are. */
  readonly argv: readonly string[];
  readonly env: Runtime['env'];
  /** Standard input; empty without. */
  readonly input?: string;
  readonly clock: Clock;
  /** Ends the command and its whole process group: SIGTERM, and after `limits.commandGraceMs` SIGKILL. */
  readonly signal: AbortSignal;
  /**
   * For a command that leaves a session running: a file that takes all output instead of pipes, for whoever writes into a pipe dies with its
   * reader. When the command succeeds, what it has started goes on.
   */
  readonly sessionOutput?: string;
  /** A file that tells, as long as the command runs, which process group it is: for {@link endLeftover}, should this process be killed meanwhile. */
  readonly record?: string;
}

export interface Result {
  /** It ended by itself, with exit code 0. */
  readonly ok: boolean;
  /** Why not. */
  readonly reason?: string;
  /** It did not end by itself, so that its exit code says nothing. */
  readonly unsure?: boolean;
  /** The end of what it printed: on standard output, then on standard error. */
  readonly output: string;
}

/** Runs a command to its end. */
export function run(command: Command): Promise<Result> {
  const name = nameOf(command.argv);
  const { signal, sessionOutput } = command;
  const notRun = (reason: string): Promise<Result> => Promise.resolve({ ok: false, unsure: true, reason, output: '' });
  if (signal.aborted) return notRun(`${name} was not run: ${messageOf(signal.reason)}`);
  let file: number | undefined;
  try {
    file = sessionOutput === undefined ? undefined : openSync(sessionOutput, appendAnew, 0o600);
  } catch (error) {
    return notRun(`can't write ${sessionOutput}: ${messageOf(error)}`);
  }
  try {
    return start(command, name, file);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const appendAnew = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND;

/** systemd's socket is ours alone: OpenVPN would tell systemd, by it, that it were the main process. */
const environmentOf = (env: Runtime['env']): Runtime['env'] => ({ ...env, NOTIFY_SOCKET: undefined });

function start({ argv, env, input, clock, signal, sessionOutput, record }: Command, name: string, file: number | undefined): Promise<Result> {
  const [program = '', ...args] = argv;
  const stdio: StdioOptions = [input === undefined ? 'ignore' : 'pipe', file ?? 'pipe', file ?? 'pipe'];
  const child = spawn(program, args, { detached: true, stdio, env: environmentOf(env) });
  // Who ends without having read it says by its exit code whether that was wrong.
  child.stdin?.on('error', () => undefined).end(input);
  if (record !== undefined && child.pid !== undefined) writeRecord(record, child.pid, argv);
  const [printed, complained] = [new Tail(child.stdout), new Tail(child.stderr)];
  return new Promise((resolve) => {
    let killer: object | undefined;
    const end = (): void => {
      killGroup(child, 'SIGTERM');
      killer = clock.after(limits.commandGraceMs, () => killGroup(child, 'SIGKILL'));
    };
    signal.addEventListener('abort', end, { once: true });
    const finish = (result: Omit<Result, 'output'>): void => {
      signal.removeEventListener('abort', end);
      clock.cancel(killer);
      if (!result.ok || sessionOutput === undefined) killGroup(child, 'SIGKILL');
      if (record !== undefined) rmSync(record, { force: true });
      void Promise.all([printed.end(clock), complained.end(clock)]).then(() => {
        const output = sessionOutput === undefined ? printed.text + complained.text : readTail(sessionOutput);
        resolve({ ...result, ...(result.reason !== undefined && { reason: withLastLine(result.reason, output) }), output });
      });
    };
    child.once('error', (error: NodeJS.ErrnoException) => finish({ ok: false, unsure: true, reason: whyNotRun(program, error) }));
    child.once('exit', (code, by) => finish(resultOf(name, code, by, signal)));
  });
}

function resultOf(name: string, code: number | null, by: NodeJS.Signals | null, signal: AbortSignal): Omit<Result, 'output'> {
  if (signal.aborted) return { ok: false, unsure: true, reason: `${name} was ended: ${messageOf(signal.reason)}` };
  if (code === 0) return { ok: true };
  return code === null ? { ok: false, unsure: true, reason: `${name} was ended by ${by}` } : { ok: false, reason: `${name} ended with exit code ${code}` };
}

/** The command and all that it has started, except what has left its group on purpose (a daemon, with setsid). */
function killGroup({ pid }: Pick<ChildProcess, 'pid'>, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone.
  }
}

function whyNotRun(program: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `can't run ${program}: there is no such program, or what its first line names is missing`;
  if (code === 'EACCES') return `can't run ${program}: it is not executable`;
  return `can't run ${program}: ${message}`;
}

/** The program without its directories. */
const nameOf = ([program = '']: readonly string[]): string => program.slice(program.lastIndexOf('/') + 1);

/** What a program says last is mostly why it failed. */
function withLastLine(reason: string, output: string): string {
  const line = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? reason : `${reason}: ${line}`;
}

/** The end of what a stream says; it is read on and on, so that nobody waits for us. */
class Tail {
  readonly #stream: Readable | null;
  #kept: Buffer = Buffer.alloc(0);

  constructor(stream: Readable | null) {
    this.#stream = stream;
    stream?.on('data', (part: Buffer) => (this.#kept = Buffer.concat([this.#kept, part]).subarray(-limits.commandOutputBytes)));
    stream?.on('error', () => undefined);
  }

  get text(): string {
    return this.#kept.toString();
  }

  /** Waits for the rest. Whoever has left the group and still holds the stream is not waited for long. */
  async end(clock: Clock): Promise<void> {
    const stream = this.#stream;
    if (stream === null || stream.closed) return;
    const timer = clock.after(limits.commandGraceMs, () => stream.destroy());
    await new Promise((resolve) => stream.once('close', resolve));
    clock.cancel(timer);
  }
}

/** The end of a file; nothing when it can't be read. */
function readTail(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = statSync(path);
      const buffer = Buffer.alloc(Math.min(size, limits.commandOutputBytes));
      return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, Math.max(0, size - buffer.length))).toString();
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

/** Lets the output of a session begin anew when it has grown too long: the session appends, so it goes on at the new end. */
export function trimSessionOutput(path: string): void {
  try {
    if (statSync(path).size > limits.sessionOutputBytes) truncateSync(path);
  } catch {
    // There is no session that prints.
  }
}

function writeRecord(path: string, pid: number, argv: readonly string[]): void {
  try {
    writeFileSync(path, `${pid} ${argv.join(' ')}\n`, { mode: 0o600 });
  } catch {
    // It only helps after a crash, and does not when the disk is full.
  }
}

/**
 * Ends what a command of an earlier process, now dead, has left: its process group, if its leader still is that command.
 * @param record the file that the command was run with; it is removed
 * @returns the command that was ended, or `undefined` when nothing was left
 */
export async function endLeftover(record: string, tools: Pick<Command, 'env' | 'clock' | 'signal'>): Promise<string | undefined> {
  const [, digits = '', command = ''] = /^(\d+) (.+)\n$/.exec(readFileSync(record, 'utf8')) ?? [];
  rmSync(record, { force: true });
  if (command === '') return undefined;
  // The number may be another process's by now: it has to be that command still, with all its arguments.
  const { ok, output } = await run({ argv: ['ps', '-ww', '-o', 'args=', '-p', digits], ...tools });
  if (!ok || !output.includes(command)) return undefined;
  killGroup({ pid: Number(digits) }, 'SIGKILL');
  return command;
}
