/** Networks: whatever an address is in, it is in one place of the WAN. */
import { contains, type Address, type Cidr } from '../../../core/address.js';
import type { Path } from '../document.js';
import { siteOfClient } from './clients.js';
import type { SiteFiles } from './report.js';

/** A network, and for what it is used. */
interface Claim {
  readonly network: Cidr;
  readonly what: string;
  readonly path: Path;
  /** The site that has the prefix, or to which the client is near: what is behind a client may be announced by its own site. */
  readonly prefixOf?: string | undefined;
  readonly clientOf?: string | undefined;
}

export function checkNetworks(files: SiteFiles): void {
  checkOverlaps(files);
  checkInternetAddresses(files);
}

function claimsOf({ wan }: SiteFiles): Claim[] {
  return [
    ...(['anycast', 'transit', 'clients'] as const).map((key) => ({ network: wan.networks[key], what: `the ${key} network`, path: ['networks', key] })),
    ...Object.entries(wan.sites).flatMap(([name, site]) => [
      { network: site.network, what: `the network of ${name}`, path: ['sites', name, 'network'] },
      ...site.prefixes.map((network, i) => ({ network, what: `a prefix of ${name}`, path: ['sites', name, 'prefixes', i], prefixOf: name })),
    ]),
    ...Object.entries(wan.clients).flatMap(([name, client]) =>
      client.prefixes.map((network, i) =>
        ({ network, what: `a prefix of the client ${name}`, path: ['clients', name, 'prefixes', i], clientOf: siteOfClient(client, wan) }))),
  ];
}

/** Networks overlap only where one holds the other: in the order of their beginnings, those that hold the next one are a stack. */
function checkOverlaps(files: SiteFiles): void {
  const claims = claimsOf(files).sort((a, b) => compare(a.network.network, b.network.network) || a.network.prefix - b.network.prefix);
  const around: Claim[] = [];
  for (const claim of claims) {
    while (around.length > 0 && !contains(around.at(-1)!.network, claim.network.network)) around.pop();
    const other = around.findLast((outer) => !mayHold(outer, claim));
    if (other !== undefined) reportOverlap(claim, other, files);
    around.push(claim);
  }
}

function reportOverlap(claim: Claim, other: Claim, { inWan }: SiteFiles): void {
  const bothClients = claim.path[0] === 'clients' && other.path[0] === 'clients';
  const verb = bothClients ? 'would be routed twice: it is in' : 'overlaps';
  inWan(claim.path, `${claim.network.text}, ${claim.what}, ${verb} ${other.what}, ${other.network.text}, at ${inWan.at(other.path)}`);
}

const mayHold = (outer: Claim, inner: Claim): boolean =>
  (outer.prefixOf !== undefined && outer.prefixOf === inner.clientOf) || (inner.prefixOf !== undefined && inner.prefixOf === outer.clientOf);

/** In the order of addresses. */
function compare(a: Address, b: Address): number {
  for (const [i, octet] of a.octets.entries()) if (octet !== b.octets[i]) return octet - b.octets[i]!;
  return 0;
}

/** A tunnel's outer packets must not be routed into the tunnel. */
function checkInternetAddresses(files: SiteFiles): void {
  const claims = claimsOf(files);
  for (const [name, { address }] of Object.entries(files.wan.sites)) {
    const claim = claims.find(({ network }) => contains(network, address));
    if (claim === undefined) continue;
    files.inWan(['sites', name, 'address'], `${address.text}, on the Internet, is in ${claim.what}, ${claim.network.text}, at ${files.inWan.at(claim.path)}`);
  }
}
