/** What the benchmark could use and this machine does not have. */
import { pathOf } from './programs.js';
import { peers } from './servers.js';

export interface Missing {
  readonly program: string;
  /** The Debian package that brings it; `undefined` when none does. */
  readonly debian: string | undefined;
  readonly consequence: string;
}

/** @param withPeers whether other DNS servers are wanted at all */
export function missingOf(withPeers: boolean, has: (program: string) => boolean = (program) => pathOf(program) !== undefined): Missing[] {
  const wanted: Missing[] = [
    { program: 'dnsperf', debian: 'dnsperf', consequence: 'a generator in Node.js asks, which costs as much as the server' },
    ...(withPeers ? peers : []).map(({ program, debian }) => ({ program, debian, consequence: 'it is not compared with' })),
  ];
  return wanted.filter(({ program }) => !has(program));
}

/** What to tell, as lines: nothing when nothing is missing. */
export function adviceFor(missing: readonly Missing[]): string[] {
  const packages = missing.flatMap(({ debian }) => debian ?? []);
  const lines = missing.map(({ program, consequence, debian }) =>
    `${program} is not installed${debian === undefined ? ' and no Debian package brings it: put it on PATH' : ''}; ${consequence}`);
  return packages.length === 0 ? lines : [...lines, `to install what is missing: sudo apt-get install ${packages.join(' ')}`];
}
