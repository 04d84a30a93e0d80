/**
 * `npm run bench`: what a query costs, against a bare socket of Node.js and against other servers, and what lists, starts and reloads cost.
 * Everything happens on 127.0.0.1; what is measured is measured in turns, round by round, and a figure is the median of its rounds.
 *
 *     --quick            a short look (under a minute); nothing is written to README.md
 *     --rounds N         default 5
 *     --only A,B…        of cached, static, blocked, forwarded (each beside echo), latency, overload,
 *                        refused, start, lists, reload, cache-memory, workers
 *     --no-peers         leave other servers out
 */
import { parseArgs } from 'node:util';
import { measureCacheMemory } from './cache-memory.js';
import { dnsperf, nodeGenerator } from './generator.js';
import { measureLatency } from './latency.js';
import { measureLists, measureReload, measureStart } from './lists.js';
import { measureOverload } from './overload.js';
import { pathOf } from './programs.js';
import { measureRefused } from './refused.js';
import { publish, textOfReport, type Report } from './report.js';
import { peers } from './servers.js';
import { measureSpeed, pathNames } from './speed.js';
import { Workbench } from './workbench.js';
import { measureWorkers } from './workers.js';

const figureNames = ['latency', 'overload', 'refused', 'start', 'lists', 'reload', 'cache-memory', 'workers'] as const;
const names: readonly string[] = [...pathNames, ...figureNames];

interface Options {
  readonly quick: boolean;
  readonly rounds: number;
  readonly only: readonly string[];
  readonly withPeers: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      'quick': { type: 'boolean', default: false }, 'rounds': { type: 'string' }, 'only': { type: 'string' }, 'no-peers': { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',') ?? names;
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new RangeError(`--only: '${unknown}' is none of ${names.join(', ')}`);
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) throw new RangeError(`--rounds: '${values.rounds}' is no number from 1 to 100`);
  return { quick: values.quick, rounds, only, withPeers: !values['no-peers'] };
}

async function main(): Promise<void> {
  const { quick, rounds, only, withPeers } = readOptions();
  if (process.platform !== 'linux') throw new RangeError('the benchmark reads the costs of processes from /proc, as Linux has it');
  const hasDnsperf = pathOf('dnsperf') !== undefined;
  const bench = new Workbench(hasDnsperf ? dnsperf : nodeGenerator, rounds, quick);
  bench.note(hasDnsperf ? 'Asked by dnsperf.' : 'Asked by a generator in Node.js, which costs as much as the server; dnsperf (Debian: dnsperf) is better.');
  const rivals = withPeers ? peers.filter(({ program }) => pathOf(program) !== undefined) : [];
  for (const { program, debian } of withPeers ? peers : []) {
    if (pathOf(program) === undefined) bench.note(`${program} is not installed${debian === undefined ? '' : ` (Debian: ${debian})`}.`);
  }
  const end = (): void => {
    bench.kill();
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  try {
    const speeds = await measureSpeed(bench, pathNames.filter((name) => only.includes(name)), rivals);
    const measures = {
      latency: measureLatency, overload: measureOverload, refused: measureRefused, start: measureStart, lists: measureLists,
      reload: measureReload, 'cache-memory': measureCacheMemory, workers: measureWorkers,
    };
    const figures = [];
    for (const name of figureNames) if (only.includes(name)) figures.push(...(await measures[name](bench)));
    await bench.close();
    bench.noteOthers();
    const report: Report = { speeds, figures, notes: bench.notes, rounds };
    console.log(textOfReport(report));
    const whole = !quick && only === names;
    console.log(`written to ${publish(report, whole)}`);
  } finally {
    await bench.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
}
