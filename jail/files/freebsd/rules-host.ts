/**
 * The host's own rules: in a set of their own, and low in number, so that they come before the administrator's. They lead, translate and refuse,
 * and let nothing pass: whatever they don't refuse is judged by the rules behind them.
 */
import type { Site } from '../../site/site.js';
import { tableLines } from './ipfw.js';
import { bridges, hostRules } from './names.js';
import { hidden, insideOnly, texts } from './networks.js';

/** Tables of the host are named so that they meet no other. */
export const hostTables = {
  hidden: 'vpncore-hidden', wan: 'vpncore-wan', peers: 'vpncore-peers', upstreams: 'vpncore-upstreams', services: 'vpncore-services',
  vpns: 'vpncore-vpns', servers: 'vpncore-servers', rules: 'vpncore-rules',
} as const;

const { set, nat } = hostRules;
const add = (number: number, rule: string): string => `add ${number} set ${set} ${rule}`;

export const hostRuleLines = (site: Site): readonly string[] => [...translation(site), ...tables(site), ...leads(site), ...refusals(site), ...ways(site)];

function translation({ internet, router, wan: { tunnel } }: Site): readonly string[] {
  const inbound = tunnel === 'gre' ? [`redirect_proto gre ${router.text}`] : [500, 4500].map((port) => `redirect_port udp ${router.text}:${port} ${port}`);
  return [
    "# Containers go out with the host's address; the tunnels of other sites end at the router.",
    `nat ${nat} config if ${internet} same_ports ${inbound.join(' ')}`,
  ];
}

const tables = (site: Site): readonly string[] => [
  '', '# Who is who.',
  ...tableLines({ name: hostTables.hidden, type: 'addr', entries: texts(hidden(site)) }),
  ...tableLines({ name: hostTables.wan, type: 'addr', entries: texts(insideOnly(site)) }),
  ...tableLines({ name: hostTables.peers, type: 'addr', entries: texts(site.links.map(({ peer }) => peer.address)) }),
  ...tableLines({ name: hostTables.upstreams, type: 'addr', entries: texts(site.dns.upstreams) }),
  ...tableLines({ name: hostTables.services, type: 'addr', entries: texts(site.services.map(({ address }) => address)) }),
  ...tableLines({ name: hostTables.vpns, type: 'addr', entries: texts(site.vpnContainers.map(({ address }) => address)) }),
  "# What the names of the providers' servers stand for.",
  `table ${hostTables.servers} create type addr missing`,
];

/** Next hops that the routing table does not tell. */
function leads({ name, network, router, wan }: Site): readonly string[] {
  const anycast = wan.networks.anycast.text;
  const routed = wan.clients.filter(({ routedBy }) => routedBy === name).flatMap(({ prefixes }) => prefixes);
  return [
    '', '# The router knows which site serves an address that VPNs share; only what it sends goes to the containers here.',
    add(30, `fwd ${router.text} ip from any to ${anycast} in not recv ${bridges.local} not dst-ip me`),
    add(31, `skipto 40 ip from ${router.text} to ${anycast} in recv ${bridges.local}`),
    add(32, `fwd ${router.text} ip from ${network.text} to ${anycast} in recv ${bridges.local} not dst-ip me`),
    ...(routed.length === 0 ? [] : ['# It has the tunnels of clients that have none.']),
    ...routed.map(({ text }) => add(33, `fwd ${router.text} ip from ${text} to not table(${hostTables.wan}) in not recv ${bridges.local}`)),
  ];
}

const refusals = ({ internet }: Site): readonly string[] => [
  '', '# What belongs to the WAN never shows on the Internet, in either direction.',
  add(40, `deny ip from table(${hostTables.hidden}) to any out xmit ${internet}`),
  add(41, `deny ip from any to table(${hostTables.wan}) out xmit ${internet}`),
  add(42, `deny ip from table(${hostTables.wan}) to any in recv ${internet}`),
];

/** Who may reach the Internet, and what there. */
function ways({ internet, network, router, vpndns, wan: { tunnel } }: Site): readonly string[] {
  const out = `out xmit ${internet}`;
  const outer = (from: string, to: string): readonly string[] =>
    (tunnel === 'gre' ? [`gre from ${from} to ${to}`] : [`udp from ${from} to ${to} 500,4500`]);
  return [
    '', '# The router reaches its peers, vpndns its upstreams, VPNs the servers of their providers, services all; who else is in the site reaches nothing.',
    ...outer(router.text, `table(${hostTables.peers})`).map((body) => add(50, `nat ${nat} ${body} ${out}`)),
    add(51, `nat ${nat} ip from ${vpndns.text} to table(${hostTables.upstreams}) ${out}`),
    add(52, `nat ${nat} ip from table(${hostTables.vpns}) to table(${hostTables.servers}) ${out}`),
    add(53, `nat ${nat} ip from table(${hostTables.services}) to any ${out}`),
    add(54, `deny ip from ${network.text} to any ${out}`),
    '# Answers, and the tunnels of other sites; nobody else reaches the router.',
    add(55, `nat ${nat} ip from any to me in recv ${internet}`),
    add(56, `deny ip from not table(${hostTables.peers}) to ${router.text} in recv ${internet}`),
  ];
}
