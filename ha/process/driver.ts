/** Drivers that are commands. */
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Host } from '../../core/host.js';
import { endLeftover, run } from '../../core/process/run.js';
import type { Driver, Order } from '../hooks.js';

/** A driver that does its work by a command: exit code 0 is success. A start may leave a session running, anything else leaves nothing. */
export const commandDriver = ({ clock, runtime: { env } }: Pick<Host, 'clock' | 'runtime'>, argvOf: (order: Order) => readonly string[]): Driver =>
  (order) => run({
    argv: argvOf(order), env, clock, signal: order.signal, record: `${order.outputFile}.${order.kind}`,
    ...(order.kind === 'start' && { sessionOutput: order.outputFile }),
  });

/**
 * Ends the commands that an earlier daemon, which was killed, has left running: or there would soon be two at work on one VPN.
 * @param directory where the output files of its orders are
 * @param prefix how those of this site begin
 * @returns their command lines
 */
export async function endLeftovers(directory: string, prefix: string, { clock, runtime: { env } }: Pick<Host, 'clock' | 'runtime'>): Promise<string[]> {
  const ended: string[] = [];
  for (const file of readdirSync(directory)) {
    if (!file.startsWith(prefix) || !/\.log\.[A-Za-z]+$/.test(file)) continue;
    const command = await endLeftover(join(directory, file), { env, clock, signal: new AbortController().signal });
    if (command !== undefined) ended.push(command);
  }
  return ended;
}

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
