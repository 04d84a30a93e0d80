/** Drivers that are commands. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Host } from '../../core/host.js';
import type { Driver, Order } from '../hooks.js';
import { run } from './run.js';

/** A driver that does its work by a command: exit code 0 is success. A start may leave a session running, anything else leaves nothing. */
export const commandDriver = ({ clock, runtime: { env } }: Pick<Host, 'clock' | 'runtime'>, argvOf: (order: Order) => readonly string[]): Driver =>
  (order) => run({ argv: argvOf(order), env, clock, signal: order.signal, ...(order.kind === 'start' && { sessionOutput: order.outputFile }) });

/** Why a program can't be run, or `undefined` when it can. @param program a path, or a name that is looked for in PATH */
export function whyNotExecutable(program: string, path: string | undefined): string | undefined {
  if (program.includes('/')) return problemOf(program);
  const found = (path ?? '').split(delimiter).some((directory) => directory !== '' && problemOf(join(directory, program)) === undefined);
  return found ? undefined : `${program} is nowhere in PATH`;
}

function problemOf(path: string): string | undefined {
  try {
    if (statSync(path).isDirectory()) return `${path} is a directory`;
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? `${path} is not executable` : `${path} is missing`;
  }
}
