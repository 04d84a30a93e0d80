/**
 * `npm run soak`: whether anything grows. A server answers mixed traffic for as long as told, with working, slow, failing and silent upstreams, TCP, garbage,
 * and reloads of its configuration and lists. Between the bouts of traffic it has time to finish; then what its process holds is sampled, and judged by its
 * slope over the last half. Everything happens on 127.0.0.1.
 *
 *     --minutes N    default 10, at most 240; only runs of at least 5 are written to README.md
 *     --seed N       the same seed sends the same traffic; default 1
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { limits } from '../../core/limits.js';
import { TestRandom } from '../../testing/index.js';
import { metricsOf } from '../counts.js';
import { nodeGenerator } from '../generator.js';
import { thisNode } from '../node-versions.js';
import { Workbench } from '../workbench.js';
import type { Series } from './judge.js';
import { publish, tableOf, type SoakReport } from './report.js';
import { popularCount, popularNames, Traffic } from './traffic.js';
import { World } from './world.js';

const mostMinutes = 240;
/** Shorter runs say too little to be kept. */
const publishedMinutes = 5;
const mib = 2 ** 20;
const boutMs = 6000;
/** More than a query may live: what is there afterwards will stay. */
const restMs = 6000;

interface Options {
  readonly minutes: number;
  readonly seed: number;
}

function readOptions(): Options {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } } });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes >= 1 && minutes <= mostMinutes)) throw new RangeError(`--minutes: '${values.minutes}' is no number from 1 to ${mostMinutes}`);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) throw new RangeError(`--seed: '${values.seed}' is no number below 2^32`);
  return { minutes, seed };
}

/** What is looked at, and what it may grow by while nothing leaks: the compiler's work, and the allocator's. */
const watched: readonly Omit<Series, 'points'>[] = [
  { what: 'heap that lives', unit: 'MiB', allowed: 1 },
  { what: 'memory outside the heap', unit: 'MiB', allowed: 1 },
  { what: 'resident memory', unit: 'MiB', allowed: 8 },
  { what: 'open files and sockets', unit: '', allowed: 3 },
  { what: 'handles and timers', unit: '', allowed: 3 },
];

/** In the order of `watched`. */
async function sample({ subject, metricsPort }: World): Promise<readonly number[]> {
  await subject.collectGarbage();
  const valueOf = await metricsOf(metricsPort);
  return [
    valueOf(/^nodejs_heap_size_used_bytes /) / mib, valueOf(/^nodejs_external_memory_bytes /) / mib, subject.memory().now,
    valueOf(/^process_open_fds /), valueOf(/^nodejs_active_resources_total /),
  ];
}

/** Fills what has a bound, so that filling is not taken for growing: more names than a cache keeps ready are asked for twice each, the popular ones last. */
async function warmUp(bench: Workbench, world: World): Promise<void> {
  for (let portion = Math.ceil(limits.cacheReadyReplies / popularCount); portion >= 0; portion--) {
    const file = bench.queries(popularNames + portion * popularCount, popularCount);
    for (let i = 0; i < 2; i++) await bench.generate({ port: world.subject.port, file, inFlight: 64, sockets: 4 });
  }
}

async function soak(bench: Workbench, world: World, { minutes, seed }: Options): Promise<SoakReport> {
  const traffic = new Traffic(world.subject.port, new TestRandom(seed));
  await traffic.open();
  const series = watched.map((each) => ({ ...each, points: [] as { seconds: number; value: number }[] }));
  const begun = performance.now();
  const elapsed = (): number => (performance.now() - begun) / 1000;
  while (elapsed() < minutes * 60) {
    await traffic.run(boutMs / 2);
    world.reload();
    await traffic.run(boutMs / 2);
    await pause(restMs);
    world.forgetQueries();
    const [seconds, values] = [elapsed(), await sample(world)];
    for (const [i, { points }] of series.entries()) points.push({ seconds, value: values[i]! });
    const words = values.map((value, i) => `${value.toFixed(1)} ${watched[i]!.unit}`.trim());
    bench.progress(`${(seconds / 60).toFixed(1)} of ${minutes} minutes: ${words.join(', ')}`);
  }
  traffic.close();
  return { minutes: elapsed() / 60, reloads: world.reloads, garbage: traffic.garbage, tallies: traffic.tallies, series };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (process.platform !== 'linux') throw new RangeError('memory is read from /proc, as Linux has it');
  const bench = new Workbench(nodeGenerator, { rounds: 1, quick: false, node: thisNode });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      bench.kill();
      process.exit(1);
    });
  }
  const world = await World.open(bench);
  try {
    await warmUp(bench, world);
    const report = await soak(bench, world, options);
    const { text, bad } = tableOf(report);
    console.log(text);
    console.log(`drawn in ${publish(report, options.minutes >= publishedMinutes)}`);
    if (bad) process.exitCode = 1;
  } finally {
    await world.close();
    await bench.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
}
