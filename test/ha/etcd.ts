/** A real etcd on loopback, in a process of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why there is no etcd, or `undefined` when there is one. */
export const whyNoEtcd = (): string | undefined =>
  spawnSync('etcd', ['--version'], { stdio: 'ignore' }).error === undefined ? undefined : 'etcd is not in PATH (Debian: etcd-server)';

export class EtcdServer {
  readonly #directory: string;
  readonly #port: number;
  readonly #peerPort: number;
  #process: ChildProcess | undefined;

  constructor(directory: string, port: number, peerPort: number) {
    this.#directory = directory;
    this.#port = port;
    this.#peerPort = peerPort;
  }

  /** Starts it, on what it has kept, and waits until it answers. */
  async start(): Promise<void> {
    const client = `http://127.0.0.1:${this.#port}`;
    const peer = `http://127.0.0.1:${this.#peerPort}`;
    const etcd = spawn('etcd', [
      '--name', 'one', '--data-dir', join(this.#directory, 'etcd'), '--listen-client-urls', client, '--advertise-client-urls', client,
      '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `one=${peer}`, '--logger', 'zap', '--log-outputs', 'stderr',
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = etcd;
    etcd.stderr.on('data', (part: Buffer) => appendFileSync(join(this.#directory, 'etcd.log'), part));
    while (!(await this.#answers(client))) {
      if (etcd.exitCode !== null) throw new Error(`etcd ended with exit code ${etcd.exitCode}; see ${this.#directory}/etcd.log`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends it as a crash would. What it has kept stays. */
  async kill(): Promise<void> {
    const etcd = this.#process;
    if (etcd === undefined || etcd.exitCode !== null || etcd.signalCode !== null) return;
    const ended = once(etcd, 'exit');
    etcd.kill('SIGKILL');
    await ended;
  }

  async #answers(client: string): Promise<boolean> {
    try {
      const answer = await fetch(`${client}/v3/kv/range`, { method: 'POST', body: JSON.stringify({ key: 'eA==' }), signal: AbortSignal.timeout(1000) });
      await answer.text();
      return answer.ok;
    } catch {
      return false;
    }
  }
}
