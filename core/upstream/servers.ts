/** How servers are named in a Corefile: by address, or by a file that lists them. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseEndpoint, type Endpoint } from '../address.js';
import { messageOf, type Position } from '../errors.js';
import { limits } from '../limits.js';
import { value, type Value } from '../properties.js';

const dnsPort = 53;

/** `ADDRESS`, `ADDRESS:PORT`, or a file like `/etc/resolv.conf`, which may list several. */
export const servers = (): Value<readonly Endpoint[]> => value('TO', readServers);

/** @param at where the word stands. Throws a RangeError that says what is wrong */
export function readServers(word: string, at: Position): readonly Endpoint[] {
  const [, scheme = 'dns', rest = word] = /^([a-z]+):\/\/(.*)$/.exec(word) ?? [];
  if (scheme !== 'dns') throw new RangeError(`'${word}': upstreams over ${scheme}:// are not supported yet; for plain DNS write the address alone`);
  const endpoint = parseEndpoint(rest, dnsPort);
  if (endpoint !== undefined) return [endpoint];
  if (!word.includes('/')) {
    throw new RangeError(`'${word}' is no address, such as 192.0.2.1 or [2001:db8::1]:53; a file that lists servers is written with a slash`);
  }
  return readFile(resolve(dirname(at.file), word));
}

/** Where resolvers look when their configuration names no server, or is not there at all (resolv.conf(5)). */
const localServer = parseEndpoint('127.0.0.1', dnsPort)!;
const systemFile = '/etc/resolv.conf';

function readFile(path: string): readonly Endpoint[] {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (path !== systemFile || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw new RangeError(`can't read servers from ${path}: ${messageOf(error)}`);
  }
  const found = parseResolvConf(text);
  if (found.length === 0 && path !== systemFile) throw new RangeError(`${path} has no line 'nameserver ADDRESS'`);
  return found.length === 0 ? [localServer] : found;
}

/** The `nameserver` lines of a resolver configuration (resolv.conf(5)); a keyword counts only at the start of a line. */
export function parseResolvConf(text: string): readonly Endpoint[] {
  const words = text.split(/\r?\n/).map((line) => /^nameserver[ \t]+([^ \t#;]+)/.exec(line)?.[1]);
  return words.flatMap((word) => (word === undefined ? [] : parseEndpoint(word, dnsPort) ?? []));
}

/** What is wrong with the number of servers of one group, if anything. */
export const tooMany = (all: readonly Endpoint[]): string | undefined =>
  all.length > limits.upstreamServers ? `a group has at most ${limits.upstreamServers} servers; these are ${all.length}` : undefined;
