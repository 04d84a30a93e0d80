/**
 * Firewall rules for Linux. What may pass is written down; the rest may not. In a VPN's container they are in force before there is anything to
 * pass, and stay when its session ends: a client's packet leaves by the session or not at all.
 */
import { createHash } from 'node:crypto';
import type { Address, Cidr } from '../../core/address.js';
import { anycastBridge, anycastInterface, clientInterface, localBridge, localInterface, routedHere, sessionInterface } from '../plan/linux/names.js';
import { isNumbered } from '../plan/linux/servers.js';
import type { Client, Site, VpnContainer } from '../site/site.js';
import type { RenderedFile } from './file.js';

/** The one table of a namespace, `inet vpnjail`. */
export interface Rules {
  /** For whoever reads the file. */
  readonly about: string;
  readonly table: string;
  /** Files with what is known only later, if they are there. */
  readonly includes?: string;
}

/** A chain of this name, which nothing uses, shows which rules are in force. */
export const rulesName = ({ table }: Rules): string => `is_${createHash('sha256').update(table).digest('hex').slice(0, 12)}`;

export const rulesFile = (path: string, rules: Rules): RenderedFile => ({ path, mode: 0o644, text: textOf(rules) });

/** An empty table first, so that the next line has something to delete: the file replaces what was there, in one transaction. */
const textOf = (rules: Rules): string => `${rules.about.split('\n').map((line) => `# ${line}`).join('\n')}

table inet vpnjail
delete table inet vpnjail
table inet vpnjail {
  # Tells which rules these are.
  chain ${rulesName(rules)} { }

${rules.table}}
${rules.includes === undefined ? '' : `\ninclude "${rules.includes}"\n`}`;

const textsOf = (values: readonly (Address | Cidr)[]): string => values.map(({ text }) => text).join(', ');

/** `{ a, b }`, or nothing for no elements: nft has no empty braces. */
const elements = (text: string): string => (text === '' ? '' : ` elements = { ${text} };`);
const networkSet = (name: string, networks: readonly (Address | Cidr)[]): string =>
  `  set ${name} { type ipv4_addr; flags interval; auto-merge;${elements(textsOf(networks))} }`;

const addressSet = (name: string, addresses: readonly Address[]): string =>
  `  set ${name} { type ipv4_addr;${elements([...new Set(addresses.map(({ text }) => text))].join(', '))} }`;

/** Everything that is reached by way of the WAN, and must not appear on the Internet; what is behind this very site is its own business. */
const insideOf = ({ wan, id }: Site): readonly Cidr[] => [
  wan.networks.anycast, wan.networks.transit, wan.networks.clients,
  ...wan.sites.map(({ network }) => network),
  ...wan.sites.filter((peer) => peer.id !== id).flatMap(({ prefixes }) => prefixes),
  ...wan.clients.flatMap(({ prefixes }) => prefixes),
];

/** What is reached by way of this site, and whoever has no tunnel but that of its router. */
const hereOf = (site: Site): readonly Cidr[] => [...site.prefixes, ...routedHere(site).flatMap(({ prefixes }) => prefixes)];

const serversOf = ({ servers }: VpnContainer): string[] => [...new Set(servers.map(({ protocol, port }) => `${protocol} . ${port}`))];

/** The host's own rules: they only add to what its administrator has. */
export function hostRules(site: Site): Rules {
  const { wan, internet, router, vpndns, network, links, services, vpnContainers, dns } = site;
  const peers = textsOf(links.map(({ peer }) => peer.address));
  const ways = [
    ...(wan.tunnel === 'gre' ? [] : [`${router.text} . udp . 500`, `${router.text} . udp . 4500`]),
    ...vpnContainers.flatMap((container) => serversOf(container).map((server) => `${container.address.text} . ${server}`)),
  ];
  const tunnels = wan.tunnel === 'gre' ? 'meta l4proto gre' : 'udp dport { 500, 4500 }';
  const free = textsOf(services.map(({ address }) => address));
  const upstreams = textsOf(dns.upstreams);
  const chain = (rules: readonly (string | false)[]): string => rules.filter((rule) => rule !== false).map((rule) => `    ${rule}\n`).join('');
  return {
    about: `${site.name}: what may pass between its containers and the Internet, by ${internet}.`,
    table: `${[
      '  # What must not be seen on the Internet: networks of the WAN, of its clients, and of their tunnels.', networkSet('inside', insideOf(site)),
      '  # What may be behind this host: it, too, may be on the side of the Internet.', networkSet('here', hereOf(site)), '',
      '  # Who may reach the Internet, and which ports there: the router its peers, a VPN its provider.',
      `  set ways { type ipv4_addr . inet_proto . inet_service;${elements(ways.join(', '))} }`, '',
    ].join('\n')}
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    # The tunnels of other sites end at the router.
${chain([peers !== '' && `iifname "${internet}" ip saddr { ${peers} } ${tunnels} dnat ip to ${router.text}`])}  }

  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "${internet}" ip saddr ${network.text} ip daddr != @here masquerade
  }

  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname { "${localBridge}", "${anycastBridge}" } oifname "${internet}" goto outward
    oifname "${internet}" ip saddr @inside goto outward
    oifname "${internet}" ip daddr @inside drop
    iifname "${internet}" oifname { "${localBridge}", "${anycastBridge}" } goto inward
    # Only the router knows which site serves a shared address.
    iifname "${localBridge}" oifname "${anycastBridge}" ip saddr ${network.text} ip saddr != ${router.text} drop
  }

  chain outward {
    ip daddr @here accept
    ip daddr @inside drop
    ct state established,related accept
    ip saddr . meta l4proto . th dport @ways accept
${chain([
    wan.tunnel === 'gre' && peers !== '' && `ip saddr ${router.text} meta l4proto gre ip daddr { ${peers} } accept`,
    upstreams !== '' && `ip saddr ${vpndns.text} ip daddr { ${upstreams} } accept comment "the servers that vpndns asks for the site itself"`,
    free !== '' && `ip saddr { ${free} } accept comment "services"`,
  ])}    drop
  }

  chain inward {
    ct state established,related accept
    ct status dnat accept
    ip saddr @here accept
    drop
  }
