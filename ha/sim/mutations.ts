/**
 * Is the simulator any good? The machine with each of its rules broken on purpose must be found out. The rules are broken in a copy of the compiled
 * machine, by replacing text; a text that is not there any more is an error, so that the table can't go stale unnoticed.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { directed, play } from './directed.js';
import { generate } from './generate.js';
import { mutations, type Mutation } from './mutation-table.js';
import { run } from './run.js';
import type { Machine } from './machine.js';

export interface Verdict {
  readonly mutation: Mutation;
  /** The directed schedule, or the invariant and the seed; nothing if nobody noticed. */
  readonly foundBy: string | undefined;
  readonly schedules: number;
}

const machineDirectory = fileURLToPath(new URL('../machine/', import.meta.url));

/** Puts a copy of the machine with one rule broken to use, then removes it. Throws if the text to replace is not there exactly once. */
async function withMutant<T>({ file, from, to }: Mutation, use: (machine: Machine) => T): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'vpncore-mutant-'));
  try {
    await cp(machineDirectory, directory, { recursive: true, filter: (name) => !/\.test\.|\.map$|\.d\.ts$/.test(name) });
    await writeFile(path.join(directory, 'package.json'), '{"type":"module"}');
    const target = path.join(directory, file);
    const text = await readFile(target, 'utf8');
    const parts = text.split(from);
    if (parts.length !== 2) throw new Error(`the mutation of ${file} has no place: ${JSON.stringify(from)} occurs ${parts.length - 1} times`);
    await writeFile(target, parts.join(to));
    return use(await import(pathToFileURL(path.join(directory, 'index.js')).href) as Machine);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Plays the directed schedules, then seeds, until one of them notices. */
export async function judge(mutation: Mutation, seedsMax: number): Promise<Verdict> {
  return withMutant(mutation, (machine) => {
    let schedules = 0;
    for (const each of directed) {
      schedules++;
      if (play(each, machine) !== undefined) return { mutation, foundBy: each.name.slice(0, 3), schedules };
    }
    for (let seed = 1; seed <= seedsMax; seed++) {
      schedules++;
      const { violation } = run(generate(seed), { machine });
      if (violation !== undefined) return { mutation, foundBy: `${violation.invariant}, seed ${seed}`, schedules };
    }
    return { mutation, foundBy: undefined, schedules };
  });
}

/** Judges all, and says of each how it was found. */
export async function judgeAll(seedsMax: number, say: (line: string) => void): Promise<boolean> {
  const width = Math.max(...mutations.map(({ rule }) => rule.length));
  let found = 0;
  say(`${'RULE THAT IS BROKEN'.padEnd(width)}  FOUND BY       SCHEDULES`);
  for (const mutation of mutations) {
    const { foundBy, schedules } = await judge(mutation, seedsMax);
    if (foundBy !== undefined) found++;
    say(`${mutation.rule.padEnd(width)}  ${(foundBy ?? 'NOT FOUND').padEnd(13)}  ${String(schedules).padStart(9)}`);
  }
  say(`${found} of ${mutations.length} are found`);
  return found === mutations.length;
}
