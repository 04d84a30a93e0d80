/**
 * What may pass in a VPN container. The rules stand before there is a wire or a session, and name the tunnel before it is up; a session adds two
 * things only: the provider's resolver, and where a translation leads.
 */
import type { Site, VpnContainer } from '../../site/site.js';
import { forBoth, keptTable, tableLines } from './ipfw.js';
import { anycastWire, clientTunnels, localWire, tunnelOf } from './names.js';
import { texts } from './networks.js';

/** The number of a container's translations (ipfw(8), NETWORK ADDRESS TRANSLATION). */
export const nat = { tunnel: 1, resolver: 2, clientsAsk: 3, asOurselves: 4 } as const;

/** Tables that a session and `up` fill. */
export const learned = { resolver: 'resolver', servers: 'servers' } as const;

interface Names {
  readonly site: Site;
  readonly container: VpnContainer;
  readonly local: string;
  readonly anycast: string;
  readonly vpndns: string;
  readonly router: string;
  readonly wire: string;
  readonly tunnel: string;
}

export function vpnRules(site: Site, container: VpnContainer): readonly string[] {
  const names: Names = {
    site, container, local: container.address.text, anycast: container.vpn.anycast.text, vpndns: site.vpndns.text, router: site.router.text,
    wire: localWire(site, container).inside, tunnel: tunnelOf(container),
  };
  return [...translations(names), ...tables(names), ...comesIn(names), ...clientsMay(names), ...mayComeIn(names), ...goesOut(names), ...mayGoOut(names)];
}

/** The addresses that clients ask, whatever site they think they are at. */
const dnsAddresses = ({ wan }: Site): readonly string[] => texts([wan.resolver, ...wan.sites.map(({ vpndns }) => vpndns)]);

const translations = ({ site, local, vpndns, tunnel }: Names): readonly string[] => [
  `# ${nat.tunnel}: clients leave with the tunnel's address, whatever it is today; nobody comes in by it uninvited.`,
  `nat ${nat.tunnel} config if ${tunnel} deny_in reset same_ports`,
  `# ${nat.resolver}, which leads questions to our port 53 to the provider's resolver, is configured by the session.`,
  `# ${nat.clientsAsk}: clients may ask any of our resolvers; it is the one beside us that answers, under the address that was asked.`,
  `nat ${nat.clientsAsk} config ip ${site.wan.resolver.text} ${dnsAddresses(site).flatMap((asked) =>
    forBoth((protocol) => `redirect_port ${protocol} ${vpndns}:53 ${asked}:53`)).join(' ')}`,
  `# ${nat.asOurselves}: and they ask under our own address: it tells the resolver whose session to use.`,
  `nat ${nat.asOurselves} config ip ${local} deny_in`,
];

const tables = ({ site, container, anycast, local, wire }: Names): readonly string[] => {
  const tunnels = clientTunnels(site, container);
  return [
    '', '# Who is who.',
    ...tableLines({ name: 'wires', type: 'iface', entries: [wire, anycastWire(site, container).inside] }),
    ...tableLines({ name: 'own', type: 'addr', entries: [local, anycast] }),
    ...tableLines({ name: 'site', type: 'addr', entries: [site.network.text] }),
    ...tableLines({ name: 'clients', type: 'iface', entries: tunnels.map(({ name }) => name) }),
    ...tableLines({ name: 'endpoints', type: 'addr', entries: texts(tunnels.map(({ tunnel: [, far] }) => far)) }),
    ...tableLines({
      name: 'behind', type: 'addr', entries: texts(tunnels.flatMap(({ inner: [, far], routes }) => [{ text: `${far.text}/32` }, ...routes])),
    }),
    ...tableLines({ name: 'dns-addresses', type: 'addr', entries: dnsAddresses(site) }),
    ...tableLines({ name: 'dns-users', type: 'addr', entries: texts([...site.wan.dnsUsers, site.vpndns]) }),
    ...tableLines({ name: 'blocked', type: 'addr', entries: texts(site.wan.blockedResolvers) }),
    ...tableLines({ name: 'checks', type: 'addr', entries: texts(site.wan.ha.checkTargets) }),
    '# What the session has learned, and what the names of the provider\'s servers stand for.',
    keptTable(learned.resolver), keptTable(learned.servers),
  ];
};

const comesIn = ({ vpndns, local, wire, tunnel }: Names): readonly string[] => [
  '', '# Whole packets, of IPv4 only; no tunnel in the tunnel.',
  'add 100 allow ip from me to me via lo0',
  'add 110 deny ip6 from any to any',
  `add 120 deny gre from any to any via ${tunnel}`,
  'add 130 reass ip from any to any in',
  '', '# Coming in: translated, then judged by the rules below.',
  `add 200 nat ${nat.tunnel} ip from any to any in recv ${tunnel}`,
  ...forBoth((protocol) => `add 210 nat ${nat.asOurselves} ${protocol} from ${vpndns} 53 to ${local} in recv ${wire}`),
  ...forBoth((protocol) => `add 220 nat ${nat.clientsAsk} ${protocol} from any to table(dns-addresses) 53 in recv table(clients)`),
  ...forBoth((protocol) => `add 230 nat ${nat.resolver} ${protocol} from table(dns-users) to table(own) 53 in recv table(wires)`),
];

