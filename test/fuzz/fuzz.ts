/**
 * `npm run fuzz -- --minutes N`: looks for octets that the server does not bear, beginning with those in `corpus/`. What it finds is made as
 * small as it can be, told, and kept there, where `npm test` will find it again.
 *
 *     --minutes N      default 1; all targets in turn
 *     --target NAME    that one alone
 *     --seed N         default is the time; the same seed tries the same inputs
 */
import { parseArgs } from 'node:util';
import { TestRandom } from '../../testing/index.js';
import { keepInCorpus, readCorpus } from './corpus.js';
import { fuzz, type Target } from './fuzzer.js';
import { targets } from './targets.js';

/** Milliseconds of CPU time; longer than any input may keep the event loop, with room for a collection of garbage. */
const slowMs = 500;
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly chosen: readonly Target[];
}

function readOptions(): Options {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '1' }, target: { type: 'string' }, seed: { type: 'string' } } });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed ?? Date.now() % 2 ** 32)];
  if (!(minutes > 0)) throw new RangeError(`--minutes: '${values.minutes}' is no number of minutes`);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) throw new RangeError(`--seed: '${values.seed}' is no number below 2^32`);
  const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
  if (chosen.length === 0) throw new RangeError(`--target: '${values.target}' is none of ${targets.map(({ name }) => name).join(', ')}`);
  return { minutes, seed, chosen };
}

/** Tries one target for so long. Returns whether it bore everything. */
async function tryTarget({ name, start }: Target, ms: number, seed: number): Promise<boolean> {
  const running = await start();
  const ends = performance.now() + ms;
  let inputs = 0;
  let slowest = 0;
  const watched = {
    ...running,
    async run(input: Buffer) {
      const began = cpuMs();
      inputs++;
      await running.run(input);
      const took = cpuMs() - began;
      slowest = Math.max(slowest, took);
      if (took > slowMs) throw new Error(`it took ${took.toFixed(0)} ms of CPU time`);
    },
  };
  const found = await fuzz(watched, readCorpus(name), new TestRandom(seed), () => performance.now() >= ends);
  await running.stop();
  console.log(`${name}: ${inputs} inputs, the slowest ${slowest.toFixed(1)} ms${found === undefined ? '' : `; FOUND ${found.input.toString('hex')}`}`);
  if (found === undefined) return true;
  console.log(found.error);
  keepInCorpus(name, found.input, `found with the seed ${seed}: ${String(found.error).split('\n')[0]}`);
  return false;
}

const { minutes, seed, chosen } = readOptions();
console.log(`seed ${seed}`);
for (const target of chosen) {
  if (!(await tryTarget(target, (minutes * 60_000) / chosen.length, seed))) process.exitCode = 1;
}
