/** What things of a site are called on FreeBSD, and where they stand. What `vpnjail` makes is recognised by these names; it touches nothing else. */
import type { Address, Cidr } from '../../../core/address.js';
import type { Client, Container, Link, Site, VpnContainer } from '../../site/site.js';
import { siteHome } from '../home.js';
import { clientMtu } from '../mtu.js';

/** Interfaces of ours belong to this group (ifconfig(8), `group`), data sets of ours have this user property: nobody else's is ever destroyed. */
export const group = 'vpncore';
export const property = 'vpncore:site';

export const bridges = { local: 'bridge0', anycast: 'bridge1' } as const;

/** On the host: the set of its rules, and the instance of its translation (ipfw(8), SETS OF RULES). */
export const hostRules = { set: 20, nat: 20 } as const;

/** The ruleset of devfs(8) for jails with a tunnel. */
export const devfsRuleset = 53;

/** The unprivileged user that runs vpndns, with the same number in every clone: its state outlives them. */
export const dnsUser = { name: 'vpndns', id: 2053 } as const;

/** `host2-vpn1`: the jail, its data set, its directory. */
export const jailOf = ({ name }: Pick<Site, 'name'>, container: Container): string => `${name}-${container.name}`;
export const datasetOf = (site: Site, container: Container): string => `${site.freebsd.zfs}/${jailOf(site, container)}`;
export const rootOf = (site: Site, container: Container): string => `${site.freebsd.root}/${jailOf(site, container)}`;

/** Rendered files of a container; its jail sees them, and no others, under the same path. */
export const containerDirectory = (site: Site, { name }: Container): string => `${siteHome(site)}/${name}`;
export const jailConfOf = (site: Site): string => `${siteHome(site)}/jail.conf`;

/** An epair(4): `a` stays with the host, `b` goes into the jail. */
export interface Wire {
  readonly pair: string;
  readonly host: string;
  readonly inside: string;
  readonly bridge: string;
  readonly address: Address;
  readonly network: Cidr;
}

const octet = ({ octets }: Address): number => octets[3]!;

const wire = (pair: string, bridge: string, address: Address, network: Cidr): Wire =>
  ({ pair, host: `${pair}a`, inside: `${pair}b`, bridge, address, network });

/** `epair51`: numbered by the last octet of its address. */
export const localWire = ({ network }: Site, { address }: Container): Wire => wire(`epair${octet(address)}`, bridges.local, address, network);

/** `epair1051` */
export const anycastWire = ({ wan }: Site, { vpn: { anycast } }: VpnContainer): Wire =>
  wire(`epair1${String(octet(anycast)).padStart(3, '0')}`, bridges.anycast, anycast, wan.networks.anycast);

/** The session's interface. It has its name before there is a session, so that rules can speak of it. */
export const tunnelOf = ({ provider, address }: VpnContainer): string => `${provider === 'openvpn' ? 'tun' : 'wg'}${octet(address)}`;

/** What the rendered link is called before it gets its name: gre(4) and if_ipsec(4) number their interfaces. */
export const linkUnit = ({ tunnel }: Site['wan'], { peer }: Link): string => (tunnel === 'ipsec' ? `ipsec${peer.id}` : `gre${20_000 + peer.id}`);

/** A gre(4) interface. */
export interface Gre {
  readonly name: string;
  /** Outer addresses. */
  readonly tunnel: readonly [near: Address, far: Address];
  /** Inner addresses. */
  readonly inner: readonly [near: Address, far: Address];
  readonly prefix: number;
  readonly mtu: number;
  /** What is behind it. */
  readonly routes: readonly Cidr[];
}

/** A VPN container's tunnels: one for each client. */
export const clientTunnels = ({ wan }: Site, { vpn }: VpnContainer): readonly Gre[] =>
  wan.clients.filter((client) => client.vpn.id === vpn.id).map(({ id, endpoint, inner, prefixes }) =>
    ({ name: `gre${id}`, tunnel: [vpn.anycast, endpoint], inner: [inner.near, inner.far], prefix: 30, mtu: clientMtu(wan.tunnel), routes: prefixes }));

export interface RoutedClient {
  readonly client: Client;
  readonly gre: Gre;
}

/** The router's tunnels for clients that have none: the other ends of {@link clientTunnels}. */
export const routedClients = ({ name, router, wan }: Site): readonly RoutedClient[] =>
  wan.clients.filter(({ routedBy }) => routedBy === name).map((client) => ({
    client,
    gre: {
      name: `gre${client.id}`, tunnel: [router, client.vpn.anycast], inner: [client.inner.far, client.inner.near],
      prefix: 30, mtu: clientMtu(wan.tunnel), routes: [],
    },
  }));
