/** All clients behind a tunnel, asking at once. */
import { run, within } from './command.js';
import { compiled, type LabClient } from './layout.js';

export interface Told {
  readonly source: string;
  readonly name: string;
  /** RFC 1035 section 4.1.1: 0 is NOERROR, 2 SERVFAIL; `-` when nobody answered. */
  readonly status: string;
  /** Addresses with commas between them; `-` for none. */
  readonly addresses: string;
}

export async function askAtOnce({ namespace, sources }: LabClient, resolver: string, rounds: number, names: readonly string[]): Promise<Told[]> {
  const argv = within(namespace, process.execPath, compiled('./ask-program.js'), resolver, sources.join(), String(rounds), names.join());
  return (await run(argv)).trim().split('\n').map((line) => {
    const [source = '', name = '', status = '', addresses = ''] = line.split(' ');
    return { source, name, status, addresses };
  });
}
