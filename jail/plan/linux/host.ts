/** What the host itself gets: bridges, forwarding, rules, and routes to the rest of the WAN. */
import type { Address, Cidr } from '../../../core/address.js';
import { hostRules } from '../../files/nftables.js';
import type { Site } from '../../site/site.js';
import { hostPart, type Step } from '../step.js';
import { clear, command, ip, prints, shell } from './commands.js';
import { anycastBridge, anycastTable, clientTable, linkGroup, localBridge, routedHere } from './names.js';
import { fromOf, routesStep, ruleStep, via, type Route } from './routes.js';
import { rulesStep } from './rules.js';

export const hostSteps = (site: Site, run: string): readonly Step[] => [
  rulesStep(hostPart, 'what may pass between its containers and the Internet', undefined, `${run}/host/rules.nft`, hostRules(site)),
  bridgeStep(localBridge, site.gateway, site.network, 'for all containers', true),
  bridgeStep(anycastBridge, site.anycastGateway, site.wan.networks.anycast, 'for the addresses that VPNs share', false),
  routesStep(hostPart, 'routes to the rest of the WAN, by way of its router', undefined, wanRoutes(site)),
  ...anycastSteps(site),
  ...routedHere(site).flatMap((client) => [
    routesStep(hostPart, `the way for ${client.name} is the router`, undefined, [{ to: 'default', by: via(site.router), table: clientTable(client) }]),
    ruleStep(hostPart, `whatever comes from ${client.name} takes it`, undefined, clientTable(client), fromOf(client)),
  ]),
  forwardingStep(site.internet, run),
];

/** @param connected whether its network is reached by it from everywhere */
function bridgeStep(bridge: string, address: Address, { prefix }: Cidr, purpose: string, connected: boolean): Step {
  const withPrefix = `${address.text}/${prefix}`;
  // Answers may come by another way than questions go; 2 holds whatever net.ipv4.conf.all says.
  const settings = [`net.ipv4.conf.${bridge}.rp_filter=2`, `net.ipv4.conf.${bridge}.forwarding=1`];
  const ours = prints(bridge, ...ip(undefined, 'link', 'show', 'dev', bridge, 'group', linkGroup));
  return {
    part: hostPart, title: `host: ${bridge}, ${purpose}`,
    test: [
      ours,
      prints(`inet ${withPrefix} `, ...ip(undefined, '-4', 'address', 'show', 'dev', bridge, 'up')),
      prints('2\n1', 'sysctl', '-n', ...settings.map((setting) => setting.replace(/=.*/, ''))),
    ],
    make: [
      clear(...ip(undefined, 'link', 'add', bridge, 'group', linkGroup, 'type', 'bridge')),
      // A bridge of that name that somebody else has made is not ours to use.
      ours,
      command('sysctl', '-q', '-w', ...settings),
      command(...ip(undefined, 'address', 'replace', withPrefix, 'dev', bridge, ...(connected ? [] : ['noprefixroute']))),
      command(...ip(undefined, 'link', 'set', bridge, 'up')),
    ],
    undo: [command(...shell('[ -z "$(ip link show dev "$1" group "$2")" ] || ip link delete "$1"', bridge, linkGroup))],
  };
}

/** What the host sends to the router. What is reached by way of this very site may be behind the host, too: a route of the host's own comes first. */
function wanRoutes({ wan, id, router }: Site): readonly Route[] {
  const others = wan.sites.filter((peer) => peer.id !== id).flatMap(({ network, prefixes }) => [network, ...prefixes]);
  const own = wan.sites.filter((peer) => peer.id === id).flatMap(({ prefixes }) => prefixes);
  return [
    ...[wan.networks.anycast, wan.networks.transit, ...others].map(({ text }): Route => ({ to: text, by: via(router) })),
    ...own.map(({ text }): Route => ({ to: text, by: via(router), metric: 1_000_000 })),
  ];
}

/**
 * An address that VPNs share is reached where BGP says, which the router knows; only what the router itself sends to the containers beside it
 * goes to them. Else the host would serve its neighbours by a container that has no session.
 */
const anycastSteps = ({ wan: { networks: { anycast } } }: Site): readonly Step[] => [
  routesStep(hostPart, 'the way to the containers here that share an address with others', undefined,
    [{ to: anycast.text, by: ['dev', anycastBridge], table: anycastTable }]),
  ruleStep(hostPart, 'only the router takes it', undefined, anycastTable, [['iif', localBridge, 'to', anycast.text]]),
];

/** Answers from the Internet are passed on. How it was before is kept, for `down`. */
function forwardingStep(internet: string, run: string): Step {
  const [setting, before] = [`/proc/sys/net/ipv4/conf/${internet}/forwarding`, `${run}/host/forwarding-before`];
  return {
    part: hostPart, title: `host: packets that come by ${internet} are passed on, as far as the rules say`,
    test: [prints('1', 'cat', setting)],
    make: [
      command(...shell('[ -e "$2" ] || cat "$1" > "$2"', setting, before)),
      command(...shell('echo 1 > "$1"', setting)),
    ],
    undo: [command(...shell('[ ! -e "$2" ] || { cat "$2" > "$1" && rm "$2"; }', setting, before))],
  };
}
