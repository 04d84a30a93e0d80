/** Daemons: started in a container's namespace, and again when what they were started with has changed. */
import type { RenderedFile } from '../../files/file.js';
import { stampOf } from '../commands.js';
import type { Step } from '../step.js';
import { command } from './commands.js';

export interface Daemon {
  readonly part: string;
  readonly namespace: string;
  readonly name: string;
  /** What it does, for people. */
  readonly purpose: string;
  readonly argv: readonly [string, ...string[]];
  /** A condition for the shell, asked in its namespace, that holds when it is ready. */
  readonly ready: string;
  /** What it reads when it starts. */
  readonly files?: readonly RenderedFile[];
  /** The program, where `argv` begins with something else. */
  readonly program?: string;
  /** Programs that {@link ready} asks. */
  readonly needs?: readonly string[];
}

/** Seconds that a daemon may take to be ready, and to end. */
const patience = 15;

/** @param run the directory of what goes with `down` */
export function daemonStep(run: string, { part, namespace, name, purpose, argv, ready, files = [], program = argv[0], needs = [] }: Daemon): Step {
  const tool = (action: string, ...words: readonly string[]) => command('sh', `${run}/bin/daemon`, action, namespace, name, ...words);
  const stamp = stampOf(argv, files);
  return {
    part, title: `${part}: ${name}, ${purpose}`,
    test: [tool('running', stamp)],
    make: [tool('start', stamp, String(patience), ready, ...argv)],
    undo: [tool('stop', String(patience))],
    needs: ['setsid', program, ...needs],
  };
}
