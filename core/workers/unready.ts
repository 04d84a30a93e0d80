import type { Host, Unready } from '../host.js';

const textOf = ({ plugin, reason }: Unready): string => `${plugin}: ${reason}`;

/** What keeps this host from being ready, and besides what keeps the other workers from it: they mostly share their reasons. */
export async function everyUnready(host: Pick<Host, 'unready' | 'workers'>): Promise<readonly Unready[]> {
  const own = host.unready();
  const others = host.workers.isFirst ? await host.workers.unready() : [];
  const said = new Set(own.map(textOf));
  return [...own, ...new Map(others.filter((each) => !said.has(textOf(each))).map((each) => [textOf(each), each])).values()];
}
