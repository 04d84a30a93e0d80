/**
 * Whether a cache keeps to the memory that it promises: a server is asked for as many names as its cache may hold, or more, and what its process takes
 * over that of a server without a cache is held against what the cache counts, and against its bound.
 */
import { limits } from '../core/limits.js';
import { metricsOf } from './counts.js';
import { Figures, type Figure } from './figure.js';
import { isResponse } from './message.js';
import { nameOfNumber } from './names.js';
import { collecting, upstreamOf, vpndns } from './servers.js';
import { freePort, type Workbench } from './workbench.js';

const mib = 2 ** 20;
/** Numbers from here on are names that nobody has asked for. */
const newNames = 400_000_000;
/** Queries in one file, and between two signs of life. */
const portion = 100_000;
/** Nearly as much as fits into an answer over UDP. */
const largeRecords = 70;
/** What lives may be so many times what the cache counts: a small cache shows what else the traffic left behind, such as compiled code. */
const mostOverCounted = 1.25;

interface Case {
  readonly what: string;
  readonly capacity: number;
  /** Distinct names that are asked for. */
  readonly names: number;
  /** Records of each answer. */
  readonly records: number;
}

const thousands = (count: number): string => count.toLocaleString('en');

function casesFor(quick: boolean): readonly Case[] {
  const [many, fewer] = quick ? [50_000, 25_000] : [1_000_000, 100_000];
  const churn = `cache of ${thousands(fewer)}, three times as many names asked, of ${largeRecords} records`;
  return [
    { what: `cache of ${thousands(many)}, as many names asked`, capacity: many, names: many, records: 1 },
    { what: churn, capacity: fewer, names: 3 * fewer, records: largeRecords },
  ];
}

export async function measureCacheMemory(bench: Workbench): Promise<Figure[]> {
  const figures = new Figures();
  for (const { what, capacity, names, records } of casesFor(bench.quick)) {
    const without = await memoryAfter(bench, '', Math.min(names, portion), records);
    const { memory, living, bytes, entries } = await memoryAfter(bench, `cache {\nsuccess ${capacity}\n}`, names, records);
    const bound = Math.round((capacity * limits.cacheBytesPerEntry) / mib);
    figures.add(`${what}: memory over a server without a cache`, memory - without.memory, 'MiB');
    figures.add(`${what}: what lives, over a server without a cache`, living - without.living, 'MiB', bound);
    figures.add(`${what}: what the cache counts`, bytes / mib, 'MiB', bound);
    figures.add(`${what}: what lives over what the cache counts`, (living - without.living) / (bytes / mib), '×', mostOverCounted);
    figures.add(`${what}: answers kept`, entries, '', capacity);
  }
  return figures.all;
}

interface Held {
  /** Resident memory of the process, in MiB. */
  readonly memory: number;
  /** Heap and memory outside of it after a collection of garbage, in MiB: how soon freed pages leave the process is up to V8. */
  readonly living: number;
  /** What the cache counts. */
  readonly bytes: number;
  readonly entries: number;
}

/** Asks a server for names that are all new, and looks at what it holds then. */
async function memoryAfter(bench: Workbench, directives: string, names: number, records: number): Promise<Held> {
  const [forwardedTo, metricsPort] = [await bench.start(upstreamOf(records)), await freePort()];
  const recipe = vpndns(({ upstreamPort }) => `${directives}\nforward . 127.0.0.1:${upstreamPort}\nprometheus 127.0.0.1:${metricsPort}`);
  const subject = await bench.start(collecting(recipe), forwardedTo.port);
  await subject.waitForAnswer(nameOfNumber(0), isResponse);
  for (let asked = 0; asked < names; asked += portion) {
    const file = bench.queries(newNames + asked, Math.min(portion, names - asked));
    await bench.generate({ port: subject.port, file, inFlight: 64, sockets: 8 });
    bench.progress(`cache-memory: ${thousands(Math.min(names, asked + portion))} of ${thousands(names)} names, ${subject.memory().now.toFixed(0)} MiB`);
  }
  const memory = subject.memory().now;
  await subject.collectGarbage();
  const sumOf = await metricsOf(metricsPort);
  const living = (sumOf(/^nodejs_heap_size_used_bytes /) + sumOf(/^nodejs_external_memory_bytes /)) / mib;
  const held = { memory, living, bytes: sumOf(/^vpndns_cache_bytes\{/), entries: sumOf(/^vpndns_cache_entries\{/) };
  await Promise.all([subject.stop(), forwardedTo.stop()]);
  return held;
}
