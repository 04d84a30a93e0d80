/**
 * `npm run profile -- [PATH…]`: what a query costs between its sockets, and where, in time and in memory, function by function. The sockets are plain
 * memory, so the system's part of the work is left out. PATH is cached, static, blocked or forwarded; default: one after the other, all.
 */
import { Session } from 'node:inspector/promises';
import { readConfiguration } from '../../core/configuration.js';
import { createDnsHost } from '../../core/dns.js';
import { createLogger } from '../../core/log.js';
import { Metrics } from '../../core/metrics.js';
import { systemRuntime } from '../../core/runtime.js';
import { plugins } from '../../plugins/index.js';
import { nodeGenerator } from '../generator.js';
import { answerTo, writeQuery } from '../message.js';
import { nameOfNumber } from '../names.js';
import { thisNode } from '../node-versions.js';
import { directivesOf, pathNames, type PathName } from '../speed.js';
import { aligned, type Row } from '../table.js';
import { fewNames, Workbench } from '../workbench.js';
import { MemoryNetwork } from './sockets.js';
import { bytesByFunction, secondsByFunction } from './tallies.js';

/** Queries delivered in one go, as a busy socket does. */
const volley = 64;
const count = 300_000;
const rowsShown = 30;

/** One path through a server whose sockets are memory. */
class Course {
  /** Ends the server. */
  readonly stop: () => Promise<void>;
  readonly #network: MemoryNetwork;
  readonly #isForwarded: boolean;
  #next = 0;

  private constructor(network: MemoryNetwork, isForwarded: boolean, stop: () => Promise<void>) {
    this.#network = network;
    this.#isForwarded = isForwarded;
    this.stop = stop;
  }

  static async open(bench: Workbench, path: PathName): Promise<Course> {
    const network = new MemoryNetwork();
    const runtime = { ...systemRuntime(), sockets: network };
    const text = `. {\nbind 127.0.0.1\n${directivesOf(bench, path)({ upstreamPort: 53 })}\n}\n`;
    const { host, server } = createDnsHost({
      name: 'vpndns', version: 'profile', runtime, metrics: new Metrics(), defaultPort: 53, interfaces: () => new Map(),
      log: createLogger((line) => bench.progress(line), runtime.clock, { quiet: true }),
      read: () => readConfiguration(plugins, { file: 'Corefile', text, env: {} }),
    });
    await host.start();
    return new Course(network, path === 'forwarded', async () => {
      await host.stop();
      server.close();
    });
  }

  /** Sends so many queries through; returns the seconds that the server worked. Throws an Error when one gets no answer. */
  async run(queries: number): Promise<number> {
    let seconds = 0;
    const timed = (work: () => number): number => {
      const begun = performance.now();
      const answered = work();
      seconds += (performance.now() - begun) / 1000;
      return answered;
    };
    for (let done = 0; done < queries; done += volley) {
      const batch = Array.from({ length: volley }, () => this.#query());
      let answered = timed(() => this.#network.ask(batch));
      const answers = this.#network.takeAsked().map(({ socket, query }) => ({ socket, query: answerTo(query) }));
      answered += timed(() => this.#network.answer(answers));
      if (answered !== volley) throw new Error(`${volley} queries got ${answered} answers`);
      // Timers of the server run too.
      if (done % (volley * 64) === 0) await new Promise(setImmediate);
    }
    return seconds;
  }

  #query(): Buffer {
    const number = this.#next++;
    const query = writeQuery(nameOfNumber(this.#isForwarded ? number : number % fewNames));
    query.writeUInt16BE(number & 0xffff, 0);
    return query;
  }
}

async function profile(bench: Workbench, path: PathName): Promise<void> {
  const course = await Course.open(bench, path);
  await course.run(count / 3);
  const seconds = await course.run(count);
  const session = new Session();
  session.connect();
  const times = await secondsByFunction(session, () => course.run(count));
  const bytes = await bytesByFunction(session, () => course.run(count));
  session.disconnect();
  await course.stop();
  const sum = (of: ReadonlyMap<string, number>): number => [...of.values()].reduce((all, each) => all + each, 0);
  const row = (place: string, time: number, size: number): Row => [place, ((time * 1e6) / count).toFixed(2), (size / count).toFixed(0)];
  const rows = [...new Set([...times.keys(), ...bytes.keys()])]
    .map((place) => ({ place, time: times.get(place) ?? 0, size: bytes.get(place) ?? 0 }))
    .sort((one, other) => other.time - one.time).slice(0, rowsShown)
    .map(({ place, time, size }) => row(place, time, size));
  console.log(`\n${path}: ${((seconds * 1e6) / count).toFixed(2)} µs and ${(sum(bytes) / count).toFixed(0)} bytes a query beyond its sockets\n`);
  console.log(aligned([['function', 'µs (sampled)', 'bytes'], ...rows]));
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(pathNames as readonly string[]).includes(name));
if (unknown === undefined) {
  const bench = new Workbench(nodeGenerator, { rounds: 1, quick: false, node: thisNode });
  try {
    for (const path of pathNames) if (wanted.length === 0 || wanted.includes(path)) await profile(bench, path);
  } finally {
    await bench.close();
  }
} else {
  console.error(`'${unknown}' is none of ${pathNames.join(', ')}`);
  process.exitCode = 1;
}
