/** GRE tunnels. */
import type { Address } from '../../../core/address.js';
import type { Step } from '../step.js';
import { command, ip, prints } from './commands.js';

export { clientMtu, linkMtu } from '../../files/mtu.js';

export interface Gre {
  readonly part: string;
  readonly namespace: string;
  readonly interface: string;
  /** Who is at the other end, for people. */
  readonly to: string;
  /** Between these the packets go. */
  readonly local: Address;
  readonly remote: Address;
  /** Inside; with the length of its network's prefix. */
  readonly address: string;
  readonly mtu: number;
}

/** @param run the directory of what goes with `down` */
export function greStep(run: string, { part, namespace, interface: name, to, local, remote, address, mtu }: Gre): Step {
  const tool = (action: string, ...words: readonly string[]) => command('sh', `${run}/bin/gre`, action, namespace, name, ...words);
  return {
    part, title: `${part}: a GRE tunnel to ${to}, ${name}`,
    test: [
      prints(`mtu ${mtu} `, ...ip(namespace, 'link', 'show', 'dev', name, 'up')),
      prints(`inet ${address} `, ...ip(namespace, '-4', 'address', 'show', 'dev', name)),
    ],
    make: [tool('up', local.text, remote.text, address, String(mtu))],
    undo: [tool('down')],
    tell: tool('how'),
    // Where the kernel has no GRE.
    needs: ['socat', 'setsid'],
  };
}
