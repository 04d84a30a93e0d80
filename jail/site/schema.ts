/**
 * The site file and the WAN file, declared once: validation, types, and the JSON Schema that `vpnjail schema` prints all come from here.
 * What a word means alone is checked here; what words mean together in check.ts.
 */
import { z } from 'zod';
import { duration, integer, oneOf, seconds, text } from '../../core/corefile/values.js';
import { list, map, record, word, wordOr, type Word } from './words.js';
import {
  clientName, clientNamePattern, containerName, containerNamePattern, etcdUrl, file, identity, interfaceName, ipv4, ipv4Network, ownNetwork, plain, siteId,
  siteName, siteNamePattern, vpnId, vpnKey, vpnKeyPattern, zone, zonePattern,
} from './values.js';

const number = (description: string, minimum: number, maximum: number) => ({ type: 'integer', description, minimum, maximum } as const);
const host = (description: string) => number(description, 1, 254);
const time = (description: string) => ({ description, pattern: '^([0-9.]+(ms|[smhd]))+$' });

const networks = map({
  anycast: word(ownNetwork(), { description: 'Where all replicas of a VPN share an address, such as 10.0.254.0/24.' }),
  transit: word(ownNetwork(), { description: 'The links between sites. The first half: a /31 for each pair; the second: a pair for the tunnels below them.' }),
  clients: word(ownNetwork(), { description: "The inner addresses of the clients' GRE tunnels: a /30 for each client." }),
});

const wanSite = map({
  id: word(siteId(), number("The site's number; BGP's autonomous system is `as` plus this.", 1, 181)),
  network: word(ownNetwork(), { description: 'The network of its containers, such as 192.168.1.0/24.' }),
  address: word(ipv4(), { description: 'The address of the host on the Internet.' }),
  identity: word(identity(), { description: 'IKE identity; the subject or an alternative name of its certificate.' }),
  prefixes: list(word(ownNetwork())).default([]).meta({ description: 'More that is reached by way of this site, and that its router announces.' }),
});

const wanVpn = map({
  sites: list(word(siteName())).min(1, 'expected a site').meta({ description: 'The sites that can run it, the first choice first.' }),
});

const client = map({
  id: word(integer({ max: 16_383 }), number('Its number: its tunnel has the addresses of the /30 with that number in the network `clients`.', 0, 16_383)),
  vpn: word(vpnId(), number('The VPN by which its traffic goes out.', 0, 200)),
  endpoint: word(ipv4(), { description: 'The far end of its GRE tunnel.' }).exactOptional(),
  routed_by: word(siteName(), { pattern: siteNamePattern.source, description: 'For a client without one: the site whose router has it.' }).exactOptional(),
  prefixes: list(word(ownNetwork())).default([]).meta({ description: 'What is behind the tunnel.' }),
});

/** Offsets in a site's network and in the anycast network. */
const numbers = map({
  gateway: wordOr(integer({ min: 1, max: 254 }), '1', host('The host: the gateway of its containers.')),
  vpndns: wordOr(integer({ min: 1, max: 254 }), '3', host('The DNS server.')),
  router: wordOr(integer({ min: 1, max: 254 }), '4', host('The router (ipsec).')),
  vpn: wordOr(integer({ min: 1, max: 253 }), '50', { ...host('A VPN, plus its number: of its containers and of its anycast address.'), maximum: 253 }),
  resolver: wordOr(integer({ min: 1, max: 254 }), '3', host('The address in the anycast network that clients ask, wherever they are.')),
});

const dns = map({
  users: list(word(ipv4Network())).exactOptional().meta({ description: "Who may ask a VPN container's resolver; left out: the sites' networks." }),
  zones: record(word(zone(), { pattern: zonePattern.source }), list(word(ipv4())).min(1, 'expected a server')).default({})
    .meta({ description: 'Zones of our own, and their servers in the WAN: they are asked there, whoever asks.' }),
  blocked: list(word(ipv4Network())).default([]).meta({ description: 'Resolvers on the Internet that clients must not reach.' }),
});

