/** Commands that the steps for Linux are made of. */
import type { Command } from '../step.js';

type Words = readonly [string, ...string[]];

export const command = (...argv: Words): Command => ({ argv });

/** It clears away what may be there. */
export const clear = (...argv: Words): Command => ({ argv, mayFail: true });

/** It succeeds when what it prints holds a text. */
export const prints = (text: string, ...argv: Words): Command => ({ argv, prints: text });

/** The same command inside a network namespace: with its interfaces, and its own files of /etc/netns. */
export const inside = (namespace: string, { argv, ...rest }: Command): Command => ({ argv: ['ip', 'netns', 'exec', namespace, ...argv], ...rest });

/** `ip` at work on a namespace, or on that in which vpnjail runs. */
export const ip = (namespace: string | undefined, ...words: readonly string[]): Words =>
  ['ip', ...(namespace === undefined ? [] : ['-n', namespace]), ...words];

/** A script of a few lines for the shell, whose arguments are `$1`, `$2` … */
export const shell = (script: string, ...words: readonly string[]): Words => ['sh', '-c', script, 'sh', ...words];
