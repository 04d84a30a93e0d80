/** What runs in jails. */
import type { RenderedFile } from '../../files/file.js';
import { jailOf, rootOf } from '../../files/freebsd/names.js';
import type { Container, Site } from '../../site/site.js';
import type { Command, Step } from '../step.js';
import { command, inside, shell, stampOf, type Words } from './commands.js';

/** `$1`: a file with a process id. Asks the process to end, and waits, for at most ten seconds. */
const end = `pkill -F "$1" 2>/dev/null || exit 0
n=0; while pgrep -F "$1" >/dev/null 2>&1 && [ "$n" -lt 100 ]; do n=$((n + 1)); sleep 0.1; done`;

/** `$1`: that file; then what starts it. A daemon leaves its starter before it has written its id. */
const begin = `file=$1; shift; "$@" || exit
n=0; until pgrep -F "$file" >/dev/null 2>&1; do n=$((n + 1)); [ "$n" -lt 100 ] || exit 1; sleep 0.1; done`;

export interface Daemon {
  readonly name: string;
  /** What it does, for people. */
  readonly purpose: string;
  /** In the jail. */
  readonly pidFile: string;
  readonly start: Words;
  /** What it reads when it starts. */
  readonly files: readonly RenderedFile[];
}

/** Beside the process ids of the jail: gone when it restarts. */
const markOf = (site: Site, container: Container, name: string): string => `${rootOf(site, container)}/var/run/vpncore-${name}.mark`;

interface Marked {
  readonly test: Command;
  readonly make: Command;
  readonly undo: Command;
}

const marked = (path: string, input: string): Marked =>
  ({ test: { ...command('cmp', '-s', '-', path), input }, make: { ...command('tee', path), input }, undo: command('rm', '-f', path) });

/** Started again when what it reads has changed. */
export function daemonStep(site: Site, container: Container, { name, purpose, pidFile, start, files }: Daemon): Step {
  const at = (...argv: Words): Command => inside(jailOf(site, container), command(...argv));
  const mark = marked(markOf(site, container, name), `${stampOf(start, files)}\n`);
  return {
    part: container.name, title: `${container.name}: ${name}, ${purpose}`,
    test: [at('pgrep', '-F', pidFile), mark.test],
    make: [at(...shell(end, pidFile)), at(...shell(begin, pidFile, ...start)), mark.make],
    undo: [mark.undo, at(...shell(end, pidFile))],
  };
}

/** A program of ours under daemon(8), which writes what it says to a log and starts it again when it dies. */
export function supervised(name: string, user: string | undefined, argv: readonly string[]): Pick<Daemon, 'pidFile' | 'start'> {
  const pidFile = `/var/run/${name}.pid`;
  const as = user === undefined ? [] : ['-u', user];
  return { pidFile, start: ['daemon', '-f', '-r', '-H', '-P', pidFile, '-o', `/var/log/${name}.log`, '-t', name, ...as, ...argv] };
}

/** Something with a script of rc(8). @param one `one` for a service that rc.conf does not enable */
export function serviceStep(site: Site, container: Container, name: string, purpose: string, one: 'one' | '', files: readonly RenderedFile[]): Step {
  const at = (action: string): Command => inside(jailOf(site, container), command('service', name, `${one}${action}`));
  const mark = marked(markOf(site, container, name), `${stampOf([name], files)}\n`);
  return {
    part: container.name, title: `${container.name}: ${name}, ${purpose}`,
    test: [at('status'), mark.test],
    make: [at('restart'), mark.make],
    undo: [mark.undo, at('stop')],
  };
}
