/**
 * The site file and the WAN file, declared once: validation, types, and the JSON Schema that `vpnjail schema` prints all come from here.
 * What a word means alone is checked here; what words mean together in check.ts.
 */
import { z } from 'zod';
import { duration, integer, oneOf, seconds, text } from '../../core/corefile/values.js';
import { list, map, record, word, wordOr, type Word } from './words.js';
import { clientName, containerName, etcdUrl, file, identity, interfaceName, ipv4, ipv4Network, plain, siteId, siteName, vpnId, vpnKey } from './values.js';

const number = (description: string, minimum: number, maximum: number) => ({ type: 'integer', description, minimum, maximum } as const);
const host = (description: string) => number(description, 1, 254);
const time = (description: string) => ({ description, pattern: '^([0-9.]+(ms|[smhd]))+$' });

const networks = map({
  anycast: word(ipv4Network(), { description: 'Where all replicas of a VPN share an address: 50 + its number.', examples: ['10.0.254.0/24'] }),
  transit: word(ipv4Network(), { description: 'The links between sites. The first half: a /31 for each pair; the second: a pair for the tunnels below them.' }),
  clients: word(ipv4Network(), { description: "The inner addresses of the clients' GRE tunnels: a /30 for each client." }),
});

const wanSite = map({
  id: word(siteId(), number("The site's number; BGP's autonomous system is `as` plus this.", 1, 181)),
  network: word(ipv4Network(), { description: 'The network of its containers.', examples: ['192.168.1.0/24'] }),
  address: word(ipv4(), { description: 'The address of the host on the Internet.' }),
  identity: word(identity(), { description: 'IKE identity; the subject or an alternative name of its certificate.', examples: ['host1.example.net'] }),
  prefixes: list(word(ipv4Network())).default([]).meta({ description: 'More that is reached by way of this site, and that its router announces.' }),
});

const wanVpn = map({
  sites: list(word(siteName())).default([]).meta({ description: 'The sites that can run it, the first choice first; none: it is never failed over.' }),
});

const client = map({
  id: word(integer({ max: 16_383 }), number('Its number: its tunnel has the addresses of the /30 with that number in the network `clients`.', 0, 16_383)),
  vpn: word(vpnId(), number('The VPN by which its traffic goes out.', 1, 200)),
  endpoint: word(ipv4(), { description: 'The far end of its GRE tunnel.' }).exactOptional(),
  routed_by: word(siteName(), { description: 'For a client without a tunnel: the site whose router has one for it.' }).exactOptional(),
  prefixes: list(word(ipv4Network())).default([]).meta({ description: 'What is behind the tunnel.' }),
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
  users: list(word(ipv4Network())).default([]).meta({ description: "Who may ask a VPN container's resolver." }),
  blocked: list(word(ipv4Network())).default([]).meta({ description: 'Resolvers on the Internet that clients must not reach.' }),
});

const ha = map({
  replica_mode: wordOr(oneOf('Auto', 'Manual', 'Disabled'), 'Auto', { enum: ['Auto', 'Manual', 'Disabled'] }),
  check_interval: wordOr(duration({ min: 100 }), '10s', time('Between two checks of a session.')),
  check_timeout: wordOr(seconds({ min: 1, max: 3600 }), '3s', time('What one check may take; whole seconds.')),
  check_retries: wordOr(integer({ max: 100 }), '1', number('Checks that may fail in a row before the one that counts.', 0, 100)),
  pull_interval: wordOr(duration({ min: 100 }), '5s', time('How often each peer is asked how it is.')),
  pull_timeout: wordOr(duration({ min: 100 }), '2s', time('For one try of a call to a peer.')),
  pull_retries: wordOr(integer({ max: 100 }), '2', number('Further tries.', 0, 100)),
  failure_retries: wordOr(integer({ min: -1, max: 1000 }), '2', number('Restarts of a session before it counts as failed; -1 is without end.', -1, 1000)),
  failed_status_timeout: wordOr(duration(), '5m', time('Until a failed VPN is a replica again, once another site has it; 0 is never.')),
  check: list(word(ipv4())).prefault(['1.1.1.1', '8.8.8.8']).meta({ description: 'What is pinged through a tunnel.', default: ['1.1.1.1', '8.8.8.8'] }),
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
  networks,
  tunnel: wordOr(oneOf('ipsec', 'ipsec-gre', 'gre'), 'ipsec', { enum: ['ipsec', 'ipsec-gre', 'gre'], description: 'How sites are joined.' }),
  as: wordOr(integer({ min: 0, max: 4_294_967_000 }), '64600', number('What is added to a site\'s number for its autonomous system.', 0, 4_294_967_000)),
  numbers: numbers.prefault({}),
  sites: record(word(siteName()), wanSite),
  vpns: record(word(vpnKey()), wanVpn).default({}),
  clients: record(word(clientName()), client).default({}),
  dns: dns.prefault({}),
  ha: ha.prefault({}),
  bgp: bgp.prefault({}),
}).meta({ title: 'vpnjail: a WAN', description: 'What is the same at every site.' });
export type WanFile = z.output<typeof wanSchema>;

