/** A world for plans to be carried out in: stand-ins of FreeBSD's commands, and files in a directory of the test. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Result } from '../../../../core/process/run.js';
import type { World } from '../../../run/world.js';
import type { Command } from '../../step.js';
import { perform, standInNames } from './machine.js';
import type { StandIns } from './stand-ins.js';
import { did, failed, fine, type Machine, type Outcome } from './state.js';

type FileCommand = (args: readonly string[], input: string) => Outcome;

const isDirectory = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
const read = (path: string, input: string): string | undefined => (path === '-' ? input : existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** What plans do with files, without a process for each. */
const fileCommands = new Map<string, FileCommand>(Object.entries({
  cmp: ([, one = '', other = ''], input) => (read(one, input) !== undefined && read(one, input) === read(other, input) ? fine() : failed('differ')),
  tee: ([path = ''], input) => did(writeFileSync(path, input)),
  cat: ([path = '']) => (existsSync(path) ? fine(readFileSync(path, 'utf8')) : failed('no such file')),
  rm: (words) => did(words.filter((word) => !word.startsWith('-')).map((path) => rmSync(path, { force: true, recursive: words.includes('-r') }))),
  rmdir: ([path = '']) => did(rmdirSync(path)),
  mkdir: ([, path = '']) => did(mkdirSync(path, { recursive: true })),
  test: ([flag, path = '']) => ((flag === '-d' ? isDirectory(path) : existsSync(path) && (flag !== '-s' || statSync(path).size > 0)) ? fine() : failed('')),
  install: (words) => (words[0] === '-d' ? did(mkdirSync(words.at(-1)!, { recursive: true })) : copy(words)),
} satisfies Readonly<Record<string, FileCommand>>));

/** `-m MODE FROM TO` */
function copy([, mode = '', from = '', to = '']: readonly string[]): Outcome {
  rmSync(to, { force: true });
  return did(writeFileSync(to, from === '/dev/null' ? '' : readFileSync(from, 'utf8'), { mode: Number.parseInt(mode, 8) }));
}

export interface TestWorld extends World {
  readonly lines: readonly string[];
  /** This very command fails. */
  breaks: Command | undefined;
}

export function createWorld(machine: Machine, { path }: StandIns): TestWorld {
  const lines: string[] = [];
  const world: TestWorld = {
    lines, breaks: undefined,
    tell: (line) => void lines.push(line),
    now: () => 0,
    async perform(command) {
      const outcome = command === world.breaks ? failed('it was to fail') : await outcomeOf(machine, path, command);
      const { code, output } = outcome;
      if (code === 0 && (command.prints === undefined || output.includes(command.prints))) return { ok: true, output };
      return { ok: false, output, reason: `exit code ${code}: ${output}` } satisfies Result;
    },
  };
  return world;
}

async function outcomeOf(machine: Machine, path: string, { argv, input = '' }: Command): Promise<Outcome> {
  const jail = argv[0] === 'jexec' ? argv[1] : undefined;
  const [program = '', ...args] = jail === undefined ? argv : argv.slice(2);
  if (jail !== undefined && !machine.jails.has(jail)) return failed('jexec: no such jail');
  if (program === 'sh') return viaShell(path, jail, args);
  const onFiles = fileCommands.get(program);
  if (onFiles === undefined || standInNames.includes(program)) return perform(machine, jail, [program, ...args]);
  try {
    return onFiles(args, input);
  } catch (error) {
    return failed((error as Error).message);
  }
}

function viaShell(path: string, jail: string | undefined, args: readonly string[]): Promise<Outcome> {
  const env = { PATH: `${path}:/usr/bin:/bin`, ...(jail !== undefined && { STAND_IN_JAIL: jail }) };
  const child = spawn('sh', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => { output += chunk; });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? 1, output })));
}
