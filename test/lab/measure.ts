/** How long a client was without service because of a fault. */
import { during, type Wire } from './capture.js';
import { dig } from './clients.js';
import { namespaces, until } from './command.js';
import type { Fault } from './faults.js';
import type { Lab } from './lab.js';
import { internet, providerOf, providers } from './layout.js';
import { now, Probe } from './probe.js';

export interface Measurement {
  readonly outageMs: number;
  readonly from: string;
  /** Who served the client when it was served again. */
  readonly served: string;
  /** Where the client's DNS was answered then. */
  readonly dnsAt: string;
  /** Sites that had the route when all was mended. */
  readonly holders: readonly string[];
  /** Addresses that the Internet has seen the client come from. */
  readonly seen: readonly string[];
}

/** The longest that a client may be without service before a fault counts as not survived. */
const patienceMs = 30_000;

/** Strikes VPN 1 at its first site, and looks what becomes of its client; leaves the WAN mended. */
export async function measure(lab: Lab, fault: Fault): Promise<Measurement> {
  const home = lab.sites[0]!;
  await lab.move(1, home);
  const [client] = lab.clients;
  const probe = await Probe.start(client);
  try {
    const struck = now();
    await fault.strike(lab, home);
    if (fault.moves) await until(`VPN 1 has come to another site`, async () => (await lab.holders(1)).some(({ name }) => name !== home.name), patienceMs);
    await probe.steadySince(now(), patienceMs);
    const outageMs = probe.outageSince(struck);
    const [served, dnsAt] = [await servedAt(lab), await dnsSite(lab)];
    await fault.mend(lab, home);
    await lab.settled(1);
    return { outageMs, from: home.name, served, dnsAt, holders: (await lab.holders(1)).map(({ name }) => name), seen: probe.seen };
  } finally {
    await probe.stop();
  }
}

let asked = 0;

/** The site whose container carries what the client sends. */
async function servedAt(lab: Lab): Promise<string> {
  const filter = `udp dst port ${internet.whoamiPort} and src host ${lab.clients[0].sources[0]}`;
  const existing = await namespaces();
  const sites = lab.sites.filter((site) => existing.includes(lab.namespaceOf(site, 'vpn1')));
  const wires = sites.map((site): Wire => ({ namespace: lab.namespaceOf(site, 'vpn1'), device: 'any', filter }));
  const captured = await during(wires, (captures) => until('a container carries it', () => captures.some(({ packets }) => packets.length > 0)));
  return sites.filter((_, i) => captured[i]!.length > 0).map(({ name }) => name).join(' and ');
}

/** The site whose DNS server the client's question comes to; it has to be answered by the VPN's provider. */
export async function dnsSite(lab: Lab): Promise<string> {
  const name = `where-${now()}-${++asked}.example.net`.replaceAll(/\.(?=\d)/g, '-');
  const { answer } = providers[providerOf(1, lab.options)];
  const wires = lab.sites.map((site): Wire => ({ namespace: lab.namespaceOf(site, 'vpndns'), device: 'eth0', filter: 'udp dst port 53' }));
  const captured = await during(wires, async (captures) => {
    const ask = (): ReturnType<typeof dig> => dig(lab.clients[0], lab.sites[0]!.wan.resolver.text, name);
    await until('the client is answered by its provider', async () => (await ask()).addresses.join() === answer);
    await until('the question was seen', () => captures.some(({ packets }) => packets.some(({ text }) => text.includes(name))));
  });
  return lab.sites.filter((_, i) => captured[i]!.some(({ text }) => text.includes(name))).map((site) => site.name).join(' and ');
}
