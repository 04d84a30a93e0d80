/** What every container on Linux stands in: a network namespace, its wires to the bridges, its files of /etc. */
import type { Address, Cidr } from '../../../core/address.js';
import type { Container, Site } from '../../site/site.js';
import type { Step } from '../step.js';
import { clear, command, inside, ip, prints, shell } from './commands.js';
import { fileStep } from './files.js';
import { localBridge, localInterface, namespaceOf, wireOf } from './names.js';

/** The end of a namespace and of every process in it: all were started there. They are asked to end; after two seconds they must. */
const endNamespace = `for signal in TERM KILL; do
  for process in $(ip netns pids "$1"); do kill -s "$signal" "$process"; done
  tries=0
  while [ -n "$(ip netns pids "$1")" ] && [ "$tries" -lt 40 ]; do tries=$((tries + 1)); sleep 0.05; done
done
ip netns delete "$1"`;

/** @param forwards whether it passes on what is not for itself */
function namespaceStep(part: string, namespace: string, forwards: boolean): Step {
  const settings = {
    // A request may come by one interface, and its answer leave by the other.
    'net.ipv4.conf.all.rp_filter': 0, 'net.ipv4.conf.default.rp_filter': 0,
    // The way of packets is what the routes here say, not what somebody else proposes.
    'net.ipv4.conf.all.accept_redirects': 0, 'net.ipv4.conf.default.accept_redirects': 0,
    'net.ipv4.ip_forward': forwards ? 1 : 0,
    // Nothing here has an IPv6 address: nothing can leave by one.
    'net.ipv6.conf.all.disable_ipv6': 1, 'net.ipv6.conf.default.disable_ipv6': 1,
  };
  return {
    part, title: `${part}: a network namespace, ${namespace}`,
    test: [
      { ...inside(namespace, command('sysctl', '-n', ...Object.keys(settings))), prints: Object.values(settings).join('\n') },
      prints('lo', ...ip(namespace, 'link', 'show', 'dev', 'lo', 'up')),
    ],
    make: [
      clear('ip', 'netns', 'add', namespace),
      inside(namespace, command('sysctl', '-q', '-w', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`))),
      command(...ip(namespace, 'link', 'set', 'lo', 'up')),
    ],
    undo: [command(...shell(endNamespace, namespace))],
  };
}

export interface Wire {
  readonly bridge: string;
  /** The end on the bridge. */
  readonly outer: string;
  /** The end in the container, and its address. */
  readonly inner: string;
  readonly address: Address;
  readonly network: Cidr;
}

export function wireStep(part: string, namespace: string, { bridge, outer, inner, address, network }: Wire): Step {
  const withPrefix = `${address.text}/${network.prefix}`;
  return {
    part, title: `${part}: a wire to ${bridge}, with the address ${address.text}`,
    test: [
      prints(outer, ...ip(undefined, 'link', 'show', 'dev', outer, 'master', bridge, 'up')),
      prints(`inet ${withPrefix} `, ...ip(namespace, '-4', 'address', 'show', 'dev', inner, 'up')),
    ],
    make: [
      clear(...ip(undefined, 'link', 'delete', outer)),
      command(...ip(undefined, 'link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', namespace)),
      command(...ip(undefined, 'link', 'set', outer, 'master', bridge, 'up')),
      command(...ip(namespace, 'address', 'add', withPrefix, 'dev', inner)),
      command(...ip(namespace, 'link', 'set', inner, 'up')),
    ],
    undo: [command(...ip(undefined, 'link', 'delete', outer))],
  };
}

/** The files that a container sees in its /etc in place of the machine's. @param resolver whom it asks for names; without, nobody */
function etcSteps(part: string, namespace: string, resolver: Address | undefined): readonly Step[] {
  const directory = `/etc/netns/${namespace}`;
  const ask = resolver === undefined
    ? '# Nothing in this container asks for names: a query would leave by the wrong way. The names of the servers that it may reach stand in hosts.\n'
    : `nameserver ${resolver.text}\n`;
  return [
    {
      part, title: `${part}: a directory for its own files of /etc`,
      test: [command('test', '-d', directory)],
      make: [command('mkdir', '-p', directory)],
      undo: [command('rm', '-r', directory), clear('rmdir', '/etc/netns')],
    },
    fileStep(part, `${directory}/resolv.conf`, ask, 0o644),
  ];
}

export interface Base {
  /** Whether it passes on what is not for itself. */
  readonly forwards: boolean;
  /** Whom it asks for names. */
  readonly resolver: Address | undefined;
  /** What must be there before anything can reach it. */
  readonly before?: readonly Step[];
}

/** Its files, its namespace, and its wire to the site's network. */
export function containerSteps(site: Site, container: Container, { forwards, resolver, before = [] }: Base): readonly Step[] {
  const part = container.name;
  const namespace = namespaceOf(site, container);
  return [
    ...etcSteps(part, namespace, resolver),
    namespaceStep(part, namespace, forwards),
    ...before,
    wireStep(part, namespace, { bridge: localBridge, outer: wireOf(container), inner: localInterface, address: container.address, network: site.network }),
  ];
}
