/** What starts, lists and reloads cost. */
import { appendFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Figures, type Figure } from './figure.js';
import type { Load } from './load.js';
import { nameOfNumber } from './names.js';
import { vpndns, type Recipe } from './servers.js';
import type { Memory, Subject } from './subject.js';
import { fewNames, listedNames, type Workbench } from './workbench.js';

const manyNames = 5_000_000;
const perMillion = 1_000_000;
/** After this, in milliseconds, a server that has started or reloaded is at rest. */
const restMs = 2000;
const beforeReloadMs = 1000;
const reloadSeconds = 8;
const reloadRate = 2000;

/** It has one record, so that it can answer at all. */
const empty: Recipe = vpndns('static {\nrecord empty.bench.test 192.0.2.1\n}');
const withList = (file: string): Recipe => vpndns(`blocklist {\nfile ${file}\n}`);

/** An empty server: how soon it answers, and its memory. */
export async function measureStart(bench: Workbench): Promise<Figure[]> {
  const figures = new Figures();
  for (let round = 0; round < (bench.quick ? 1 : bench.rounds); round++) {
    const { seconds, memory } = await startAndRest(bench, empty, 'empty.bench.test');
    figures.add('empty server: from start to the first answer', seconds, 's', 1);
    figures.add('empty server: resident memory', memory.now, 'MiB', 80);
  }
  return figures.all;
}

/** Lists: memory over that of an empty server, and how soon a listed name is blocked. */
export async function measureLists(bench: Workbench): Promise<Figure[]> {
  const figures = new Figures();
  const measure = async (count: number, limits: { readonly memory: number; readonly seconds: number | undefined }): Promise<void> => {
    const list = withList(bench.list(count));
    const without = await startAndRest(bench, empty, 'empty.bench.test');
    const { seconds, memory } = await startAndRest(bench, list, nameOfNumber(count - 1));
    const names = `${count.toLocaleString('en')} names`;
    figures.add(`${names}: memory over an empty server`, memory.now - without.memory.now, 'MiB', limits.memory);
    figures.add(`${names}: the same without pages of Node.js itself`, memory.own - without.memory.own, 'MiB');
    figures.add(`${names}: peak of memory while loading, over an empty server`, memory.peak - without.memory.now, 'MiB', 2 * limits.memory);
    figures.add(`${names}: from start to the first blocked answer`, seconds, 's', limits.seconds);
    bench.progress(`${names}: ${(memory.now - without.memory.now).toFixed(1)} MiB, ${seconds.toFixed(2)} s`);
  };
  const rounds = bench.quick ? 1 : bench.rounds;
  for (let round = 0; round < rounds; round++) await measure(listedNames, { memory: 45, seconds: 4 });
  if (!bench.quick) await measure(manyNames, { memory: (45 * manyNames) / perMillion, seconds: undefined });
  return figures.all;
}

/** Starts a server, and leaves it alone for a while; how soon it answered for a name, and the memory that it has come to. */
export async function startAndRest(bench: Workbench, recipe: Recipe, name: string): Promise<{ readonly seconds: number; readonly memory: Memory }> {
  const subject = await bench.start(recipe);
  const seconds = await subject.waitForAnswer(name);
  await pause(bench.quick ? restMs / 4 : restMs);
  const memory = subject.memory();
  await subject.stop();
  return { seconds, memory };
}

/** A reload of a list under load, in turn with the same load and no reload. */
export async function measureReload(bench: Workbench): Promise<Figure[]> {
  const figures = new Figures();
  const file = join(bench.directory, 'growing.list');
  copyFileSync(bench.list(listedNames), file);
  const subject = await bench.start(withList(file));
  await subject.waitForAnswer(nameOfNumber(0));
  const seconds = bench.quick ? reloadSeconds / 2 : reloadSeconds;
  const load: Load = { port: subject.port, file: bench.queries(0, fewNames), seconds, inFlight: 1000, sockets: 8, rate: reloadRate };
  await bench.generate({ ...load, seconds: 1 });
  for (let round = 0; round < (bench.quick ? 1 : bench.rounds); round++) {
    const calm = await bench.generate(load);
    figures.add('no reload: worst delay of an answer', calm.latency!.worst, 'ms');
    const under = bench.generate(load);
    await pause(beforeReloadMs);
    const { seconds, peak } = await reload(subject, file, `reload-${round}.bench.test`);
    const { sent, answered, latency } = await under;
    figures.add('reload of 1,000,000 names under load: worst delay of an answer', latency!.worst, 'ms', 25);
    figures.add('reload of 1,000,000 names under load: answers lost', sent - answered, '', 0);
    figures.add('reload of 1,000,000 names under load: until a new name is blocked', seconds, 's');
    figures.add('reload of 1,000,000 names under load: memory over that before', peak, 'MiB', 45);
    bench.progress(`reload: ${seconds.toFixed(2)} s, worst delay ${latency!.worst.toFixed(1)} ms (${calm.latency!.worst.toFixed(1)} ms without)`);
  }
  await subject.stop();
  return figures.all;
}

/** Adds a name to the list and asks for a reload; returns how long it took until the name was blocked, and by how much memory grew meanwhile. */
async function reload(subject: Subject, file: string, newName: string): Promise<{ readonly seconds: number; readonly peak: number }> {
  appendFileSync(file, `${newName}\n`);
  subject.forgetPeak();
  const before = subject.memory().now;
  const begun = performance.now();
  subject.signal('SIGHUP');
  await subject.waitForAnswer(newName);
  return { seconds: (performance.now() - begun) / 1000, peak: subject.memory().peak - before };
}
