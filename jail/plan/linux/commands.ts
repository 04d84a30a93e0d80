/** Commands that the steps for Linux are made of. */
import type { Words } from '../commands.js';
import type { Command } from '../step.js';

export { clear, command, prints, shell } from '../commands.js';

/** The same command inside a network namespace: with its interfaces, and its own files of /etc/netns. */
export const inside = (namespace: string, { argv, ...rest }: Command): Command => ({ argv: ['ip', 'netns', 'exec', namespace, ...argv], ...rest });

/** `ip` at work on a namespace, or on that in which vpnjail runs. */
export const ip = (namespace: string | undefined, ...words: readonly string[]): Words =>
  ['ip', ...(namespace === undefined ? [] : ['-n', namespace]), ...words];