`,
  };
}

/** The rules of a VPN's container. */
export function vpnRules(site: Site, container: VpnContainer, includes: string): Rules {
  const { wan } = site;
  const clients = wan.clients.filter(({ vpn }) => vpn.id === container.vpn.id);
  return {
    about: `${site.name}, ${container.name}: who is served by ${container.vpn.name} gets out by it or not at all.\nIn force before any session and after it.`,
    table: [
      ...setsOf(site, container, clients),
      ...clientsChain(clients),
      ...natChains(site, container),
      ...forwardChain(site, container),
      ...localChains(site, container, clients),
    ].join('\n'),
    includes,
  };
}

function setsOf(site: Site, { servers }: VpnContainer, clients: readonly Client[]): string[] {
  const { wan } = site;
  const known = servers.filter(isNumbered).map(({ host, protocol, port }) => `${host} . ${protocol} . ${port}`);
  return [
    "  # The provider's servers: all of the Internet that the container itself may reach.",
    `  set servers { type ipv4_addr . inet_proto . inet_service;${elements(known.join(', '))} }`,
    '  # Where the WAN is; other addresses are not spoken to, on this side.',
    networkSet('wan', [...insideOf(site), ...wan.sites.flatMap(({ prefixes }) => prefixes)]),
    "  # Who may ask the provider's resolver, by way of port 53 of this container.",
    networkSet('dns_users', [site.vpndns, ...wan.dnsUsers]),
    '  # Whom clients ask: they are led to the DNS server beside us, wherever their VPN is.',
    addressSet('asked', [wan.resolver, ...wan.sites.map(({ vpndns }) => vpndns)]),
    '  # Resolvers on the Internet that clients must not reach.',
    networkSet('blocked', wan.blockedResolvers),
    "  # The far ends of clients' tunnels.",
    addressSet('endpoints', clients.map(({ endpoint }) => endpoint)),
    "  # The provider's resolver, as long as there is a session.",
    '  map resolver { type inet_service : ipv4_addr; }', '',
  ];
}

/** Nobody speaks for somebody else. */
const clientsChain = (clients: readonly Client[]): string[] => [
  '  chain clients {',
  '    type filter hook prerouting priority raw; policy accept;',
  ...clients.map((client) =>
    `    iifname "${clientInterface(client)}" ip saddr != { ${textsOf([client.inner.network, ...client.prefixes])} } drop comment "${client.name}"`),
  '  }', '',
];

const both = `{ "${localInterface}", "${anycastInterface}" }`;
const dnsPort = 'meta l4proto { tcp, udp } th dport 53';

function natChains(site: Site, container: VpnContainer): string[] {
  const own = textsOf([container.address, container.vpn.anycast]);
  return [
    '  chain prerouting {',
    '    type nat hook prerouting priority dstnat; policy accept;',
    `    iifname "client*" ip daddr @asked ${dnsPort} dnat ip to ${site.vpndns.text}`,
    `    iifname ${both} ip saddr @dns_users ip daddr { ${own} } meta l4proto { tcp, udp } dnat ip to th dport map @resolver`,
    '  }', '',
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat; policy accept;',
    '    # By this address the DNS server knows which VPN a client has.',
    `    oifname "${localInterface}" ip daddr ${site.vpndns.text} ${dnsPort} ct status dnat snat ip to ${container.address.text}`,
    '    # Not a fixed address: flows that never pause find their way when the session comes back with another.',
    `    oifname "${sessionInterface(site, container)}" masquerade`,
    '  }', '',
  ];
}

function forwardChain(site: Site, container: VpnContainer): string[] {
  const session = sessionInterface(site, container);
  const dns = site.vpndns.text;
  const answer = 'ct state established,related ct status dnat';
  return [
    '  chain forward {',
    '    type filter hook forward priority filter; policy drop;',
    '    tcp flags syn tcp option maxseg size set rt mtu',
    '    # Questions of clients to the DNS server, and its answers.',
    `    iifname "client*" oifname "${localInterface}" ip daddr ${dns} ${dnsPort} ct status dnat accept`,
    `    iifname "${localInterface}" oifname "client*" ip saddr ${dns} ${answer} accept`,
    '    # Other resolvers are refused, at once.',
    '    iifname "client*" meta l4proto tcp th dport 53 reject with tcp reset',
    '    iifname "client*" meta l4proto udp th dport 53 reject',
    '    iifname "client*" ip daddr @blocked reject',
    '    # All else of clients goes by the session.',
    `    iifname "client*" oifname "${session}" accept`,
    `    iifname "${session}" oifname "client*" ct state established,related accept`,
    "    # Questions to the provider's resolver, and its answers.",
    `    iifname ${both} oifname "${session}" ${dnsPort} ct status dnat accept`,
    `    iifname "${session}" oifname ${both} ${answer} accept`,
    '  }', '',
  ];
}

function localChains(site: Site, container: VpnContainer, clients: readonly Client[]): string[] {
  const gre = clients.length > 0;
  return [
    '  chain input {',
    '    type filter hook input priority filter; policy drop;',
    '    iifname "lo" accept',
    '    ct state established,related accept',
    ...(gre ? [`    iifname ${both} ip saddr @endpoints ip daddr ${container.vpn.anycast.text} meta l4proto gre accept`] : []),
    `    iifname ${both} ip saddr @wan icmp type echo-request accept`,
    '    iifname "client*" icmp type echo-request accept',
    '    # Without a session, who asks for a name is told so.',
    `    iifname ${both} ip saddr @dns_users ${dnsPort} reject`,
    '  }', '',
    '  chain output {',
    '    type filter hook output priority filter; policy drop;',
    '    oifname "lo" accept',
    `    oifname "${localInterface}" ip daddr . meta l4proto . th dport @servers accept`,
    ...(gre ? [`    oifname ${both} ip saddr ${container.vpn.anycast.text} ip daddr @endpoints meta l4proto gre accept`] : []),
    `    oifname ${both} ip daddr @wan ct state established,related accept`,
    '    oifname "client*" accept',
    '    # Checks.',
    `    oifname "${sessionInterface(site, container)}" icmp type echo-request accept`,
    '  }', '',
  ];
}
