/**
 * `npm run sim`: the simulator from the command line.
 *
 *     npm run sim -- --seeds 20000          that many schedules, from seed 1 (or --from)
 *     npm run sim -- --seed 4711            one, with its time line if it fails
 *     npm run sim -- --mutations            is every rule, broken on purpose, found out?
 *     npm run sim -- --search 8             everything that can happen in a small world, to that depth
 *
 * `--sites N` and `--vpns N` fix the size of the worlds. Ends with status 1 when something was found.
 */
import { parseArgs } from 'node:util';
import { generate } from './generate.js';
import { judgeAll } from './mutations.js';
import { explain, figures, runMany } from './report.js';
import { search } from './search.js';

/** A search stops when it has seen so many states: a million take about a gigabyte. */
const statesMax = 1_000_000;
/** Seeds that a mutation may hide from. */
const mutationSeeds = 400;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' }, from: { type: 'string', default: '1' }, seed: { type: 'string' }, sites: { type: 'string' }, vpns: { type: 'string' },
    mutations: { type: 'boolean', default: false }, search: { type: 'string' },
  },
});

const wishes = {
  ...(values.sites === undefined ? {} : { sites: numberOf('sites', values.sites, 2, 5) }),
  ...(values.vpns === undefined ? {} : { vpns: numberOf('vpns', values.vpns, 1, 4) }),
};

let isWell = true;
if (values.mutations) isWell = await judgeAll(mutationSeeds, console.log) && isWell;
if (values.search !== undefined) isWell = runSearch(numberOf('search', values.search, 1, 100)) && isWell;
if (values.seed !== undefined) isWell = runOne(numberOf('seed', values.seed, 0, 2 ** 32)) && isWell;
if (values.seeds !== undefined || (!values.mutations && values.search === undefined && values.seed === undefined)) {
  isWell = runAll(numberOf('from', values.from, 0, 2 ** 32), numberOf('seeds', values.seeds ?? '1000', 1, 1e9)) && isWell;
}
process.exitCode = isWell ? 0 : 1;

function numberOf(name: string, text: string, low: number, high: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= low && number <= high) return number;
  console.error(`sim: --${name} wants a whole number from ${low} to ${high}, not '${text}'`);
  process.exit(2);
}

function runOne(seed: number): boolean {
  const explanation = explain(generate(seed, wishes));
  console.log(explanation ?? `seed ${seed}: all invariants hold`);
  return explanation === undefined;
}

function runAll(from: number, count: number): boolean {
  const begun = process.cpuUsage();
  const found = runMany(from, count, wishes);
  const { user, system } = process.cpuUsage(begun);
  console.log(figures(found, (user + system) / 1000));
  const [first] = found.violations;
  if (first !== undefined) console.log(`\n${explain(generate(first.seed, wishes)) ?? ''}`);
  return first === undefined;
}

function runSearch(depth: number): boolean {
  let isSound = true;
  for (const [sites, troubles] of [[2, 3], [3, 2]] as const) {
    const { states, depth: reached, broken } = search({ sites, troubles, depth, statesMax });
    console.log(`search      ${sites} sites, up to ${troubles} crashes and cuts: ${states} states, complete to depth ${reached}`);
    if (broken !== undefined) console.log(`${broken.what}\n  ${broken.moves.join('\n  ')}`);
    isSound &&= broken === undefined;
  }
  return isSound;
}
