/**
 * `npm run bench`: what a query costs, against a bare socket of Node.js and against other servers, and what lists, starts and reloads cost.
 * Everything happens on 127.0.0.1; what is measured is measured in turns, round by round, and a figure is the median of its rounds.
 * For the options see `options.ts`, or `--help`.
 */
import { measureCacheMemory } from './cache-memory.js';
import type { Figure } from './figure.js';
import { dnsperf, nodeGenerator } from './generator.js';
import { measureLatency } from './latency.js';
import { measureLists, measureReload, measureStart } from './lists.js';
import { adviceFor, missingOf } from './missing.js';
import { nodeOf, thisNode, type NodeProgram } from './node-versions.js';
import { readOptions, type FigureName, type Options } from './options.js';
import { measureOverload } from './overload.js';
import { pathOf } from './programs.js';
import { measureRefused } from './refused.js';
import { publish, textOfReport } from './report.js';
import { peers } from './servers.js';
import { measureSpeed } from './speed.js';
import { Workbench } from './workbench.js';
import { measureWorkers } from './workers.js';

const measures: Readonly<Record<FigureName, (bench: Workbench) => Promise<Figure[]>>> = {
  'latency': measureLatency, 'overload': measureOverload, 'refused': measureRefused, 'start': measureStart, 'lists': measureLists,
  'reload': measureReload, 'cache-memory': measureCacheMemory, 'workers': measureWorkers,
};

/** Measures all that the options ask for, with one Node.js. */
async function run(options: Options, node: NodeProgram): Promise<void> {
  const { quick, rounds, paths, withPeers, whole } = options;
  const hasDnsperf = pathOf('dnsperf') !== undefined;
  const bench = new Workbench(hasDnsperf ? dnsperf : nodeGenerator, { rounds, quick, node });
  bench.note(hasDnsperf ? 'Asked by dnsperf.' : 'Asked by a generator in Node.js, which costs as much as the server.');
  const end = (): void => {
    bench.kill();
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  try {
    const rivals = withPeers ? peers.filter(({ program }) => pathOf(program) !== undefined) : [];
    if (paths.length > 0) bench.progress(`Node.js ${node.version}: ${paths.join(', ')}`);
    const speeds = await measureSpeed(bench, paths, rivals);
    const figures: Figure[] = [];
    for (const [i, name] of options.figures.entries()) {
      bench.progress(`Node.js ${node.version}: ${name} (${i + 1} of ${options.figures.length})`);
      figures.push(...(await measures[name](bench)));
    }
    await bench.close();
    bench.noteOthers();
    const report = { speeds, figures, notes: bench.notes, rounds };
    console.log(`\nNode.js ${node.version}\n\n${textOfReport(report, node.version, whole)}`);
    console.log(`written to ${publish(report, node.version, whole)}`);
  } finally {
    await bench.close();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (process.platform !== 'linux') throw new RangeError('the benchmark reads the costs of processes from /proc, as Linux has it');
  for (const line of adviceFor(missingOf(options.withPeers))) console.error(line);
  // A version that can't be had is told before anything is measured.
  const nodes = options.nodes.length === 0 ? [thisNode] : options.nodes.map(nodeOf);
  for (const node of nodes) await run(options, node);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
}
