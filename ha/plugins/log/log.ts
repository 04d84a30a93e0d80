/** A line for every piece of work. */
import type { Order, Outcome } from '../../hooks.js';

export type Class = 'success' | 'failure' | 'all';

export interface WorkLogOptions {
  /** None means all. */
  readonly vpns: readonly string[];
  /** None means all. */
  readonly classes: readonly Class[];
}

/** Returns what is to be called for every piece of work. */
export function createWorkLog({ vpns, classes }: WorkLogOptions, write: (line: string) => void): (order: Order, outcome: Outcome & { durationMs: number }) => void {
  const wanted = new Set<Class>(classes.length === 0 ? ['all'] : classes);
  return ({ vpn, kind }, { ok, reason, output, durationMs }) => {
    if (!wanted.has('all') && !wanted.has(ok ? 'success' : 'failure')) return;
    if (vpns.length > 0 && !vpns.includes(vpn.id)) return;
    const head = `${vpn.id} ${kind} ${ok ? 'ok' : 'failed'} ${(durationMs / 1000).toFixed(3)}s`;
    write([reason === undefined ? head : `${head}: ${reason}`, ...printed(output)].join('\n'));
  };
}

/** What a command has printed, below its line. */
const printed = (output = ''): string[] => output.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '');
