/**
 * What a site file means: every address and name that follows from it, for whoever renders files or plans steps. Nothing here depends on a platform.
 * All addresses are IPv4: a VPN container carries no IPv6, so that nothing can leave by it.
 */
import type { Address, Cidr } from '../../core/address.js';

export type Platform = 'linux' | 'freebsd';

/**
 * How two sites are joined. `ipsec`: ESP by an interface of its own for each peer (Linux `xfrm`, FreeBSD `ipsecN`). `ipsec-gre`: one ESP tunnel
 * between two addresses for each peer, GRE inside it, for a kernel that has no such interfaces. `gre`: GRE in clear, for a WAN that is private already.
 */
export type TunnelKind = 'ipsec' | 'ipsec-gre' | 'gre';

/** The whole WAN: the same at every site. */
export interface Wan {
  readonly networks: {
    /** Where all replicas of a VPN share an address. */
    readonly anycast: Cidr;
    /** The links between sites: two addresses for each pair, and as many again for the tunnels below them. */
    readonly transit: Cidr;
    /** The inner addresses of the clients' GRE tunnels: four for each client. */
    readonly clients: Cidr;
  };
  readonly tunnel: TunnelKind;
  /** A VPN's containers and its anycast address have this number plus that of the VPN in their networks. */
  readonly vpnBase: number;
  /** In the order of their numbers. */
  readonly sites: readonly WanSite[];
  readonly vpns: readonly WanVpn[];
  readonly clients: readonly Client[];
  /** The address that clients ask, whatever site their VPN is at: in the anycast network; the VPN container leads it to the DNS server beside it. */
  readonly resolver: Address;
  /** Zones of our own, with their servers in the WAN. */
  readonly zones: readonly { readonly name: string; readonly servers: readonly Address[] }[];
  /** Who may ask a VPN container's resolver. */
  readonly dnsUsers: readonly Cidr[];
  /** Resolvers on the Internet that clients must not reach. */
  readonly blockedResolvers: readonly Cidr[];
  readonly ha: Ha;
  readonly bgp: Bgp;
}

/** A site as all others see it. */
export interface WanSite {
  readonly name: string;
  readonly id: number;
  /** BGP's autonomous system. */
  readonly as: number;
  /** Its containers. */
  readonly network: Cidr;
  /** The address of the host on {@link network}: its containers' gateway. */
  readonly gateway: Address;
  /** The router: the ipsec container. */
  readonly router: Address;
  /** The DNS server. */
  readonly vpndns: Address;
  /** On the Internet. */
  readonly address: Address;
  /** IKE identity. */
  readonly identity: string;
  /** More that is reached by way of this site, and that its router announces. */
  readonly prefixes: readonly Cidr[];
}

export interface WanVpn {
  /** Its number at every site. */
  readonly id: number;
  /** `dynvpn3` */
  readonly name: string;
  readonly anycast: Address;
  /** The sites that can run it, the first choice first. With one alone it is never failed over. */
  readonly sites: readonly string[];
}

/** Somebody whose traffic goes out by a VPN. */
export interface Client {
  readonly name: string;
  readonly id: number;
  readonly vpn: WanVpn;
  /** The far end of its GRE tunnel; the near end is the anycast address of its VPN. */
  readonly endpoint: Address;
  /** Addresses inside the tunnel, of a /30: ours in the VPN container, and the client's. */
  readonly inner: { readonly network: Cidr; readonly near: Address; readonly far: Address };
  /** What is behind the tunnel besides {@link inner}. */
  readonly prefixes: readonly Cidr[];
  /** For a client without a tunnel of its own: the site whose router sends {@link prefixes} into one for it (a policy route). */
  readonly routedBy?: string;
}

/** Times are milliseconds. */
export interface Ha {
  readonly checkInterval: number;
  readonly checkTimeout: number;
  readonly checkRetries: number;
  /** From a started session to its first check, and between the first ones. */
  readonly onlineCheckDelay: number;
  /** What a start, a stop or a route may take. */
  readonly defaultTimeout: number;
  readonly pullInterval: number;
  readonly pullTimeout: number;
  readonly pullRetries: number;
  readonly failureRetries: number;
  readonly failedStatusTimeout: number;
  readonly replicaMode: 'Auto' | 'Manual' | 'Disabled';
  /** What a check pings through the tunnel. */
  readonly checkTargets: readonly Address[];
  /** Addresses of etcd, for a lease; empty without. */
  readonly etcd: readonly string[];
  readonly leaseTtl: number;
}

