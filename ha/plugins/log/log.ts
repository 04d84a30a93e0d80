/** A line for every piece of work. */
import { isFailure, type Order, type Worked } from '../../hooks.js';

export type Class = 'success' | 'failure' | 'all';

export interface WorkLogOptions {
  /** None means all. */
  readonly vpns: readonly string[];
  /** None means all. */
  readonly classes: readonly Class[];
}

/** Returns what is to be called for every piece of work. */
export function createWorkLog({ vpns, classes }: WorkLogOptions, write: (line: string) => void): (order: Order, worked: Worked) => void {
  const wanted = new Set<Class>(classes.length === 0 ? ['all'] : classes);
  return (order, worked) => {
    const { vpn, kind } = order;
    const { ok, reason, output, durationMs } = worked;
    const failed = isFailure(order, worked);
    if (!wanted.has('all') && !wanted.has(failed ? 'failure' : 'success')) return;
    if (vpns.length > 0 && !vpns.includes(vpn.id)) return;
    const head = `${vpn.id} ${kind} ${failed ? 'failed' : ok ? 'ok' : 'none'} ${(durationMs / 1000).toFixed(3)}s`;
    write([reason === undefined ? head : `${head}: ${reason}`, ...printed(output)].join('\n'));
  };
}

/** What a command has printed, below its line. */
const printed = (output = ''): string[] => output.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '');
