/** Addresses that follow from numbers. */
import { addressOfOctets, type Address, type Cidr } from '../../core/address.js';

const toNumber = ({ octets }: Address): number => octets.reduce((sum, octet) => sum * 256 + octet, 0);

/** How many addresses an IPv4 network has. */
export const sizeOf = ({ prefix }: Cidr): number => 2 ** (32 - prefix);

/** The address at an offset in an IPv4 network; undefined when it lies outside. */
export function nth(network: Cidr, offset: number): Address | undefined {
  if (offset < 0 || offset >= sizeOf(network)) return undefined;
  const sum = toNumber(network.network) + offset;
  return addressOfOctets(Uint8Array.of(sum >>> 24, (sum >>> 16) & 0xff, (sum >>> 8) & 0xff, sum & 0xff));
}

/** An address after its network has been checked to hold it. */
export function nthIn(network: Cidr, offset: number): Address {
  const address = nth(network, offset);
  if (address === undefined) throw new Error(`${network.text} has no address number ${offset}`);
  return address;
}

/** The number of a pair of sites, from 0: it depends on these two alone, so that a site that is added renumbers nobody. */
export function pairNumber(one: number, other: number): number {
  const [low, high] = one < other ? [one, other] : [other, one];
  return ((high - 1) * (high - 2)) / 2 + low - 1;
}

/** The offsets in the transit network of the two ends of a link, and of the tunnel below it; `near` is that of site `one`. */
export function linkOffsets(transit: Cidr, one: number, other: number): { link: Ends; inside: Ends } {
  const link = endsAt(2 * pairNumber(one, other), one < other);
  const half = sizeOf(transit) / 2;
  return { link, inside: { near: link.near + half, far: link.far + half } };
}

export interface Ends {
  readonly near: number;
  readonly far: number;
}

const endsAt = (offset: number, nearIsLower: boolean): Ends => (nearIsLower ? { near: offset, far: offset + 1 } : { near: offset + 1, far: offset });

/** Whether the links of a site with that number fit in the transit network, whoever is at their other ends below it. */
export const hasLinksFor = (transit: Cidr, highestId: number): boolean => (highestId - 1) * highestId <= sizeOf(transit) / 2;
