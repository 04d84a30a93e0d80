/** A question's way from a client to the provider's resolver and back, as legs that can be seen on wires. */
import { during, type Packet, type Wire } from './capture.js';
import { tunnelDevice, tunnelOf, wire as clientWire } from './clients.js';
import { run, until } from './command.js';
import type { Lab } from './lab.js';
import { hostAddress, internet, providerOf, providers } from './layout.js';

/** One look at a packet. Steps are numbered as in the predecessor's design. */
export interface Leg {
  readonly step: number;
  readonly what: string;
  readonly wire: Wire;
  readonly pattern: RegExp;
}

export interface Seen {
  readonly leg: Leg;
  /** Seconds since 1970; undefined when it was not seen. */
  readonly at: number | undefined;
}

/** Where a client's question passes. */
interface Places {
  readonly client: { readonly source: string; readonly endpoint: string; readonly host: string; readonly tunnel: Wire; readonly wire: Wire };
  readonly site: { readonly host: string; readonly router: Wire; readonly anycast: string; readonly resolver: string };
  readonly container: {
    readonly address: string; readonly client: Wire; readonly local: Wire; readonly session: Wire; readonly sealed: Wire;
    /** It comes by the anycast bridge, and goes by the local one. */
    readonly gre: { readonly onto: Wire; readonly back: Wire };
  };
  readonly vpndns: { readonly address: string; readonly wire: Wire };
  readonly provider: { readonly address: string; readonly resolver: string; readonly answer: string };
  readonly internet: Wire;
}

/** Names are so long that what carries them in secret is longer than most that passes besides. */
const long = 'greater 200';
export const padding = `${'long'.repeat(15)}.${'name'.repeat(10)}`;

/** The device of a namespace with an address that begins so. */
async function deviceOf(namespace: string, address: string): Promise<string> {
  const found = (await run(['ip', '-n', namespace, '-o', '-4', 'addr'])).split('\n').find((line) => line.includes(` inet ${address}`));
  const device = found?.split(/\s+/)[1];
  if (device === undefined) throw new Error(`${namespace} has no address ${address}`);
  return device;
}

const dns = (namespace: string, device: string): Wire => ({ namespace, device, filter: 'udp port 53' });
const gre = (namespace: string, device: string): Wire => ({ namespace, device, filter: `proto 47 and ${long}` });

async function placesOf(lab: Lab): Promise<Places> {
  const [site, [client]] = [lab.sites[0]!, lab.clients];
  const { inner, vpn } = tunnelOf(site.wan, client);
  const provider = providers[providerOf(1, lab.options)];
  const [router, vpndns, container] = ['ipsec', 'vpndns', 'vpn1'].map((name) => lab.namespaceOf(site, name)) as [string, string, string];
  return {
    client: {
      source: client.sources[0]!, endpoint: client.endpoint, host: hostAddress(client.site),
      tunnel: dns(client.namespace, tunnelDevice), wire: gre(client.namespace, clientWire),
    },
    site: { host: hostAddress(site.id), router: gre(router, 'eth0'), anycast: vpn.anycast.text, resolver: site.wan.resolver.text },
    container: {
      address: site.vpnContainers[0]!.address.text, gre: { onto: gre(container, 'eth1'), back: gre(container, 'eth0') },
      client: dns(container, await deviceOf(container, inner.near.text)),
      local: dns(container, 'eth0'), session: dns(container, await deviceOf(container, provider.network.replace(/0\/24$/, ''))),
      sealed: { namespace: container, device: 'eth0', filter: `udp port ${provider.port} and ${long}` },
    },
    vpndns: { address: site.vpndns.text, wire: dns(vpndns, 'eth0') },
    provider,
    internet: { namespace: internet.namespace, device: internet.bridge, filter: `${lab.options.tunnel === 'gre' ? 'proto 47' : 'udp port 4500'} and ${long}` },
  };
}

const anywhere = '\\S+';
const literal = (text: string): string => text.replaceAll('.', '\\.');