const clientsMay = ({ vpndns }: Names): readonly string[] => [
  '', '# Clients: each by its own tunnel; our resolver, and no other; the Internet; a ping to us.',
  'add 300 deny log ip from any to any in recv table(clients) not verrevpath',
  ...forBoth((protocol) => `add 310 allow ${protocol} from any to ${vpndns} 53 in recv table(clients)`),
  'add 320 reset tcp from any to any 53 in recv table(clients)',
  'add 320 unreach port udp from any to any 53 in recv table(clients)',
  'add 330 unreach filter-prohib ip from any to table(blocked) in recv table(clients)',
  'add 340 allow icmp from any to me in recv table(clients) icmptypes 0,3,8,11',
  'add 350 deny ip from any to me in recv table(clients)',
  'add 360 allow ip from any to any in recv table(clients)',
];

/** The provider's servers by protocol and port. */
function serverRules(number: number, { container }: Names, rule: (protocol: string, port: number) => string): readonly string[] {
  const kinds = new Map(container.servers.map(({ protocol, port }) => [`${protocol} ${port}`, rule(protocol, port)]));
  return [...kinds.values()].map((text) => `add ${number} allow ${text}`);
}

const mayComeIn = (names: Names): readonly string[] => {
  const { vpndns, router, local, anycast, wire, tunnel } = names;
  return [
    '', '# By the tunnel: answers only; the translation has refused the rest.',
    `add 400 allow ip from any to any in recv ${tunnel}`,
    '# By the wires: clients\' tunnels, the provider\'s packets, answers of our resolver, pings.',
    `add 410 allow gre from table(endpoints) to ${anycast} in recv table(wires)`,
    ...serverRules(420, names, (protocol, port) => `${protocol} from table(${learned.servers}) ${port} to ${local} in recv ${wire}`),
    ...forBoth((protocol) => `add 430 allow ${protocol} from ${vpndns} 53 to table(behind) in recv ${wire}`),
    '# Questions to the provider\'s resolver; without a session there is none, and who asks learns it at once.',
    ...forBoth((protocol) => `add 440 allow ${protocol} from table(dns-users) to table(${learned.resolver}) 53 in recv table(wires)`),
    'add 450 reset tcp from table(dns-users) to table(own) 53 in recv table(wires)',
    'add 450 unreach port udp from table(dns-users) to table(own) 53 in recv table(wires)',
    '# The router starts and stops the session.',
    `add 460 allow tcp from ${router} to ${local} 22 in recv ${wire}`,
    'add 470 allow icmp from table(site) to table(own) in recv table(wires) icmptypes 0,3,8,11',
  ];
};

const goesOut = ({ vpndns, wire, tunnel }: Names): readonly string[] => [
  '', '# Going out: translated, then judged by the rules below.',
  ...forBoth((protocol) => `add 500 nat ${nat.clientsAsk} ${protocol} from ${vpndns} 53 to any out xmit table(clients)`),
  ...forBoth((protocol) => `add 510 nat ${nat.resolver} ${protocol} from table(${learned.resolver}) 53 to table(dns-users) out recv ${tunnel}`),
  ...forBoth((protocol) => `add 520 nat ${nat.asOurselves} ${protocol} from table(behind) to ${vpndns} 53 out recv table(clients) xmit ${wire}`),
  `add 530 nat ${nat.tunnel} ip from any to any out xmit ${tunnel}`,
];

const mayGoOut = (names: Names): readonly string[] => {
  const { vpndns, router, local, anycast, wire, tunnel } = names;
  return [
    '', '# From client to tunnel and back, and nowhere else.',
    `add 600 allow ip from any to any out recv table(clients) xmit ${tunnel}`,
    `add 610 allow ip from any to any out recv ${tunnel} xmit table(clients)`,
    '# Clients\' questions to our resolver, and its answers.',
    ...forBoth((protocol) => `add 620 allow ${protocol} from ${local} to ${vpndns} 53 out recv table(clients) xmit ${wire}`),
    ...forBoth((protocol) => `add 630 allow ${protocol} from table(dns-addresses) 53 to any out recv ${wire} xmit table(clients)`),
    '# Questions to the provider\'s resolver, and its answers.',
    ...forBoth((protocol) => `add 640 allow ${protocol} from any to table(${learned.resolver}) 53 out recv table(wires) xmit ${tunnel}`),
    ...forBoth((protocol) => `add 650 allow ${protocol} from table(own) 53 to table(dns-users) out recv ${tunnel} xmit table(wires)`),
    '# Our own: clients\' tunnels, the session, its checks, who starts and stops it, errors and pings.',
    `add 660 allow gre from ${anycast} to table(endpoints) out xmit table(wires)`,
    ...serverRules(670, names, (protocol, port) => `${protocol} from ${local} to table(${learned.servers}) ${port} out xmit ${wire}`),
    `add 680 allow icmp from me to table(checks) out xmit ${tunnel} icmptypes 8`,
    `add 690 allow tcp from ${local} 22 to ${router} out xmit ${wire}`,
    'add 700 allow icmp from me to any out xmit table(clients) icmptypes 0,3,11',
    'add 710 allow icmp from table(own) to table(site) out xmit table(wires) icmptypes 0,3,8,11',
    '# Nothing else: rule 65534, which no flush removes.',
  ];
};
