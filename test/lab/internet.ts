/** The Internet of the lab: a wire that all are on, resolvers, and somebody who says who asks. */
import { join } from 'node:path';
import { ipBatch, run, startDaemon, until, within } from './command.js';
import { compiled, directory, internet } from './layout.js';

const settings = [
  'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0', 'net.ipv4.ip_forward=1',
  'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1',
];

/** A namespace that stands for a machine of its own. */
export async function addMachine(namespace: string): Promise<void> {
  await run(['ip', 'netns', 'add', namespace]);
  await run(within(namespace, 'sysctl', '-qw', ...settings));
  await ipBatch(namespace, ['link set lo up']);
}

/** A machine on the Internet: its interface is `eth0`. */
export async function addHost(namespace: string, address: string): Promise<void> {
  await addMachine(namespace);
  const port = namespace.replace(/^lab-/, '');
  await ipBatch(namespace, [
    `link add eth0 type veth peer name ${port} netns ${internet.namespace}`, `addr add ${address}/24 dev eth0`, 'link set eth0 up',
  ]);
  await ipBatch(internet.namespace, [`link set ${port} master ${internet.bridge}`, `link set ${port} up`]);
  await ipBatch(namespace, [`route add default via ${internet.gateway}`]);
}

/** A resolver that has one answer to every question. */
export function startResolver(namespace: string, addresses: readonly string[], answer: string): void {
  startDaemon(namespace, [
    'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--pid-file=', '--user=root', '--no-resolv', '--no-hosts', '--bind-dynamic', '--no-ping',
    '--log-queries', '--log-facility=-', '--local-ttl=60', `--address=/#/${answer}`, ...addresses.map((address) => `--listen-address=${address}`),
  ], join(directory, 'log', `${namespace}-dns.log`));
}

const asks = async (namespace: string, server: string): Promise<boolean> =>
  (await run(within(namespace, 'dig', `@${server}`, '+tries=1', '+time=1', '+short', 'ready.example.net'))).trim() !== '';

/** Waits until a resolver of the namespace answers. */
export const resolverReady = (namespace: string, address: string): Promise<void> =>
  until(`the resolver ${address} of ${namespace} answers`, () => asks(namespace, address));

export async function buildInternet(): Promise<void> {
  const { namespace, bridge, gateway, whoami, whoamiPort, pinged, resolver, answer, blockedResolver } = internet;
  await addMachine(namespace);
  const known = [whoami, ...pinged, resolver, blockedResolver];
  await ipBatch(namespace, [
    `link add ${bridge} type bridge`, `link set ${bridge} up`, `addr add ${gateway}/24 dev ${bridge}`, 'link add known type bridge', 'link set known up',
    ...known.map((address) => `addr add ${address}/32 dev known`),
  ]);
  startResolver(namespace, [resolver, blockedResolver], answer);
  startDaemon(namespace, [process.execPath, compiled('./whoami-program.js'), whoami, String(whoamiPort)], join(directory, 'log', 'whoami.log'));
  await resolverReady(namespace, resolver);
}
