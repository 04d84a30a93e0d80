/** Commands that the steps for FreeBSD are made of. README.md tells the section of the manual for each kind. */
import type { Command } from '../step.js';

export type Words = readonly [string, ...string[]];

export const command = (...argv: Words): Command => ({ argv });

/** It clears away what may be there. */
export const clear = (...argv: Words): Command => ({ argv, mayFail: true });

/** It succeeds when what it prints holds a text. */
export const prints = (text: string, ...argv: Words): Command => ({ argv, prints: text });

/** The same command in a jail: with its network, its processes, its files. */
export const inside = (jail: string, { argv, ...rest }: Command): Command => ({ argv: ['jexec', jail, ...argv], ...rest });

/** A script of a few lines for the shell, whose arguments are `$1`, `$2` … */
export const shell = (script: string, ...words: readonly string[]): Words => ['sh', '-c', script, 'sh', ...words];

/** Destroys an interface, if it is ours: nobody else's bridge0 is lost because it has that name. */
export const destroyOurs = (name: string, group: string): Command =>
  command(...shell('if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi', name, group));
