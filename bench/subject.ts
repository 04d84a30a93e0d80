/** A process under measurement: its start, its costs as Linux counts them, its end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isAnswer, writeQuery } from './message.js';

/** What to run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** Resident memory in MiB: now, and the most since it began or its peak was forgotten. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
  /** Of what there is now: without the pages of program files, which all processes share and the system may drop. */
  readonly own: number;
}

/** Clock ticks of `/proc` a second: the same on every Linux. */
const ticksPerSecond = 100;
const kibPerMib = 1024;
/** How often a server that is starting is asked whether it answers yet, in milliseconds; it bounds the error of times to the first answer. */
const probeMs = 5;
/** How long an answer may take, in milliseconds: more than any list needs to load. */
const patienceMs = 120_000;
/** What collecting garbage takes at most. */
const collectionMs = 1000;
const stopMs = 10_000;

export class Subject {
  readonly port: number;
  readonly startedAt = performance.now();
  readonly #child: ChildProcess;
  readonly #logFile: string;

  /** Runs the command, which will serve DNS on this UDP port of 127.0.0.1; what it prints goes to a file. */
  constructor({ program, args }: Command, port: number, logFile: string) {
    this.port = port;
    this.#logFile = logFile;
    const log = openSync(logFile, 'a');
    this.#child = spawn(program, args, { stdio: ['ignore', log, log] });
    // Without a listener the error would end the benchmark; `waitForAnswer` notices that nothing runs.
    this.#child.on('error', (error) => writeFileSync(logFile, `${error.message}\n`, { flag: 'a' }));
    closeSync(log);
  }

  /** Whether the process is there. */
  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** User and system time so far, in seconds, of the process and of those that it started. */
  cpuSeconds(): number {
    return sum(family(this.#child.pid!).map(cpuSecondsOf));
  }

  memory(): Memory {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const mib = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)![1]) / kibPerMib;
    return { now: mib('VmRSS'), peak: mib('VmHWM'), own: mib('RssAnon') + mib('RssShmem') };
  }

  forgetPeak(): void {
    writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5');
  }

  /** Has a server that was started to do so collect its garbage. */
  async collectGarbage(): Promise<void> {
    this.signal('SIGUSR2');
    await pause(collectionMs);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Asks for the address of a name until an answer comes (by default one with an address). Returns the seconds since the process started. */
  async waitForAnswer(name: string, accepts: (message: Buffer) => boolean = isAnswer): Promise<number> {
    const deadline = performance.now() + patienceMs;
    const socket = createSocket('udp4');
    let answeredAt: number | undefined;
    socket.on('message', (message) => {
      if (accepts(message)) answeredAt ??= performance.now();
    });
    try {
      // Nobody listens yet: the system says so, and that is no error here.
      socket.on('error', () => undefined);
      for (const query = writeQuery(name); answeredAt === undefined; await pause(probeMs)) {
        if (!this.running || performance.now() > deadline) throw new Error(`no answer for ${name}; its output:\n${this.output()}`);
        socket.send(query, this.port, '127.0.0.1');
      }
    } finally {
      socket.close();
    }
    return (answeredAt - this.startedAt) / 1000;
  }

  output(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    await exited;
    clearTimeout(killer);
  }
}

/** A process and all that descend from it. */
function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((word) => word !== '').map(Number);
  return [pid, ...children.flatMap(family)];
}

/**
 * User and system time, in seconds, of a process and of its children that have ended: fields 14 to 17 of proc(5). The name before them may
 * hold spaces.
 */
export function cpuSecondsOf(pid: number | 'self'): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
  return sum(fields.slice(11, 15)) / ticksPerSecond;
}

/** What all processors of the machine have done so far, in seconds: user, nice, system, idle, iowait, irq, softirq, steal. */
export function machineSeconds(): { readonly busy: number; readonly total: number } {
  const ticks = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/).slice(1, 9).map(Number);
  const [, , , idle = 0, iowait = 0] = ticks;
  return { busy: (sum(ticks) - idle - iowait) / ticksPerSecond, total: sum(ticks) / ticksPerSecond };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
