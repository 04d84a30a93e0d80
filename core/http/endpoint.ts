/** Where an HTTP listener stands: an address and port, or a socket in the file system. */
import { parseAddress } from '../address.js';
import { value, type Value } from '../properties.js';

export interface HttpEndpoint {
  /** `127.0.0.1:8080`, `[::1]:8080`, `:8080` for every address of the host, or a path. */
  readonly text: string;
  readonly listen: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Whether only this host can reach it. */
  readonly isLocal: boolean;
  /** Whether it is left out on a host that has no such address. */
  readonly isOptional: boolean;
}

/** How a listener is called, and the key under which it outlives a reload: `http 127.0.0.1:8080`. */
export const keyOfEndpoint = ({ text }: HttpEndpoint): string => `http ${text}`;

/** The endpoints that one word means: two for `localhost`. */
export type HttpAddress = readonly HttpEndpoint[];

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

function tcpEndpoint(host: string, port: number, isOptional = false): HttpEndpoint {
  return { text: `${host.includes(':') ? `[${host}]` : host}:${port}`, listen: { host, port }, isLocal: isLoopback(host), isOptional };
}

function readHttpAddress(word: string, defaultPort: number): HttpAddress {
  const bare = parseAddress(word);
  if (bare !== undefined) return [tcpEndpoint(bare.text, defaultPort)];
  const [, inBrackets, plain = '', digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(word) ?? [];
  const host = inBrackets ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  const address = parseAddress(host);
  const example = `such as 127.0.0.1:${defaultPort}, [::1]:${defaultPort}, localhost:${defaultPort} or :${defaultPort}`;
  if (port < 1 || port > 65_535 || (address === undefined && host !== 'localhost' && (host !== '' || digits === undefined))) {
    throw new RangeError(`'${word}' is no address to listen on, ${example}`);
  }
  // A host may lack IPv6; localhost is then what is left of it.
  if (host === 'localhost') return [tcpEndpoint('127.0.0.1', port), tcpEndpoint('::1', port, true)];
  return [tcpEndpoint(address?.text ?? '', port)];
}

/** `ADDRESS[:PORT]`, `localhost[:PORT]`, or `:PORT` for every address of the host. */
export const httpAddress = (defaultPort: number): Value<HttpAddress> => value('ADDRESS', (word) => readHttpAddress(word, defaultPort));

/** A socket in the file system, for this host's own programs. */
export const unixEndpoint = (path: string): HttpEndpoint => ({ text: path, listen: { path }, isLocal: true, isOptional: false });