/** Times are milliseconds. */
export interface Bgp {
  readonly keepalive: number;
  readonly hold: number;
  readonly bfd?: { readonly interval: number; readonly multiplier: number };
}

/** One host of the WAN, and all that stands on it. */
export interface Site extends WanSite {
  /** The site file. */
  readonly file: string;
  readonly platform: Platform;
  readonly wan: Wan;
  /** The host's address on the anycast bridge. */
  readonly anycastGateway: Address;
  /** The host's interface towards the Internet. */
  readonly internet: string;
  readonly ipsec: IpsecContainer;
  readonly dns: DnsContainer;
  readonly vpnContainers: readonly VpnContainer[];
  readonly services: readonly ServiceContainer[];
  /** To each other site, in the order of their numbers. */
  readonly links: readonly Link[];
  readonly directories: {
    /** Rendered files, process ids and logs of what runs: made by `up`, gone after `down`. */
    readonly run: string;
    /** What must outlive it: exceptions, lists, what an administrator wants of each VPN. */
    readonly state: string;
  };
  /** The commands of this project's daemons, with their first arguments. */
  readonly programs: { readonly vpndns: readonly string[]; readonly dynvpn: readonly string[] };
  /** The file with the secret that the sites' HA daemons share. */
  readonly peersSecret?: string;
  readonly freebsd: FreeBsd;
}

/** The way to another site. `near` is ours. */
export interface Link {
  readonly peer: WanSite;
  /** The name of its interface: `to-host2` as far as 15 characters reach. */
  readonly interface: string;
  /** BGP and BFD run on these, and on nothing else. A /31 (RFC 3021). */
  readonly near: Address;
  readonly far: Address;
  /** With `ipsec-gre`: the two addresses that ESP protects and GRE runs between. */
  readonly inside: { readonly near: Address; readonly far: Address };
  /** Ties the interface to its security association; the same at both ends for nobody's convenience but the reader's. */
  readonly reqid: number;
}

interface ContainerBase {
  readonly name: string;
  /** On the site's network. */
  readonly address: Address;
}

export interface IpsecContainer extends ContainerBase {
  readonly role: 'ipsec';
  /** Files; needed unless the tunnels are plain `gre`. */
  readonly certificate?: string;
  readonly key?: string;
  readonly authority?: string;
}

export interface DnsContainer extends ContainerBase {
  readonly role: 'vpndns';
  /** A file whose directives are imported into the Corefile's block, for what this project can't know. */
  readonly more?: string;
  /** Directory of blocklists. */
  readonly blocklists?: string;
  /** File of static records. */
  readonly records?: string;
  /** Servers for clients that are no VPN container's: the site itself. */
  readonly upstreams: readonly Address[];
}

export interface VpnContainer extends ContainerBase {
  readonly role: 'vpn';
  readonly vpn: WanVpn;
  readonly provider: 'openvpn' | 'wireguard';
  /** The provider's configuration file. */
  readonly configuration: string;
  /** The servers that it names: the only addresses on the Internet that the container itself may reach. */
  readonly servers: readonly { readonly host: string; readonly port: number; readonly protocol: 'udp' | 'tcp' }[];
  /** The provider's resolver inside the tunnel; without one, what the provider says (OpenVPN: the tunnel's gateway; WireGuard: `DNS =`). */
  readonly resolver?: Address;
}

export interface ServiceContainer extends ContainerBase {
  readonly role: 'service';
  /** What runs in it, if anything. */
  readonly command?: readonly string[];
}

export type Container = IpsecContainer | DnsContainer | VpnContainer | ServiceContainer;

export interface FreeBsd {
  /** The data set below which the jails are cloned. */
  readonly zfs: string;
  /** The snapshot that they are cloned from. */
  readonly base: string;
  /** Where that data set is mounted. */
  readonly root: string;
}

/** All containers, in the order in which they come up: who routes first, then who answers, then who is served. */
export const containersOf = ({ ipsec, dns, vpnContainers, services }: Site): readonly Container[] => [ipsec, dns, ...vpnContainers, ...services];
