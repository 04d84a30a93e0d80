/** A client that asks somebody on the Internet all the time, and notes when it was answered. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { env, until, within } from './command.js';
import { compiled, internet, type LabClient } from './layout.js';

export const spacingMs = 20;

/** A question that was answered. Times are milliseconds of the machine's monotonic clock. */
export interface Answered {
  readonly number: number;
  readonly sent: number;
  readonly answered: number;
  /** The address that the Internet saw. */
  readonly seen: string;
}

export const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

export class Probe {
  readonly answers: Answered[] = [];
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;

  private constructor({ namespace, sources }: LabClient) {
    const words = [sources[0]!, internet.whoami, String(internet.whoamiPort), String(spacingMs)];
    const argv = within(namespace, process.execPath, compiled('./probe-program.js'), ...words);
    this.#process = spawn(argv[0]!, argv.slice(1), { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.stdin.on('error', () => undefined);
    createInterface(this.#process.stdout).on('line', (line) => {
      const [number, sent, answered, seen = ''] = line.split(' ');
      this.answers.push({ number: Number(number), sent: Number(sent), answered: Number(answered), seen });
    });
  }

  /** Returns when it is answered. */
  static async start(client: LabClient): Promise<Probe> {
    const probe = new Probe(client);
    await probe.steadySince(0);
    return probe;
  }

  /** Waits until all of one second's questions, sent after a moment, are answered. */
  steadySince(moment: number, ms?: number): Promise<void> {
    const wanted = 1000 / spacingMs;
    return until('the client is answered', () => {
      const last = this.answers.filter(({ sent }) => sent > moment).slice(-wanted);
      return last.length === wanted && last.at(-1)!.number - last[0]!.number === wanted - 1;
    }, ms);
  }

  /** The longest time between two questions that were answered and no other between them, of those sent after a moment. */
  outageSince(moment: number): number {
    const sent = this.answers.filter((answer) => answer.sent >= moment - 2 * spacingMs).sort((a, b) => a.number - b.number).map((answer) => answer.sent);
    return Math.max(0, ...sent.slice(1).map((at, i) => at - sent[i]!));
  }

  /** All addresses that the Internet has seen. */
  get seen(): string[] {
    return [...new Set(this.answers.map(({ seen }) => seen))];
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'close');
    this.#process.stdin.end();
    await ended;
  }
}
