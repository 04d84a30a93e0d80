/** What all measurements share: a directory, processes that end with the benchmark, files of queries. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Generator } from './generator.js';
import { nameOfNumber } from './names.js';
import type { NodeProgram } from './node-versions.js';
import type { Recipe } from './servers.js';
import { cpuSecondsOf, machineSeconds, Subject } from './subject.js';

/** Names that fit into every server's cache. */
export const fewNames = 5000;
/** Names of the list that is measured against. */
export const listedNames = 1_000_000;
/** Millions of lines in one string would be the largest thing in this process. */
const namesAtOnce = 100_000;

/** What else a machine does even at rest. */
const othersShare = 0.03;

export interface WorkbenchOptions {
  readonly rounds: number;
  readonly quick: boolean;
  /** Runs the servers that are ours. */
  readonly node: NodeProgram;
}

export class Workbench {
  readonly directory = mkdtempSync(join(tmpdir(), 'vpndns-bench-'));
  readonly generate: Generator;
  readonly rounds: number;
  readonly quick: boolean;
  readonly node: NodeProgram;
  readonly notes: string[] = [];
  readonly #subjects: Subject[] = [];
  readonly #before = { ours: cpuSecondsOf('self'), all: machineSeconds() };
  #count = 0;

  constructor(generate: Generator, { rounds, quick, node }: WorkbenchOptions) {
    this.generate = generate;
    this.rounds = rounds;
    this.quick = quick;
    this.node = node;
  }

  /** Runs a server, on a free port and in a directory of its own. It may not answer yet. */
  async start(recipe: Recipe, upstreamPort = 0): Promise<Subject> {
    const directory = join(this.directory, String(++this.#count));
    mkdirSync(directory);
    const port = await freePort();
    const subject = new Subject(recipe({ directory, port, upstreamPort, node: this.node.path }), port, join(directory, 'output'));
    this.#subjects.push(subject);
    return subject;
  }

  /** A file with queries for the addresses of `count` names, from number `first` on. */
  queries(first: number, count: number): string {
    return this.file(`${first}-${count}.queries`, (path) => {
      writeFileSync(path, Array.from({ length: count }, (_, i) => `${nameOfNumber(first + i)} A\n`).join(''));
    });
  }

  /** A list of the names of numbers 0 … count−1. */
  list(count: number): string {
    return this.file(`${count}.list`, (path) => {
      for (let first = 0; first < count; first += namesAtOnce) {
        appendFileSync(path, Array.from({ length: Math.min(namesAtOnce, count - first) }, (_, i) => `${nameOfNumber(first + i)}\n`).join(''));
      }
    });
  }

  /** A file with an address for each of the names of numbers 0 … count−1. */
  records(count: number): string {
    return this.file(`${count}.hosts`, (path) => {
      writeFileSync(path, Array.from({ length: count }, (_, i) => `${nameOfNumber(i)} 192.0.2.1\n`).join(''));
    });
  }

  /** A file in the directory, written when it is first asked for. */
  file(name: string, write: (path: string) => void): string {
    const path = join(this.directory, name);
    if (!existsSync(path)) write(path);
    return path;
  }

  /** Something that a reader of the figures has to know. */
  note(text: string): void {
    this.notes.push(text);
    this.progress(text);
  }

  /** Says what goes on. */
  progress(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Notes how much of the machine went to others since the start, once everything of ours has ended; what they used, our servers had to wait for. */
  noteOthers(): void {
    const ours = cpuSecondsOf('self') - this.#before.ours;
    const all = machineSeconds();
    const share = (all.busy - this.#before.all.busy - ours) / (all.total - this.#before.all.total);
    if (share > othersShare) this.note(`Other processes used ${(share * 100).toFixed(0)} % of the machine meanwhile: delays are partly theirs.`);
  }

  /** Ends everything at once. */
  kill(): void {
    for (const subject of this.#subjects) subject.signal('SIGKILL');
    rmSync(this.directory, { recursive: true });
  }

  async close(): Promise<void> {
    await Promise.all(this.#subjects.map((subject) => subject.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A UDP port of 127.0.0.1 that nobody has now. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
