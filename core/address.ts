/** IP addresses and networks: parsed once by `ipaddr.js`, then compared as octets. */
import ipaddr from 'ipaddr.js';

/** An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is its IPv4 address, so that the socket's family side-steps no rule. */
export interface Address {
  /** Canonical text (RFC 5952 for IPv6). */
  readonly text: string;
  readonly bits: 32 | 128;
  readonly octets: Uint8Array;
}

/** What of an address is compared. */
export type AddressOctets = Pick<Address, 'bits' | 'octets'>;

/** A network: an address with its host bits cleared, and the length of its prefix in bits. */
export interface Cidr {
  readonly text: string;
  readonly network: Address;
  readonly prefix: number;
}

function addressOf(parsed: ipaddr.IPv4 | ipaddr.IPv6): Address {
  const plain = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
  const octets = Uint8Array.from(plain.toByteArray());
  return { text: plain instanceof ipaddr.IPv6 ? plain.toRFC5952String() : plain.toString(), bits: octets.length === 4 ? 32 : 128, octets };
}

/** Reads an address in its usual text form; a zone index (`%eth0`) is dropped. `undefined` when it is none. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/%.*$/, '');
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return addressOf(ipaddr.IPv4.parse(bare));
  return ipaddr.IPv6.isValid(bare) ? addressOf(ipaddr.IPv6.parse(bare)) : undefined;
}

/** The address of 4 or 16 octets. */
export const addressOfOctets = (octets: Uint8Array): Address => addressOf(ipaddr.fromByteArray([...octets]));

/** Reads `192.0.2.0/24`, `2001:db8::/32`, or a bare address as a /32 or /128. Host bits are cleared. `undefined` when it is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const [left = '', right, ...more] = text.split('/');
  const address = parseAddress(left);
  if (address === undefined || more.length > 0 || (right !== undefined && !/^\d{1,3}$/.test(right))) return undefined;
  // ::ffff:192.0.2.0/120 counts its prefix from the IPv6 form.
  const mapped = left.includes(':') && address.bits === 32 ? 96 : 0;
  const prefix = right === undefined ? address.bits : Number(right) - mapped;
  if (prefix < 0 || prefix > address.bits) return undefined;
  const octets = address.octets.map((octet, i) => octet & maskOctet(prefix - 8 * i));
  const network = addressOfOctets(octets);
  return { text: `${network.text}/${prefix}`, network, prefix };
}

const maskOctet = (bits: number): number => (bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff00 >> bits) & 0xff);

/** Whether the address lies in the network. */
export function contains({ network, prefix }: Cidr, address: AddressOctets): boolean {
  if (network.bits !== address.bits) return false;
  const whole = prefix >> 3;
  for (let i = 0; i < whole; i++) if (network.octets[i] !== address.octets[i]) return false;
  return (prefix & 7) === 0 || ((network.octets[whole]! ^ address.octets[whole]!) & maskOctet(prefix & 7)) === 0;
}

/** The value of the most specific network that holds an address. */
export class CidrMap<T> {
  readonly #entries: readonly { readonly cidr: Cidr; readonly value: T }[];

  /** Of two equal networks the first wins. */
  constructor(entries: readonly { readonly cidr: Cidr; readonly value: T }[]) {
    this.#entries = entries.map((entry, i) => ({ entry, i })).sort((a, b) => b.entry.cidr.prefix - a.entry.cidr.prefix || a.i - b.i).map(({ entry }) => entry);
  }

  get(address: Address): T | undefined {
    for (const { cidr, value } of this.#entries) if (contains(cidr, address)) return value;
    return undefined;
  }
}

/** A predicate for "lies in any of these networks"; an empty list holds nothing. */
export function inAny(cidrs: readonly Cidr[]): (address: AddressOctets) => boolean {
  if (cidrs.length === 0) return () => false;
  return (address) => cidrs.some((cidr) => contains(cidr, address));
}

/** A server's address: where to send queries, or where to listen. */
export interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

/** `192.0.2.1:53`, `[2001:db8::1]:53`. */
export const textOfEndpoint = ({ address, port }: Endpoint): string => (address.bits === 32 ? `${address.text}:${port}` : `[${address.text}]:${port}`);

/** Reads `ADDRESS` or `ADDRESS:PORT` (IPv6 with a port in brackets). `undefined` when it is neither. */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | undefined {
  const bare = parseAddress(text);
  if (bare !== undefined) return { address: bare, port: defaultPort };
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const address = parseAddress(parts?.[1] ?? parts?.[2] ?? '');
  const port = parts?.[3] === undefined ? defaultPort : Number(parts[3]);
  return address === undefined || port < 1 || port > 65_535 ? undefined : { address, port };
}
