/** Which networks the rules and routes of a site are about. */
import { contains, type Address, type Cidr } from '../../../core/address.js';
import type { Site } from '../../site/site.js';

const hostOf = (address: Address): Cidr => ({ text: `${address.text}/32`, network: address, prefix: 32 });

/** Endpoints of clients' tunnels that are in no network of any site. */
const loneEndpoints = ({ wan }: Site): readonly Cidr[] => {
  const known = wan.sites.flatMap(({ network, prefixes }) => [network, ...prefixes]);
  const lone = wan.clients.map(({ endpoint }) => endpoint).filter((endpoint) => !known.some((network) => contains(network, endpoint)));
  return [...new Map(lone.map((endpoint) => [endpoint.text, hostOf(endpoint)])).values()];
};

/** What other sites have, and is reached by way of the router. */
export const elsewhere = (site: Site): readonly Cidr[] =>
  [...site.wan.sites.filter(({ name }) => name !== site.name).flatMap(({ network, prefixes }) => [network, ...prefixes]), ...loneEndpoints(site)];

/** What the host must not show on the Internet. What is behind this very site may be behind the host, by whatever interface. */
export const insideOnly = (site: Site): readonly Cidr[] =>
  [...Object.values(site.wan.networks), site.network, ...elsewhere(site), ...site.wan.clients.flatMap(({ prefixes }) => prefixes)];

/** Everything that belongs to the WAN. */
export const wholeWan = (site: Site): readonly Cidr[] =>
  [...Object.values(site.wan.networks), ...site.wan.sites.flatMap(({ network, prefixes }) => [network, ...prefixes]), ...loneEndpoints(site)];

/** Addresses that the Internet must never see, translated or not: those of clients and of their tunnels. */
export const hidden = ({ wan }: Site): readonly Cidr[] => [wan.networks.anycast, wan.networks.clients, ...wan.clients.flatMap(({ prefixes }) => prefixes)];

export const texts = (list: readonly { readonly text: string }[]): readonly string[] => [...new Set(list.map(({ text }) => text))];
