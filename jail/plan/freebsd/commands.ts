/** Commands that the steps for FreeBSD are made of. README.md tells the section of the manual for each kind. */
import { command, shell } from '../commands.js';
import type { Command } from '../step.js';

export { clear, command, prints, shell, stampOf, type Words } from '../commands.js';

/** The same command in a jail: with its network, its processes, its files. */
export const inside = (jail: string, { argv, ...rest }: Command): Command => ({ argv: ['jexec', jail, ...argv], ...rest });

/** Destroys an interface, if it is ours: nobody else's bridge0 is lost because it has that name. */
export const destroyOurs = (name: string, group: string): Command =>
  command(...shell('if ifconfig "$1" 2>/dev/null | grep -q "groups:.* $2"; then ifconfig "$1" destroy; fi', name, group));
