/** What passes on a wire, by tcpdump. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { env, until, within } from './command.js';

export interface Packet {
  /** Seconds since 1970, as the kernel saw it. */
  readonly at: number;
  readonly text: string;
}

export interface Wire {
  readonly namespace: string;
  readonly device: string;
  /** A filter in the language of pcap-filter(7). */
  readonly filter: string;
}

export class Capture {
  readonly packets: Packet[] = [];
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  #said = '';

  private constructor({ namespace, device, filter }: Wire) {
    const argv = within(namespace, 'tcpdump', '--immediate-mode', '-U', '-l', '-n', '-tt', '-i', device, filter);
    this.#process = spawn(argv[0]!, argv.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    createInterface(this.#process.stdout).on('line', (line) => {
      const [, at, text = ''] = /^(\d+\.\d+) (.*)$/.exec(line) ?? [];
      if (at !== undefined) this.packets.push({ at: Number(at), text });
    });
  }

  /** Returns when it listens. */
  static async start(wire: Wire): Promise<Capture> {
    const capture = new Capture(wire);
    await until(`tcpdump listens on ${wire.device} of ${wire.namespace}: ${capture.#said}`, () => capture.#said.includes('listening on'));
    return capture;
  }

  async stop(): Promise<readonly Packet[]> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const closed = once(this.#process, 'close');
      this.#process.kill('SIGINT');
      await closed;
    }
    return this.packets;
  }
}

/** Captures while something happens, and until what was captured satisfies. */
export async function during(wires: readonly Wire[], happens: (captures: readonly Capture[]) => Promise<void>): Promise<Packet[][]> {
  const captures = await Promise.all(wires.map((wire) => Capture.start(wire)));
  try {
    await happens(captures);
  } finally {
    await Promise.all(captures.map((capture) => capture.stop()));
  }
  return captures.map(({ packets }) => [...packets]);
}