/** A line of tcpdump: who sends to whom (addresses; the port follows), and what it shows. */
const line = (source: string, target: string, shows = ''): RegExp =>
  new RegExp(`^IP ${source}(?:\\.\\d+)? > ${target}(?:\\.\\d+)?: .*${shows}`, 'i');

/** All legs, in the order of time. */
export async function legsOf(lab: Lab, name: string): Promise<Leg[]> {
  const { client, site, container, vpndns, provider, internet: wan } = await placesOf(lab);
  const [question, answer] = [`A\\? ${literal(name)}`, `A ${literal(provider.answer)}`];
  const leg = (step: number, what: string, wire: Wire, source: string | undefined, target: string | undefined, shows = ''): Leg => ({
    step, what, wire, pattern: line(source === undefined ? anywhere : literal(source), target === undefined ? anywhere : literal(target), shows),
  });
  return [
    leg(1, 'the client asks its resolver, by its tunnel', client.tunnel, client.source, site.resolver, question),
    leg(1, 'in GRE, on the wire to its router', client.wire, client.endpoint, site.anycast, 'GRE'),
    leg(1, 'from host to host, over the Internet', wan, client.host, site.host),
    leg(2, 'out of the ipsec container, in GRE', site.router, client.endpoint, site.anycast, 'GRE'),
    leg(2, 'into the VPN container', container.gre.onto, client.endpoint, site.anycast, 'GRE'),
    leg(2, 'out of the tunnel there', container.client, client.source, site.resolver, question),
    leg(2, "as if the container asked, to the DNS server beside it", container.local, container.address, vpndns.address, question),
    leg(3, 'at vpndns, which decides by that address', vpndns.wire, container.address, vpndns.address, question),
    leg(4, 'back to the container, which is its own resolver', vpndns.wire, vpndns.address, container.address, question),
    leg(5, "into the session, to the provider's resolver", container.session, undefined, provider.resolver, question),
    leg(6, 'sealed, to the provider', container.sealed, container.address, provider.address),
    leg(7, 'the answer comes, sealed', container.sealed, provider.address, container.address),
    leg(7, 'out of the session', container.session, provider.resolver, undefined, answer),
    leg(8, 'to vpndns, as if the container had answered', vpndns.wire, container.address, vpndns.address, answer),
    leg(9, 'from vpndns to the container', vpndns.wire, vpndns.address, container.address, answer),
    leg(10, 'into the tunnel, as if the resolver had answered', container.client, site.resolver, client.source, answer),
    leg(10, 'out of the VPN container, in GRE', container.gre.back, site.anycast, client.endpoint, 'GRE'),
    leg(11, 'into the ipsec container', site.router, site.anycast, client.endpoint, 'GRE'),
    leg(11, 'from host to host, over the Internet', wan, site.host, client.host),
    leg(11, 'in GRE, on the wire to the client', client.wire, site.anycast, client.endpoint, 'GRE'),
    leg(11, 'at the client', client.tunnel, site.resolver, client.source, answer),
  ];
}

/** For each leg the first packet that shows it, none before the leg before it. */
function match(legs: readonly Leg[], packetsOf: (wire: Wire) => readonly Packet[]): Seen[] {
  let last = 0;
  return legs.map((leg) => {
    const found = packetsOf(leg.wire).find(({ at, text }) => at >= last && leg.pattern.test(text));
    last = found?.at ?? last;
    return { leg, at: found?.at };
  });
}

/** Listens on all wires at once while a question is asked, until all legs were seen or it takes too long. */
export async function follow(legs: readonly Leg[], ask: () => Promise<void>): Promise<Seen[]> {
  const wires = [...new Set(legs.map(({ wire }) => wire))];
  let seen: Seen[] = [];
  await during(wires, async (captures) => {
    await ask();
    const look = (): boolean => {
      seen = match(legs, (wire) => captures[wires.indexOf(wire)]!.packets);
      return seen.every(({ at }) => at !== undefined);
    };
    await until('all legs are seen', look, 3000).catch(() => undefined);
  });
  return seen;
}
