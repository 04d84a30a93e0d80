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
/** What CPU a query may be over that of as many servers with one thread each: threads share a process, and no work. */
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

/**
 * Answers from the cache, by one thread, by two, and by two servers with one thread each, which is the measure: processors that are busy
 * together are slower, and their caches hold less for each.
 */
async function measureCosts(bench: Workbench, figures: Figures): Promise<void> {
  const forwardedTo = await bench.start(upstream);
  const start = (workers: number): Promise<Subject> => bench.start(caching(workers), forwardedTo.port);
  const [one, two, other] = [await start(1), await start(several), await start(1)];
  const file = bench.queries(0, fewNames);
  const ask = async (subjects: readonly Subject[], seconds: number): Promise<{ readonly cpu: number; readonly rate: number }> => {
    const cpuSeconds = (): number => subjects.reduce((sum, subject) => sum + subject.cpuSeconds(), 0);
    const before = cpuSeconds();
    const share = sockets / subjects.length;
    const outcomes = await Promise.all(subjects.map(({ port }) =>
      bench.generate({ port, file, seconds, inFlight: 2 * share, sockets: share, threads: several / subjects.length })));
    const answered = outcomes.reduce((sum, outcome) => sum + outcome.answered, 0);
    return { cpu: ((cpuSeconds() - before) * 1e6) / answered, rate: answered / Math.max(...outcomes.map((outcome) => outcome.seconds)) };
  };
  for (const subject of [one, two, other]) {
    await subject.waitForAnswer(nameOfNumber(0), isResponse);
    // Every thread has a cache to fill, and a compiler of its own.
    await ask([subject], 4);
  }
  for (let round = 0; round < bench.rounds; round++) {
    const seconds = bench.quick ? 1 : 4;
    const [alone, together, apart] = [await ask([one], seconds), await ask([two], seconds), await ask([one, other], seconds)];
    for (const [what, { cpu, rate }] of [['one worker', alone], ['two workers', together], ['two servers', apart]] as const) {
      figures.add(`${what}, cached: CPU a query`, cpu, 'µs');
      figures.add(`${what}, cached: answers a second`, rate, '');
    }
    figures.add('two workers, cached: CPU a query over that of one', together.cpu / alone.cpu, '×');
    figures.add('two workers, cached: CPU a query over that of two servers', together.cpu / apart.cpu, '×', costLimit);
    bench.progress(`workers, round ${round + 1} of ${bench.rounds}: ${alone.rate.toFixed(0)} and ${together.rate.toFixed(0)} answers a second`);
  }
  await Promise.all([one, two, other, forwardedTo].map((subject) => subject.stop()));
}

/** Lists are in memory once, however many threads look names up in them: what they take is what they take with one. */
async function measureSharing(bench: Workbench, figures: Figures): Promise<void> {
  const file = bench.list(listedNames);
  const blocking = vpndns(`workers ${several}\nblocklist {\nfile ${file}\n}`);
  const empty = (workers: number): Recipe => vpndns(`workers ${workers}\nstatic {\nrecord ${nameOfNumber(0)} 192.0.2.1\n}`);
  const memoryOf = async (recipe: Recipe): Promise<number> => (await startAndRest(bench, recipe, nameOfNumber(0))).memory.now;
  for (let round = 0; round < (bench.quick ? 1 : bench.rounds); round++) {
    const [alone, together, listed] = [await memoryOf(empty(1)), await memoryOf(empty(several)), await memoryOf(blocking)];
    figures.add('two workers: memory over that of one, without lists', together - alone, 'MiB');
    figures.add(`two workers: memory of ${listedNames.toLocaleString('en')} names`, listed - together, 'MiB', namesLimit);
  }
}
