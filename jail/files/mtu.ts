/** How long packets may be. */
import type { TunnelKind } from '../site/site.js';

/** Octets of a packet between two sites, by how they are joined: what is left of 1500 on the Internet. */
export const linkMtu = {
  // IP and GRE: 24.
  gre: 1476,
  // IP, UDP and ESP with any usual cipher.
  ipsec: 1400,
  // GRE in that.
  'ipsec-gre': 1372,
} as const satisfies Readonly<Record<TunnelKind, number>>;

/** The same of a client's packet, which is in a GRE tunnel of its own. */
export const clientMtu = (tunnel: TunnelKind): number => linkMtu[tunnel] - 24;
