/** Names and numbers by which vpnjail knows what it made on Linux. */
import type { Client, Container, Site, VpnContainer } from '../../site/site.js';

/** The network namespace of a container. Several sites may stand on one machine. */
export const namespaceOf = ({ name }: Pick<Site, 'name'>, container: Pick<Container, 'name'>): string => `${name}-${container.name}`;

/** The bridge that all containers are on, and the one that the VPN containers are on besides. */
export const localBridge = 'bridge0';
export const anycastBridge = 'bridge1';

/** A container's interfaces: on the site's network, and on the anycast network. */
export const localInterface = 'eth0';
export const anycastInterface = 'eth1';

/** The end of a container's wire on a bridge. */
export const wireOf = ({ name }: Pick<Container, 'name'>): string => name;
export const anycastWireOf = ({ name }: Pick<Container, 'name'>): string => `${name}-any`;

/** A client's GRE tunnel, in the VPN containers and at the router that has one for it; rules match all of them by `client*`. */
export const clientInterface = ({ id }: Pick<Client, 'id'>): string => `client${id}`;

/** A session's interface. Unique on the machine: the control sockets of wireguard-go are shared by all namespaces. */
export const sessionInterface = ({ name }: Pick<Site, 'name'>, { vpn }: Pick<VpnContainer, 'vpn'>): string =>
  `vpn${vpn.id}-${name}`.slice(0, 15);

/** Marks the bridges as ours. */
export const linkGroup = '5053';

/** Marks routes as ours: a protocol number that nobody else has. */
export const routeProtocol = '153';

/** Tables of routes for policy rules, and the priorities of these rules, before that of the main table. */
export const anycastTable = 5053;
export const clientTable = ({ id }: Pick<Client, 'id'>): number => 10_000 + id;

/** The clients without a tunnel of their own for which the router of this site has one. */
export const routedHere = ({ wan, name }: Pick<Site, 'wan' | 'name'>): readonly Client[] => wan.clients.filter(({ routedBy }) => routedBy === name);
