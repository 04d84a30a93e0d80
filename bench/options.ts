/** What the command line of the benchmark says. */
import { parseArgs } from 'node:util';
import { pathNames, type PathName } from './speed.js';

export const figureNames = ['latency', 'overload', 'refused', 'start', 'lists', 'reload', 'cache-memory', 'workers'] as const;
export type FigureName = (typeof figureNames)[number];
const names: readonly string[] = [...pathNames, ...figureNames];
/** What a short look leaves out, unless it is asked for. */
const slow: readonly string[] = ['overload', 'refused', 'reload', 'cache-memory', 'workers'] satisfies FigureName[];

const usage = `npm run bench -- [OPTION…]
  --quick          a short look, under a minute: nothing is written to README.md, and ${slow.join(', ')} are left out
  --rounds N       of everything that is measured in turn: 1 to 100, default 5, with --quick 2
  --only A,B…      of ${names.join(', ')}
  --no-peers       leave other DNS servers out
  --node V,W…      versions of Node.js to run the server with, such as 20,24 or 24.1.0, fetched from the npm registry; default: the one that runs this`;

export interface Options {
  readonly quick: boolean;
  readonly rounds: number;
  readonly paths: readonly PathName[];
  readonly figures: readonly FigureName[];
  /** Whether nothing is left out. */
  readonly whole: boolean;
  readonly withPeers: boolean;
  /** Empty for the Node.js that runs this. */
  readonly nodes: readonly string[];
}

/** Throws a RangeError that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): Options {
  const values = parsed(args);
  const { quick = false } = values;
  const only = values.only?.split(',') ?? names.filter((name) => !quick || !slow.includes(name));
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new RangeError(`--only: '${unknown}' is none of ${names.join(', ')}`);
  const rounds = Number(values.rounds ?? (quick ? 2 : 5));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) throw new RangeError(`--rounds: '${values.rounds}' is no number from 1 to 100`);
  const nodes = values.node?.split(',') ?? [];
  const odd = nodes.find((version) => !/^\d+(?:\.\d+){0,2}$/.test(version));
  if (odd !== undefined) throw new RangeError(`--node: '${odd}' is no version such as 24 or 24.1.0`);
  return {
    quick, rounds, nodes, withPeers: values['no-peers'] !== true, whole: !quick && values.only === undefined,
    paths: pathNames.filter((name) => only.includes(name)), figures: figureNames.filter((name) => only.includes(name)),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'quick': { type: 'boolean' }, 'rounds': { type: 'string' }, 'only': { type: 'string' }, 'no-peers': { type: 'boolean' }, 'node': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new RangeError(`${(error as Error).message.split('. ')[0]}\n\n${usage}`);
  }
}