const ha = map({
  replica_mode: wordOr(oneOf('Auto', 'Manual', 'Disabled'), 'Auto', {
    enum: ['Auto', 'Manual', 'Disabled'], description: 'What becomes of a VPN that is not online here.',
  }),
  check_interval: wordOr(duration({ min: 100 }), '10s', time('Between two checks of a session.')),
  check_timeout: wordOr(seconds({ min: 1, max: 3600 }), '3s', time('What one check may take; whole seconds.')),
  check_retries: wordOr(integer({ max: 100 }), '1', number('Checks that may fail in a row before the one that counts.', 0, 100)),
  online_check_delay: wordOr(duration(), '2s', time('From a started session to its first check, and between the first ones.')),
  default_timeout: wordOr(duration({ min: 100 }), '30s', time('What a start, a stop or a route may take.')),
  pull_interval: wordOr(duration({ min: 100 }), '5s', time('How often each peer is asked how it is.')),
  pull_timeout: wordOr(duration({ min: 100 }), '2s', time('For one try of a call to a peer.')),
  pull_retries: wordOr(integer({ max: 100 }), '2', number('Further tries.', 0, 100)),
  failure_retries: wordOr(integer({ min: -1, max: 1000 }), '2', number('Restarts of a session before it counts as failed; -1 is without end.', -1, 1000)),
  failed_status_timeout: wordOr(duration(), '5m', time('Until a failed VPN is a replica again, once another site has it; 0 is never.')),
  check: list(word(ipv4())).prefault(['1.1.1.1', '8.8.8.8']).meta({ description: 'What is pinged through a tunnel.' }),
  etcd: list(word(etcdUrl())).default([]).meta({ description: 'Addresses of an etcd cluster: a VPN is then online only where its lease is.' }),
  lease_ttl: wordOr(seconds({ min: 1, max: 3600 }), '5s', time('How long a lease lasts; whole seconds.')),
});

const bgp = map({
  keepalive: wordOr(seconds({ min: 1, max: 21_845 }), '3s', time('Between two signs of life; whole seconds.')),
  hold: wordOr(seconds({ min: 3, max: 65_535 }), '9s', time('After so long without one, a session is over; whole seconds (RFC 4271 section 4.2).')),
  bfd: map({
    interval: wordOr(duration({ min: 10, max: 60_000 }), '300ms', time('Between two BFD packets.')),
    multiplier: wordOr(integer({ min: 2, max: 255 }), '3', number('Packets that may be lost before a link counts as down.', 2, 255)),
  }).exactOptional().meta({ description: 'Bidirectional forwarding detection (RFC 5880); without it a lost link is noticed after `hold`.' }),
});

export const wanSchema = map({
  networks: networks.meta({ description: 'What belongs to the WAN as a whole.' }),
  tunnel: wordOr(oneOf('ipsec', 'ipsec-gre', 'gre'), 'ipsec', { enum: ['ipsec', 'ipsec-gre', 'gre'], description: 'How sites are joined.' }),
  as: wordOr(integer({ min: 0, max: 4_294_967_000 }), '64600', number('What is added to a site\'s number for its autonomous system.', 0, 4_294_967_000)),
  numbers: numbers.prefault({}).meta({ description: 'Offsets in the networks of all sites, and in the anycast network.' }),
  sites: record(word(siteName(), { pattern: siteNamePattern.source }), wanSite).meta({ description: 'All sites, by name.' }),
  vpns: record(word(vpnKey(), { pattern: vpnKeyPattern.source }), wanVpn).default({}).meta({ description: 'All VPNs, by number.' }),
  clients: record(word(clientName(), { pattern: clientNamePattern.source }), client).default({}).meta({ description: 'Whose traffic goes out by which VPN.' }),
  dns: dns.prefault({}).meta({ description: 'Whom clients may ask.' }),
  ha: ha.prefault({}).meta({ description: 'How sessions are watched, and moved from site to site.' }),
  bgp: bgp.prefault({}).meta({ description: 'How sites learn of each other\'s routes, and of lost links.' }),
}).meta({ title: 'vpnjail: a WAN', description: 'What is the same at every site.' });
export type WanFile = z.output<typeof wanSchema>;

const role = <const Role extends string>(name: Role) => z.literal(name).meta({ description: 'What it is for.' });

