/** Which of the servers that come into question is asked. */
import type { Random } from '../runtime.js';
import type { Policy } from './options.js';
import type { Upstream } from './upstream.js';

/** Chooses one; `candidates` is never empty and in the order of the Corefile. */
export type Choose = (candidates: readonly Upstream[]) => Upstream;

export function chooser(policy: Policy, servers: number, random: Random): Choose {
  switch (policy) {
    case 'sequential':
      return (candidates) => candidates[0]!;
    case 'random':
      return (candidates) => candidates[candidates.length === 1 ? 0 : random.below(candidates.length)]!;
    case 'round_robin': {
      let turn = 0;
      return (candidates) => {
        const from = turn;
        const chosen = candidates.find(({ index }) => index >= from) ?? candidates[0]!;
        turn = (chosen.index + 1) % servers;
        return chosen;
      };
    }
  }
}
