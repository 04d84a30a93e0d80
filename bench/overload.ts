/**
 * What a server still answers when it is asked more than twice as much as it can: it must shed the rest, not collapse under it. A load that does
 * not wait for answers needs a processor of its own, which a small machine may not have; so what counts is what the server answers for each second
 * of CPU that it gets.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { counted } from './counts.js';
import { Figures, type Figure } from './figure.js';
import { isResponse } from './message.js';
import { nameOfNumber } from './names.js';
import { compiled } from './programs.js';
import { upstream, vpndns } from './servers.js';
import type { Subject } from './subject.js';
import { fewNames, freePort, type Workbench } from './workbench.js';

const run = promisify(execFile);
/** Percent of its capacity that a server may lose. */
const limit = 30;
const times = 2;
/** So much more than that is sent, for generators that fall behind. */
const reserve = 1.5;
/** Processes that make the load: a server answers from memory nearly as fast as one can ask. */
const floods = 2;
/** Numbers from here on are names that nobody has asked for. */
const newNames = 300_000_000;
/** More than any server here can answer in a second, for the first round. */
const plenty = 100_000;

export async function measureOverload(bench: Workbench): Promise<Figure[]> {
  const [forwardedTo, metricsPort] = [await bench.start(upstream), await freePort()];
  const recipe = vpndns(({ upstreamPort }) => `cache 3600\nforward . 127.0.0.1:${upstreamPort}\nprometheus 127.0.0.1:${metricsPort}`);
  const subject = await bench.start(recipe, forwardedTo.port);
  await subject.waitForAnswer(nameOfNumber(0), isResponse);
  const measure = new Measurement(bench, subject, metricsPort);
  let asked = newNames;
  const paths = { cached: () => bench.queries(0, fewNames), forwarded: (count: number) => bench.queries((asked += count) - count, count) };
  const figures = new Figures();
  for (const [path, fileFor] of Object.entries(paths)) {
    let capacity = await measure.atCapacity(fileFor, plenty);
    for (let round = 0; round < bench.rounds; round++) {
      capacity = await measure.atCapacity(fileFor, times * capacity.good);
      const { offered, good, cpu } = await measure.flooded(fileFor, reserve * times * capacity.good);
      const possible = (cpu * capacity.good) / capacity.cpu;
      const words = `can ${possible.toFixed(0)}/s with its CPU, was asked ${offered.toFixed(0)}/s, answered ${good.toFixed(0)}/s`;
      bench.progress(`overload, ${path}: ${words}`);
      if (offered < times * possible) bench.note(`Overload, ${path}: the load was less than twice what the server can (${words}).`);
      figures.add(`${path}, asked more than twice what it can: part of its capacity that is lost`, Math.max(0, 100 * (1 - good / possible)), '%', limit);
    }
  }
  await Promise.all([subject.stop(), forwardedTo.stop()]);
  return figures.all;
}

/** What a server made of a load: queries, good answers and seconds of CPU, in a second. */
interface Yield {
  readonly offered: number;
  readonly good: number;
  readonly cpu: number;
}

/** Returns a file with so many queries. */
type FileFor = (count: number) => string;

class Measurement {
  readonly #bench: Workbench;
  readonly #subject: Subject;
  readonly #metricsPort: number;
  readonly #seconds: number;

  constructor(bench: Workbench, subject: Subject, metricsPort: number) {
    this.#bench = bench;
    this.#subject = subject;
    this.#metricsPort = metricsPort;
    this.#seconds = bench.quick ? 2 : 5;
  }

  /** With as many queries out as keep it busy. @param rate more than it will answer in a second */
  atCapacity(fileFor: FileFor, rate: number): Promise<Yield> {
    const { port } = this.#subject;
    const file = fileFor(Math.ceil(rate * this.#seconds));
    return this.#observe(async () => (await this.#bench.generate({ port, file, seconds: this.#seconds, inFlight: 64, sockets: 8 })).sent);
  }

  /** With so many queries a second, whatever becomes of them. */
  flooded(fileFor: FileFor, rate: number): Promise<Yield> {
    const share = rate / floods;
    // Each has names of its own: what two ask is asked of the upstream once.
    const files = Array.from({ length: floods }, () => fileFor(Math.ceil(share * this.#seconds)));
    return this.#observe(async () => {
      const sent = await Promise.all(files.map((file) => this.#flood(file, share)));
      return sent.reduce((sum, each) => sum + each, 0);
    });
  }

  /** Returns how many queries left. */
  async #flood(file: string, rate: number): Promise<number> {
    const { stdout } = await run(process.execPath, [compiled('./flood.js'), this.#subject.port, file, this.#seconds, rate].map(String));
    return Number(stdout);
  }

  async #observe(load: () => Promise<number>): Promise<Yield> {
    const look = async () => ({ answers: await counted(this.#metricsPort, /_dns_responses_total\{.*rcode="NOERROR"/), cpu: this.#subject.cpuSeconds() });
    const before = await look();
    const sent = await load();
    const after = await look();
    const perSecond = (count: number): number => count / this.#seconds;
    return { offered: perSecond(sent), good: perSecond(after.answers - before.answers), cpu: perSecond(after.cpu - before.cpu) };
  }
}