const containerSchema = (path: Word<string>) => z.discriminatedUnion('role', [
  map({
    role: role('ipsec'),
    certificate: path.meta({ description: 'File with the certificate that it shows to other sites (PEM).' }).exactOptional(),
    key: path.meta({ description: 'File with the private key (PEM).' }).exactOptional(),
    authority: path.meta({ description: 'File with the certificate of the authority that all sites trust (PEM).' }).exactOptional(),
  }).meta({ description: 'The router.' }),
  map({
    role: role('vpndns'),
    more: path.meta({ description: "File whose directives are imported into the Corefile's server block." }).exactOptional(),
    blocklists: path.meta({ description: 'Directory of blocklists.' }).exactOptional(),
    records: path.meta({ description: 'File of static records.' }).exactOptional(),
    upstreams: list(word(ipv4())).default([]).meta({ description: "Servers for clients that are no VPN container's: the site itself." }),
  }).meta({ description: 'The DNS server.' }),
  map({
    role: role('vpn'),
    vpn: word(vpnId(), number('The number of the VPN.', 0, 200)),
    provider: word(oneOf('openvpn', 'wireguard'), { enum: ['openvpn', 'wireguard'], description: 'What its sessions are made with.' }),
    configuration: path.meta({ description: "The provider's configuration file." }),
    resolver: word(ipv4(), { description: "The provider's resolver inside the tunnel; without it, what the provider says." }).exactOptional(),
  }).meta({ description: 'A VPN.' }),
  map({
    role: role('service'),
    number: word(integer({ min: 1, max: 254 }), host("Its address, as an offset in the site's network.")),
    command: list(word(text())).min(1, 'expected a command').exactOptional().meta({ description: 'What runs in it, if anything.' }),
  }).meta({ description: 'Anything else.' }),
], { error: ({ input }) => (input === undefined ? undefined : 'expected a role: ipsec, vpndns, vpn or service') });

/** @param siteFile relative paths count from this file */
export function siteSchema(siteFile: string) {
  const path = word(file(siteFile));
  return map({
    site: word(siteName(), { pattern: siteNamePattern.source, description: 'Its name in the WAN file.' }),
    platform: wordOr(oneOf('linux', 'freebsd'), 'linux', { enum: ['linux', 'freebsd'], description: 'Network namespaces, or jails.' }),
    wan: path.meta({ description: 'The WAN file; a relative path counts from this file.' }),
    internet: word(interfaceName(), { description: "The host's interface towards the Internet, such as eth0." }),
    containers: record(word(containerName(), { pattern: containerNamePattern.source }), containerSchema(path))
      .meta({ description: 'What stands on the host, by name; of the roles ipsec and vpndns one each.' }),
    secrets: map({
      peers: path.meta({ description: "File with the secret that the sites' HA daemons share; at least 16 characters." }).exactOptional(),
    }).prefault({}).meta({ description: 'Files with secrets.' }),
    directories: map({
      run: path.meta({ description: 'Rendered files, process ids and logs; gone after `down`.' }).exactOptional(),
      state: path.meta({ description: 'What must outlive it.' }).exactOptional(),
    }).prefault({}).meta({ description: 'Where what vpnjail makes is kept.' }),
    programs: map({
      vpndns: list(word(text())).min(1, 'expected a command').prefault(['vpndns']).meta({ description: 'The command of the DNS server.' }),
      dynvpn: list(word(text())).min(1, 'expected a command').prefault(['dynvpn']).meta({ description: 'The command of the HA daemon.' }),
    }).prefault({}).meta({ description: 'How daemons are called, with their first arguments.' }),
    freebsd: map({
      zfs: wordOr(plain('DATASET', 'ZFS data set, such as zroot/jails'), 'zroot/jails', { description: 'The data set below which jails are cloned.' }),
      base: wordOr(plain('SNAPSHOT', 'ZFS snapshot, such as zroot/base@clean'), 'zroot/jails/base@clean', { description: 'What they are cloned from.' }),
      root: wordOr(file(siteFile), '/jails', { description: 'Where that data set is mounted.' }),
    }).prefault({}).meta({ description: 'Where jails come from.' }),
  }).meta({ title: 'vpnjail: a site', description: 'One host of the WAN, and all that stands on it.' });
}
export type SiteFile = z.output<ReturnType<typeof siteSchema>>;
export type ContainerFile = SiteFile['containers'][string];
