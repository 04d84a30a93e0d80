/** The server under faults: a process as users run it, watched from outside. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../vpndns/vpndns.js', import.meta.url));
const readyMs = 20_000;

export interface ServerOptions {
  readonly corefile: string;
  readonly port: number;
  /** Where the Corefile says that its metrics are. */
  readonly metricsPort: number;
  /** Options of Node.js. */
  readonly nodeOptions?: readonly string[];
}

export class Server {
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Everything that it has printed. */
  get output(): string {
    return this.#output;
  }

  get isAlive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it, and waits until it says that it is ready. */
  async start(): Promise<void> {
    const { corefile, port, nodeOptions = [] } = this.#options;
    const child = spawn(process.execPath, [...nodeOptions, command, '--conf', corefile, '--port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const from = this.#output.length;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    const deadline = performance.now() + readyMs;
    while (!this.#output.slice(from).includes(' is ready')) {
      if (!this.isAlive || performance.now() > deadline) throw new Error(`it did not become ready:\n${this.#output.slice(from)}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Takes away all file descriptors beyond so many; Linux only. */
  limitDescriptors(count: number): void {
    execFileSync('prlimit', ['--pid', String(this.#child!.pid), `--nofile=${count}:`]);
  }

  /** Reads no more of what it prints, or reads on. */
  readOutput(isRead: boolean): void {
    for (const stream of [this.#child!.stdout!, this.#child!.stderr!]) isRead ? stream.resume() : stream.pause();
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isAlive) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** The longest that its event loop was held up since this was last asked, in milliseconds; `undefined` when it can't be asked. */
  async loopDelayMs(): Promise<number | undefined> {
    const text = await this.#metrics().catch(() => '');
    const seconds = /^(?:\w+_)?nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1];
    return seconds === undefined ? undefined : Number(seconds) * 1000;
  }

  #metrics(): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port: this.#options.metricsPort, path: '/metrics', timeout: 5_000, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part)).once('end', () => resolve(text)).once('error', reject);
      });
      request.once('error', reject).once('timeout', () => request.destroy(new Error('no answer in time')));
    });
  }
}
