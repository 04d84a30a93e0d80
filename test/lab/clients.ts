/** Clients of the VPNs: each on a wire of its own to the router of a site, with a GRE tunnel to its VPN, and ten addresses behind it. */
import { join } from 'node:path';
import type { Client, Wan } from '../../jail/site/site.js';
import { attempt, findProcesses, ipBatch, run, signal, startDaemon, until, within } from './command.js';
import { addMachine } from './internet.js';
import { directory, siteName, type LabClient } from './layout.js';

export const tunnelDevice = 'gre1';
export const wire = 'eth0';

/** GRE and ESP around it must fit the sites' links. */
const mtu = 1300;

export const tunnelOf = (wan: Wan, { name }: LabClient): Client => wan.clients.find((client) => client.name === name)!;

/** Makes a client; it is on no wire yet. */
export async function addClient(client: LabClient, wan: Wan): Promise<void> {
  const { namespace, sources } = client;
  await addMachine(namespace);
  await ipBatch(namespace, sources.map((source) => `addr add ${source}/32 dev lo`));
  await attach(client, wan);
}

/** Gives a client its wire and its tunnel anew, unless both are there: a router that goes takes the wire with it, and what has lost its wire may end. */
export async function attach(client: LabClient, wan: Wan): Promise<void> {
  const { namespace } = client;
  const lacks = async (device: string): Promise<boolean> => (await attempt(['ip', '-n', namespace, 'link', 'show', device])).code !== 0;
  if (await lacks(wire)) await addWire(client, wan);
  else if (!(await lacks(tunnelDevice))) return;
  signal(await findProcesses(namespace, /^socat /), 'SIGKILL');
  await attempt(['ip', '-n', namespace, 'link', 'delete', tunnelDevice]);
  await until(`the old tunnel of ${client.name} is gone`, () => lacks(tunnelDevice));
  await addTunnel(client, tunnelOf(wan, client));
}

/**
 * Takes a client off its wire. A namespace that is removed lives on, with its ends of wires, as long as the kernel has something to send for connections
 * that were in it.
 */
export async function detach({ namespace }: LabClient): Promise<void> {
  await attempt(['ip', '-n', namespace, 'link', 'delete', wire]);
}

async function addWire(client: LabClient, wan: Wan): Promise<void> {
  const { id, namespace, site, endpoint, router } = client;
  const routerNamespace = `${siteName(site)}-ipsec`;
  const port = `access${id}`;
  await ipBatch(namespace, [`link add ${wire} type veth peer name ${port} netns ${routerNamespace}`]);
  await ipBatch(routerNamespace, [`addr add ${router}/24 dev ${port}`, `link set ${port} up`]);
  await ipBatch(namespace, [
    // The end of its tunnel is all that it reaches by another way than the tunnel.
    `addr add ${endpoint}/24 dev ${wire}`, `link set ${wire} up`, `route add ${tunnelOf(wan, client).vpn.anycast.text} via ${router}`,
  ]);
}

async function addTunnel({ name, namespace, endpoint, sources }: LabClient, { vpn: { anycast }, inner }: Client): Promise<void> {
  const byKernel = ['ip', '-n', namespace, 'link', 'add', tunnelDevice, 'type', 'gre', 'local', endpoint, 'remote', anycast.text];
  if ((await attempt(byKernel)).code === 0) {
    await ipBatch(namespace, [`addr add ${inner.far.text}/30 dev ${tunnelDevice}`, `link set ${tunnelDevice} up`]);
  } else {
    // A TUN device's header with packet information is byte for byte the header of GRE without options.
    startDaemon(namespace, [
      'socat', `TUN:${inner.far.text}/30,tun-name=${tunnelDevice},iff-up`, `IP4-DATAGRAM:${anycast.text}:47,bind=${endpoint},range=${anycast.text}/32`,
    ], join(directory, 'log', `${name}-gre.log`));
    await until(`the tunnel of ${name} is there`, async () => (await run(['ip', '-n', namespace, 'addr', 'show', tunnelDevice])).includes(inner.far.text));
  }
  await ipBatch(namespace, [`link set ${tunnelDevice} mtu ${mtu}`, `route add default via ${inner.near.text} dev ${tunnelDevice} src ${sources[0]}`]);
}

/** Asks the client's resolver for an A record, as the client does. */
export async function dig({ namespace, sources }: LabClient, server: string, name: string, ...options: readonly string[]): Promise<DigResult> {
  const { stdout } = await attempt(within(namespace, 'dig', '-b', sources[0]!, `@${server}`, '+tries=1', '+time=2', ...options, name, 'A'));
  const addresses = [...stdout.matchAll(/^\S+\s+\d+\s+IN\s+A\s+(\S+)$/gm)].map(([, address = '']) => address);
  return { status: /status: (\w+)/.exec(stdout)?.[1] ?? 'none', addresses };
}

export interface DigResult {
  /** `NOERROR`, `SERVFAIL` …, or `none` when nobody answered. */
  readonly status: string;
  readonly addresses: readonly string[];
}
