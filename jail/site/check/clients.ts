/** Clients: each has one tunnel, and one way through the WAN to it. */
import { contains, type Address } from '../../../core/address.js';
import { hint } from '../../../core/corefile/wording.js';
import { nth } from '../numbering.js';
import type { WanFile } from '../schema.js';
import { reportRepeated, type SiteFiles } from './report.js';

type ClientFile = WanFile['clients'][string];

export function checkClients({ wan, inWan }: SiteFiles): void {
  const clients = Object.entries(wan.clients);
  reportRepeated(inWan, clients.map(([name, { id }]) => [id, ['clients', name, 'id']]), 'the id');
  reportRepeated(inWan, clients.flatMap(([name, client]) => tunnelOf(name, client)), 'the tunnel');
  for (const [name, client] of clients) {
    const path = ['clients', name];
    const { endpoint, routed_by: routedBy, vpn } = client;
    if ((endpoint === undefined) === (routedBy === undefined)) inWan(path, 'a client has either an endpoint or a routed_by');
    else if (endpoint === undefined) checkRouted(name, client, { wan, inWan });
    else checkEndpoint(name, client, endpoint, { wan, inWan });
    if (!Object.hasOwn(wan.vpns, vpn)) inWan([...path, 'vpn'], `there is no VPN ${vpn}`);
  }
}

/** Two clients can't have a tunnel between the same two addresses: GRE without keys could not tell them apart. */
function tunnelOf(name: string, { endpoint, routed_by: routedBy, vpn }: ClientFile): (readonly [string, string[]])[] {
  const end = endpoint?.text ?? routedBy;
  return end === undefined ? [] : [[`of VPN ${vpn} to ${end}`, ['clients', name, endpoint === undefined ? 'routed_by' : 'endpoint']]];
}

type WanChecks = Pick<SiteFiles, 'wan' | 'inWan'>;

function checkRouted(name: string, { routed_by: routedBy = '', prefixes }: ClientFile, { wan, inWan }: WanChecks): void {
  const sites = Object.keys(wan.sites);
  if (!sites.includes(routedBy)) inWan(['clients', name, 'routed_by'], `there is no site ${routedBy}${hint(routedBy, sites)}`);
  if (prefixes.length === 0) inWan(['clients', name], `${routedBy} is to route this client, but it has no prefixes`);
}

function checkEndpoint(name: string, client: ClientFile, endpoint: Address, { wan, inWan }: WanChecks): void {
  const path = ['clients', name, 'endpoint'];
  const site = siteOfClient(client, wan);
  const isRouter = site !== undefined && nth(wan.sites[site]!.network, wan.numbers.router)?.text === endpoint.text;
  if (site === undefined) inWan(path, `no site has a network or prefix with ${endpoint.text}; packets to it would go nowhere`);
  if (isRouter) inWan(path, `${endpoint.text} is the router of ${site}; write routed_by: ${site}`);
  const around = client.prefixes.findIndex((prefix) => contains(prefix, endpoint));
  if (around >= 0) inWan([...path.slice(0, 2), 'prefixes', around], `the far end of the tunnel, ${endpoint.text}, would be routed into the tunnel itself`);
}

/** The site that routes a client, or the one where the far end of its tunnel is. */
export function siteOfClient({ endpoint, routed_by: routedBy }: ClientFile, { sites }: WanFile): string | undefined {
  if (endpoint === undefined) return routedBy;
  return Object.keys(sites).find((name) => [sites[name]!.network, ...sites[name]!.prefixes].some((network) => contains(network, endpoint)));
}
