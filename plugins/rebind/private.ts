/** Addresses that mean something in the client's own network, or on its own host, and so nothing that the world's DNS may speak of. */
import { inAny, parseCidr, type AddressOctets, type Cidr } from '../../core/address.js';

const cidrs = (...texts: readonly string[]): Cidr[] => texts.map((text) => parseCidr(text)!);

const privateNetworks = inAny(cidrs(
  // "This" host (RFC 1122 section 3.2.1.3): a connection to 0.0.0.0 ends on the host itself.
  '0.0.0.0/8', '::/128',
  '127.0.0.0/8', '::1/128',
  // RFC 1918; RFC 6598, behind a carrier's NAT and inside overlay VPNs; RFC 3927.
  '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16',
  // RFC 4193; RFC 4291 section 2.5.6; RFC 3879, gone but still routed by hosts.
  'fc00::/7', 'fe80::/10', 'fec0::/10',
));

/** How IPv6 addresses begin that are another way to write an IPv4 address, and where that stands in them. */
const wrappings: readonly { readonly prefix: Buffer; readonly offset: number }[] = [
  // Compatible and mapped (RFC 4291 section 2.5.5), translated (RFC 6052 section 2.1), 6to4 (RFC 3056 section 2).
  { prefix: Buffer.alloc(12), offset: 12 },
  { prefix: Buffer.from('00000000000000000000ffff', 'hex'), offset: 12 },
  { prefix: Buffer.from('0064ff9b0000000000000000', 'hex'), offset: 12 },
  { prefix: Buffer.from('2002', 'hex'), offset: 2 },
];

/**
 * Whether an address of 4 or 16 octets is private, also when it is an IPv4 address in IPv6's clothes.
 * @param isAllowed the private addresses that are fine
 */
export function isPrivate(octets: Uint8Array, isAllowed: (address: AddressOctets) => boolean): boolean {
  const address: AddressOctets = { bits: octets.length === 4 ? 32 : 128, octets };
  if (privateNetworks(address)) return !isAllowed(address);
  const wrapping = address.bits === 128 ? wrappings.find(({ prefix }) => prefix.every((octet, i) => octet === octets[i])) : undefined;
  return wrapping !== undefined && isPrivate(octets.subarray(wrapping.offset, wrapping.offset + 4), isAllowed);
}
