/** What is said of things that strangers can make happen as often as they like. */
import { limits } from './limits.js';
import type { Clock } from './runtime.js';

/** Tells a line, or counts it. */
export type Remark = (line: () => string) => void;

/** Tells the first line, and then one every `limits.remarkMs` at most, which says how many there were between. */
export function sparingly(clock: Clock, tell: (line: string) => void): Remark {
  let silentUntil = -Infinity;
  let untold = 0;
  return (line) => {
    const now = clock.now();
    if (now < silentUntil) return void untold++;
    tell(untold === 0 ? line() : `${line()} (and ${untold} times more since it was last said)`);
    silentUntil = now + limits.remarkMs;
    untold = 0;
  };
}
