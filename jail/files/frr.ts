/** FRR: what this router tells the others, what it believes of them, and how soon it notices that a link is lost. */
import type { Link, Site, WanSite } from '../site/site.js';
import type { RenderedFile } from './file.js';
import { homeOf } from './home.js';
import { secondsOf, textOf, type Lines } from './text.js';

/** One file for zebra, staticd, bgpd and bfdd; each takes what is its own. */
export const renderFrr = (site: Site): readonly RenderedFile[] =>
  [{ path: `${homeOf(site, 'frr')}/frr.conf`, mode: 0o640, text: frrConf(site), owner: 'frr' }];

const frrConf = (site: Site): string => textOf(
  `! ${site.name}: its router. Made by vpnjail from ${site.file}; what is changed here lasts until it is made again.`,
  'frr defaults traditional',
  `hostname ${site.name}`,
  site.platform === 'linux' ? 'log stdout informational' : 'log syslog informational',
  '!',
  owners(site),
  sourceAddress(site),
  bgp(site),
  bfd(site),
);

const prefixList = (name: string, prefixes: readonly string[]): Lines =>
  prefixes.map((prefix, i) => `ip prefix-list ${name} seq ${5 * (i + 1)} permit ${prefix}`);

/** The addresses of the VPNs that a site can run. */
const anycastOf = ({ wan }: Site, { name }: WanSite): readonly string[] =>
  wan.vpns.filter(({ sites }) => sites.includes(name)).map(({ anycast }) => `${anycast.text}/32`);

/**
 * A route is believed when the site at the end of its path owns it, whoever hands it on: so a site whose link to another is lost is still reached by way
 * of a third one, and nobody can announce what is another's.
 */
function owners(site: Site): Lines {
  const others = site.wan.sites.filter(({ id }) => id !== site.id);
  const announced = [site.network, ...site.prefixes].map(({ text }) => text);
  return [
    '! What each site owns: its network, its prefixes, and the addresses of VPNs that it can run.',
    others.map((owner) => [
      prefixList(`of-${owner.name}`, [owner.network.text, ...owner.prefixes.map(({ text }) => text), ...anycastOf(site, owner)]),
      `bgp as-path access-list from-${owner.name} seq 5 permit (^|_)${owner.as}$`,
    ]),
    prefixList('own', [...announced, ...anycastOf(site, site)]),
    'bgp as-path access-list here seq 5 permit ^$',
    prefixList('vpns', anycastOf(site, site)),
    '!',
    '! What is believed: a route that ends at the site that owns it, whoever hands it on.',
    others.map((owner, i) => ownedBy('believed', 10 * (i + 1), `of-${owner.name}`, `from-${owner.name}`)),
    '! What is told: the same, and what is our own.',
    ownedBy('told', 5, 'own', 'here'),
    others.map((owner, i) => ownedBy('told', 10 * (i + 1), `of-${owner.name}`, `from-${owner.name}`)),
    '! The routes of VPNs that are online here, as dynvpn puts them in place.',
    'route-map online permit 10',
    ' match ip address prefix-list vpns',
    'exit',
    '!',
  ];
}

const ownedBy = (map: string, sequence: number, prefixes: string, path: string): Lines => [
  `route-map ${map} permit ${sequence}`,
  ` match ip address prefix-list ${prefixes}`,
  ` match as-path ${path}`,
  'exit',
];

/** Otherwise it would speak with the address of a link, to which few know the way. */
const sourceAddress = ({ router }: Site): Lines => [
  '! What the router itself sends has an address that every site knows the way to.',
  'route-map source permit 10',
  ` set src ${router.text}`,
  'exit',
  'ip protocol bgp route-map source',
  '!',
];

function bgp(site: Site): Lines {
  const { keepalive, hold, bfd: detection } = site.wan.bgp;
  return [
    `router bgp ${site.as}`,
    ` bgp router-id ${site.router.text}`,
    ' bgp log-neighbor-changes',
    ' ! Both directions have route-maps, below.',
    ' no bgp ebgp-requires-policy',
    ' no bgp network import-check',
    ' ! Of two sites that both have a VPN, the one that got it last has the lower metric: the fencing token, which dynvpn puts into the route.',
    ' bgp always-compare-med',
    ' bgp bestpath med missing-as-worst',
    ' coalesce-time 10',
    ...(site.links.length === 0 ? [] : [
      ' neighbor sites peer-group',
      ` neighbor sites timers ${secondsOf(keepalive)} ${secondsOf(hold)}`,
      ' neighbor sites timers connect 1',
      ' neighbor sites advertisement-interval 0',
      ' ! Who is not at the other end of a link is not heard (RFC 5082).',
      ' neighbor sites ttl-security hops 1',
      ...(detection === undefined ? [] : [' neighbor sites bfd', ' neighbor sites bfd profile link']),
    ]),
    site.links.map(neighbor),
    ' address-family ipv4 unicast',
    ...[site.network, ...site.prefixes].map(({ text }) => `  network ${text}`),
    '  redistribute kernel route-map online',
    '  redistribute static route-map online',
    '  maximum-paths 1',
    ...(site.links.length === 0 ? [] : ['  neighbor sites route-map believed in', '  neighbor sites route-map told out']),
    ' exit-address-family',
    'exit',
  ];
}

const neighbor = ({ peer, far }: Link): Lines => [
  ` neighbor ${far.text} remote-as ${peer.as}`,
  ` neighbor ${far.text} peer-group sites`,
  ` neighbor ${far.text} description ${peer.name}`,
];

function bfd({ wan: { bgp: { bfd: detection } } }: Site): Lines {
  if (detection === undefined) return [];
  const { interval, multiplier } = detection;
  return [
    '!',
    `! A link counts as lost after ${multiplier * interval} ms of silence.`,
    'bfd',
    ' profile link',
    `  detect-multiplier ${multiplier}`,
    `  transmit-interval ${interval}`,
    `  receive-interval ${interval}`,
    ' exit',
    'exit',
  ];
}
