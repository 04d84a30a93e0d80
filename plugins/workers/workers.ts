/** `workers` says how many threads serve; the host begins them. */
import { integer, value, type Value } from '../../core/properties.js';
import type { Machine } from '../../core/runtime.js';

export type Wanted = number | 'auto';

const number = integer({ min: 1 });

export const workerCount = (): Value<Wanted> => value('N|auto', (word, at) => (word === 'auto' ? word : number.read(word, at)));

/** Since this version sockets can share a port. */
const neededVersion = { text: '22.12', major: 22, minor: 12 };

function canShare(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major > neededVersion.major || (major === neededVersion.major && minor >= neededVersion.minor);
}

/** How many that is on this machine. Throws a RangeError when it can't give so many. */
export function countOf(wanted: Wanted, { nodeVersion, parallelism }: Pick<Machine, 'nodeVersion' | 'parallelism'>): number {
  const count = wanted === 'auto' ? parallelism : wanted;
  if (count > parallelism) throw new RangeError(`${count} workers are more than this machine can run at one time (${parallelism}); 'auto' takes them all`);
  if (count > 1 && !canShare(nodeVersion)) {
    throw new RangeError(`${count} workers need Node.js ${neededVersion.text} or later, where sockets can share a port; this is ${nodeVersion}`);
  }
  return count;
}