const containerSchema = (path: Word<string>) => z.discriminatedUnion('role', [
  map({
    role: z.literal('ipsec'),
    certificate: path.meta({ description: 'File with the certificate that it shows to other sites (PEM).' }).exactOptional(),
    key: path.meta({ description: 'File with the private key (PEM).' }).exactOptional(),
    authority: path.meta({ description: 'File with the certificate of the authority that all sites trust (PEM).' }).exactOptional(),
  }).meta({ description: 'The router.' }),
  map({
    role: z.literal('vpndns'),
    more: path.meta({ description: "File whose directives are imported into the Corefile's server block." }).exactOptional(),
    blocklists: path.meta({ description: 'Directory of blocklists.' }).exactOptional(),
    records: path.meta({ description: 'File of static records.' }).exactOptional(),
    upstreams: list(word(ipv4())).default([]).meta({ description: "Servers for clients that are no VPN container's: the site itself." }),
  }).meta({ description: 'The DNS server.' }),
  map({
    role: z.literal('vpn'),
    vpn: word(vpnId(), number('The number of the VPN.', 1, 200)),
    provider: word(oneOf('openvpn', 'wireguard'), { enum: ['openvpn', 'wireguard'] }),
    configuration: path.meta({ description: "The provider's configuration file." }),
    resolver: word(ipv4(), { description: "The provider's resolver inside the tunnel; without it, what the provider says." }).exactOptional(),
  }).meta({ description: 'A VPN.' }),
  map({
    role: z.literal('service'),
    number: word(integer({ min: 1, max: 254 }), host("Its address, as an offset in the site's network.")),
    command: list(word(text())).exactOptional().meta({ description: 'What runs in it, if anything.' }),
  }).meta({ description: 'Anything else.' }),
], { error: ({ input }) => (input === undefined ? undefined : 'expected a map with a role: ipsec, vpndns, vpn or service') });

/** @param siteFile relative paths count from this file */
export function siteSchema(siteFile: string) {
  const path = word(file(siteFile));
  return map({
    site: word(siteName(), { description: 'Its name in the WAN file.' }),
    platform: wordOr(oneOf('linux', 'freebsd'), 'linux', { enum: ['linux', 'freebsd'] }),
    wan: path.meta({ description: 'The WAN file; a relative path counts from this file.' }),
    internet: word(interfaceName(), { description: "The host's interface towards the Internet.", examples: ['eth0'] }),
    containers: record(word(containerName()), containerSchema(path)),
    secrets: map({
      peers: path.meta({ description: "File with the secret that the sites' HA daemons share; at least 16 characters." }).exactOptional(),
    }).prefault({}),
    directories: map({
      run: path.meta({ description: 'Rendered files, process ids and logs; gone after `down`.' }).exactOptional(),
      state: path.meta({ description: 'What must outlive it.' }).exactOptional(),
    }).prefault({}),
    programs: map({
      vpndns: list(word(text())).prefault(['vpndns']).meta({ default: ['vpndns'] }),
      dynvpn: list(word(text())).prefault(['dynvpn']).meta({ default: ['dynvpn'] }),
    }).prefault({}),
    freebsd: map({
      zfs: wordOr(plain('DATASET', 'ZFS data set, such as zroot/jails'), 'zroot/jails', { description: 'The data set below which jails are cloned.' }),
      base: wordOr(plain('SNAPSHOT', 'ZFS snapshot, such as zroot/base@clean'), 'zroot/jails/base@clean', { description: 'What they are cloned from.' }),
      root: wordOr(file(siteFile), '/jails', { description: 'Where that data set is mounted.' }),
    }).prefault({}),
  }).meta({ title: 'vpnjail: a site', description: 'One host of the WAN, and all that stands on it.' });
}
export type SiteFile = z.output<ReturnType<typeof siteSchema>>;
export type ContainerFile = SiteFile['containers'][string];
