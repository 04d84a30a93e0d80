/** What a fault is done to: a server, its two upstreams, its files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoopbackUpstream, wireMessage, wireOpt, wireRecord, toQuestion, type Behaviour, type LoopbackUpstream } from '../../testing/index.js';
import { freePort } from '../e2e/process.js';
import { ownName } from './load.js';
import { Server, type ServerOptions } from './server.js';

/** Answers with an address that may be kept for a second, so that each name is asked for again and again. */
export const answering: Behaviour = (query) => wireMessage({
  id: query.id, flags: 0x8180, questions: [query.question], answers: [wireRecord(toQuestion, 'A', Buffer.of(192, 0, 2, 1), { ttl: 1 })],
  additionals: query.edns === undefined ? [] : [wireOpt()],
});

/** What a fault wants to be otherwise. */
export interface StageOptions {
  /** Lines of the Corefile before its block. */
  readonly head?: string;
  /** Other directives of the block. */
  readonly directives?: string;
  /** Properties of `cache`. */
  readonly cache?: string;
  readonly nodeOptions?: readonly string[];
  /** Files beside the Corefile. */
  readonly files?: Readonly<Record<string, string>>;
}

export class Stage {
  readonly server: Server;
  readonly options: ServerOptions;
  readonly directory: string;
  readonly #upstreams: LoopbackUpstream[];
  readonly #ports: readonly number[];

  private constructor(options: ServerOptions, directory: string, upstreams: LoopbackUpstream[]) {
    this.options = options;
    this.directory = directory;
    this.server = new Server(options);
    this.#upstreams = upstreams;
    this.#ports = upstreams.map(({ port }) => port);
  }

  static async set({ head = '', directives = '', cache = '', nodeOptions = [], files = {} }: StageOptions): Promise<Stage> {
    const upstreams = [await startLoopbackUpstream(answering), await startLoopbackUpstream(answering)];
    const directory = mkdtempSync(join(tmpdir(), 'faults-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    const metricsPort = await freePort();
    const forward = `forward . ${upstreams.map(({ endpoint }) => endpoint).join(' ')} {\npolicy sequential\n}`;
    const own = `static {\nrecord ${ownName} 192.0.2.9\n}`;
    const corefile = join(directory, 'Corefile');
    writeFileSync(corefile, `${head}\n. {\nbind 127.0.0.1\nprometheus 127.0.0.1:${metricsPort}\n${own}\n${directives}\ncache {\n${cache}\n}\n${forward}\n}\n`);
    const stage = new Stage({ corefile, port: await freePort(), metricsPort, nodeOptions }, directory, upstreams);
    await stage.server.start();
    return stage;
  }

  /** What both upstreams do. */
  behave(behaviour: Behaviour, which: readonly number[] = [0, 1]): void {
    for (const i of which) this.#upstreams[i]!.behaviour = behaviour;
  }

  /** Closes an upstream's port. */
  async down(i: number): Promise<void> {
    await this.#upstreams[i]!.close();
  }

  /** Opens it again. */
  async up(i: number): Promise<void> {
    this.#upstreams[i] = await startLoopbackUpstream(answering, { port: this.#ports[i]! });
  }

  write(name: string, content: string | Buffer): void {
    writeFileSync(join(this.directory, name), content);
  }

  /** Ends everything. */
  async strike(): Promise<void> {
    await this.server.kill();
    await Promise.all(this.#upstreams.map((upstream) => upstream.close()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
