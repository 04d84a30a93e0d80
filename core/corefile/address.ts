/** The addresses before a server block of a DNS host. A host of another kind names its blocks as it likes. */
import { parseAddress, parseCidr } from '../address.js';
import type { Position } from '../errors.js';
import { nameFromText, reverseZonesOf, root } from '../name.js';
import type { Name } from '../name.js';
import { allOf } from './mistakes.js';
import type { Block } from './parser.js';
import { readWord } from './reader.js';
import { value } from './values.js';
import type { Value } from './values.js';
import { hint, quote } from './wording.js';

/** Which queries a server block serves: those for these zones that arrive at this port. */
export interface ServerAddress {
  readonly scheme: 'dns';
  /** One zone, or the reverse zones of a network. */
  readonly zones: readonly Name[];
  readonly port: number;
  /** As written. */
  readonly text: string;
  readonly at: Position;
}

const notYet = ['tls', 'https', 'quic', 'grpc'];

/** `[SCHEME://]ZONE[:PORT]`; a network as ZONE stands for its reverse zones, nothing for the root. */
export const dnsAddress = (defaultPort: number): Value<ServerAddress> =>
  value('[SCHEME://]ZONE[:PORT]', (text, at) => {
    const [, scheme = 'dns', rest = ''] = /^(?:([^:/[\]]*):\/\/)?([^]*)$/.exec(text) ?? [];
    checkScheme(scheme.toLowerCase());
    const { zone, port = defaultPort } = splitPort(rest);
    return { scheme: 'dns', zones: zonesOf(zone), port, text, at };
  });

function checkScheme(scheme: string): void {
  if (notYet.includes(scheme)) throw new RangeError(`${scheme}:// is not supported yet; only dns:// is`);
  if (scheme !== 'dns') throw new RangeError(`there is no scheme ${quote(scheme)}${hint(scheme, ['dns'])}`);
}

function splitPort(text: string): { zone: string; port?: number } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  // The colons of a bare IPv6 network are its own.
  if (bracketed === null && parseCidr(text) !== undefined) return { zone: text };
  const [, zone = '', port] = bracketed ?? /^([^]*?)(?::([^:]*))?$/.exec(text) ?? [];
  if (port === undefined) return { zone };
  if (!/^\d{1,5}$/.test(port) || Number(port) > 0xffff) throw new RangeError(`${quote(port)} is no port, a number up to 65535`);
  return { zone, port: Number(port) };
}

function zonesOf(zone: string): readonly Name[] {
  if (zone === '') return [root];
  if (parseAddress(zone) !== undefined) {
    throw new RangeError(`${zone} is an address, not a zone; to listen on it write 'bind ${zone}' in the block, for its reverse zone ${parseCidr(zone)!.text}`);
  }
  const network = parseCidr(zone);
  if (network !== undefined) return reverseZonesOf(network.network, network.prefix);
  if (/[/:[\]]/.test(zone)) throw new RangeError(`${quote(zone)} is neither a domain name nor a network`);
  return [nameFromText(zone)];
}

/** The addresses of a block, read as the host chooses. Throws a ConfigError with all mistakes. */
export const readAddresses = <T>(block: Pick<Block, 'addresses'>, address: Value<T>): T[] =>
  allOf(block.addresses.map((word) => () => readWord(address, word)));
