/** From what the files say to what it means: every address and name. The files have been checked. */
import type { Address, Cidr } from '../../core/address.js';
import { linkOffsets, nthIn, pairNumber } from './numbering.js';
import type { ProviderServer } from './provider.js';
import type { ContainerFile, SiteFile, WanFile } from './schema.js';
import type { Bgp, Client, Ha, Link, Platform, Site, VpnContainer, Wan, WanSite, WanVpn } from './site.js';

export interface Sources {
  /** The site file's own path. */
  readonly file: string;
  readonly site: SiteFile;
  readonly wan: WanFile;
  /** What the provider's configuration of each VPN container names. */
  readonly servers: ReadonlyMap<string, readonly ProviderServer[]>;
}

type Role = ContainerFile['role'];
type ContainerOf<R extends Role> = Extract<ContainerFile, { role: R }>;

/** The whole model of one site. */
export function derive(sources: Sources): Site {
  const { file, site, wan: wanFile } = sources;
  const wan = deriveWan(wanFile);
  const own = wan.sites.find(({ name }) => name === site.site)!;
  return {
    ...own, file, platform: site.platform, wan, internet: site.internet,
    anycastGateway: nthIn(wan.networks.anycast, wanFile.numbers.gateway),
    ...deriveContainers(sources, wan, own),
    links: wan.sites.filter(({ id }) => id !== own.id).map((peer) => linkTo(peer, own, wan.networks.transit)),
    directories: { ...homes[site.platform], ...site.directories },
    programs: site.programs,
    ...(site.secrets.peers === undefined ? {} : { peersSecret: site.secrets.peers }),
    freebsd: site.freebsd,
  };
}

export function deriveWan(file: WanFile): Wan {
  const sites = Object.entries(file.sites).map(([name, site]) => deriveSite(name, site, file)).sort((a, b) => a.id - b.id);
  const vpns = Object.entries(file.vpns).map(([id, { sites: list }]) => deriveVpn(Number(id), list, file)).sort((a, b) => a.id - b.id);
  const clients = Object.entries(file.clients).map(([name, client]) => deriveClient(name, client, file, { sites, vpns })).sort((a, b) => a.id - b.id);
  return {
    networks: file.networks, tunnel: file.tunnel, vpnBase: file.numbers.vpn, sites, vpns, clients,
    resolver: nthIn(file.networks.anycast, file.numbers.resolver),
    zones: Object.entries(file.dns.zones).map(([name, servers]) => ({ name, servers })),
    dnsUsers: file.dns.users ?? sites.map(({ network }) => network), blockedResolvers: file.dns.blocked,
    ha: deriveHa(file), bgp: deriveBgp(file),
  };
}

function deriveSite(name: string, site: WanFile['sites'][string], { as, numbers }: WanFile): WanSite {
  const host = (offset: number): Address => nthIn(site.network, offset);
  return {
    ...site, name, as: as + site.id,
    gateway: host(numbers.gateway), router: host(numbers.router), vpndns: host(numbers.vpndns),
  };
}

const deriveVpn = (id: number, sites: readonly string[], { networks, numbers }: WanFile): WanVpn =>
  ({ id, name: `dynvpn${id}`, anycast: nthIn(networks.anycast, numbers.vpn + id), sites });

function deriveClient(name: string, client: WanFile['clients'][string], file: WanFile, { sites, vpns }: Pick<Wan, 'sites' | 'vpns'>): Client {
  const { id, prefixes, routed_by: routedBy } = client;
  const [network, near, far] = [0, 1, 2].map((offset) => nthIn(file.networks.clients, 4 * id + offset)) as [Address, Address, Address];
  const endpoint = client.endpoint ?? sites.find((site) => site.name === routedBy)!.router;
  const inner = { network: { text: `${network.text}/30`, network, prefix: 30 }, near, far };
  return { name, id, vpn: vpns.find((vpn) => vpn.id === client.vpn)!, endpoint, inner, prefixes, ...(routedBy === undefined ? {} : { routedBy }) };
}

const deriveHa = ({ ha }: WanFile): Ha => ({
  checkInterval: ha.check_interval, checkTimeout: ha.check_timeout * 1000, checkRetries: ha.check_retries,
  onlineCheckDelay: ha.online_check_delay, defaultTimeout: ha.default_timeout,
  pullInterval: ha.pull_interval, pullTimeout: ha.pull_timeout, pullRetries: ha.pull_retries,
  failureRetries: ha.failure_retries, failedStatusTimeout: ha.failed_status_timeout, replicaMode: ha.replica_mode,
  checkTargets: ha.check, etcd: ha.etcd, leaseTtl: ha.lease_ttl * 1000,
});

const deriveBgp = ({ bgp: { keepalive, hold, bfd } }: WanFile): Bgp =>
  ({ keepalive: keepalive * 1000, hold: hold * 1000, ...(bfd === undefined ? {} : { bfd }) });

function linkTo(peer: WanSite, own: WanSite, transit: Cidr): Link {
  const { link, inside } = linkOffsets(transit, own.id, peer.id);
  return {
    peer, interface: `to-${peer.name}`,
    near: nthIn(transit, link.near), far: nthIn(transit, link.far),
    inside: { near: nthIn(transit, inside.near), far: nthIn(transit, inside.far) },
    reqid: pairNumber(own.id, peer.id) + 1,
  };
}

const homes: Readonly<Record<Platform, Site['directories']>> = {
  linux: { run: '/run/vpncore', state: '/var/lib/vpncore' },
  freebsd: { run: '/var/run/vpncore', state: '/var/db/vpncore' },
};

function deriveContainers({ site, servers }: Sources, wan: Wan, own: WanSite): Pick<Site, 'ipsec' | 'dns' | 'vpnContainers' | 'services'> {
  const all = Object.entries(site.containers);
  const ofRole = <R extends Role>(role: R): (ContainerOf<R> & { name: string })[] =>
    all.flatMap(([name, container]) => (hasRole(container, role) ? { ...container, name } : []));
  const vpnContainers = ofRole('vpn').map((container): VpnContainer => {
    const vpn = wan.vpns.find(({ id }) => id === container.vpn)!;
    return { ...container, vpn, address: nthIn(own.network, wan.vpnBase + vpn.id), servers: servers.get(container.name)! };
  });
  return {
    ipsec: { ...ofRole('ipsec')[0]!, address: own.router },
    dns: { ...ofRole('vpndns')[0]!, address: own.vpndns },
    vpnContainers: vpnContainers.sort((a, b) => a.vpn.id - b.vpn.id),
    services: ofRole('service').map(({ number, ...container }) => ({ ...container, address: nthIn(own.network, number) })),
  };
}

const hasRole = <R extends Role>(container: ContainerFile, role: R): container is ContainerOf<R> => container.role === role;
