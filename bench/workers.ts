/** What more threads bring: answers a second, CPU a query, and the memory of lists that they share. */
import { availableParallelism } from 'node:os';
import { messageOf } from '../core/errors.js';
import { countOf } from '../plugins/workers/workers.js';
import { Figures, type Figure } from './figure.js';
import { startAndRest } from './lists.js';
import { isResponse } from './message.js';
import { nameOfNumber } from './names.js';
import { upstream, vpndns, type Recipe } from './servers.js';
import type { Subject } from './subject.js';
import { fewNames, listedNames, type Workbench } from './workbench.js';

const several = 2;
/** Enough that the system, which deals out sockets by their ports, gives each thread about as many. */
const sockets = 64;
/** What CPU a query may be over that of one thread: it is the same work. */
const costLimit = 1.1;
/** MiB of the lists, as for one thread. */
const namesLimit = 45;

const caching = (workers: number): Recipe => vpndns(({ upstreamPort }) => `workers ${workers}\ncache 3600\nforward . 127.0.0.1:${upstreamPort}`);

export async function measureWorkers(bench: Workbench): Promise<Figure[]> {
  try {
    countOf(several, { nodeVersion: bench.node.version, parallelism: availableParallelism() });
  } catch (error) {
    bench.note(`workers could not be measured: ${messageOf(error)}.`);
    return [];
  }
  const figures = new Figures();
  await measureCosts(bench, figures);
  await measureSharing(bench, figures);
  return figures.all;
}

/** Answers from the cache: the threads have nothing to do with each other. */
async function measureCosts(bench: Workbench, figures: Figures): Promise<void> {
  const forwardedTo = await bench.start(upstream);
  const one = await bench.start(caching(1), forwardedTo.port);
  const two = await bench.start(caching(several), forwardedTo.port);
  const file = bench.queries(0, fewNames);
  const ask = async (subject: Subject, seconds: number): Promise<{ readonly cpu: number; readonly rate: number }> => {
    const before = subject.cpuSeconds();
    const { answered, seconds: took } = await bench.generate({ port: subject.port, file, seconds, inFlight: 2 * sockets, sockets });
    return { cpu: ((subject.cpuSeconds() - before) * 1e6) / answered, rate: answered / took };
  };
  for (const subject of [one, two]) {
    await subject.waitForAnswer(nameOfNumber(0), isResponse);
    // Every thread has a cache to fill, and a compiler of its own.
    await ask(subject, 4);
  }
  for (let round = 0; round < bench.rounds; round++) {
    const [alone, together] = [await ask(one, bench.quick ? 1 : 4), await ask(two, bench.quick ? 1 : 4)];
    figures.add('workers 1, cached: CPU a query', alone.cpu, 'µs');
    figures.add(`workers ${several}, cached: CPU a query`, together.cpu, 'µs');
    figures.add(`workers ${several}, cached: CPU a query over that of one`, together.cpu / alone.cpu, '×', costLimit);
    figures.add('workers 1, cached: answers a second', alone.rate, '');
    figures.add(`workers ${several}, cached: answers a second`, together.rate, '');
    bench.progress(`workers, round ${round + 1} of ${bench.rounds}: ${alone.rate.toFixed(0)} and ${together.rate.toFixed(0)} answers a second`);
  }
  await Promise.all([one, two, forwardedTo].map((subject) => subject.stop()));
}

/** Lists are in memory once, however many threads look names up in them: what they take is what they take with one. */
async function measureSharing(bench: Workbench, figures: Figures): Promise<void> {
  const file = bench.list(listedNames);
  const blocking = vpndns(`workers ${several}\nblocklist {\nfile ${file}\n}`);
  const empty = (workers: number): Recipe => vpndns(`workers ${workers}\nstatic {\nrecord ${nameOfNumber(0)} 192.0.2.1\n}`);
  const memoryOf = async (recipe: Recipe): Promise<number> => (await startAndRest(bench, recipe, nameOfNumber(0))).memory.now;
  for (let round = 0; round < (bench.quick ? 1 : bench.rounds); round++) {
    const [alone, together, listed] = [await memoryOf(empty(1)), await memoryOf(empty(several)), await memoryOf(blocking)];
    figures.add(`workers ${several}: memory over that of one, without lists`, together - alone, 'MiB');
    figures.add(`workers ${several}: memory of ${listedNames.toLocaleString('en')} names`, listed - together, 'MiB', namesLimit);
  }
}
