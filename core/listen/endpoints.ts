/** From what a block says (`bind`, ports) to the addresses on which sockets open. */
import { networkInterfaces } from 'node:os';
import { parseAddress, type Address } from '../address.js';

/** The addresses of this host, by interface. Handed in, so that tests can have interfaces of their own. */
export type Interfaces = () => ReadonlyMap<string, readonly Address[]>;

/** The system's, without IPv6 link-local addresses: those need a zone index that clients of a DNS server do not configure. */
export const systemInterfaces: Interfaces = () =>
  new Map(Object.entries(networkInterfaces()).map(([name, infos = []]) => [
    name,
    infos.filter(({ scopeid, internal }) => internal || !scopeid).flatMap(({ address }) => parseAddress(address) ?? []),
  ]));

/**
 * The addresses that `bind` arguments name: addresses as they are, interfaces with all theirs, nothing for "every address of this host".
 * A socket for each (rather than one for all) makes an answer leave from the address that was asked, as every client expects.
 * @throws RangeError for a word that is neither
 */
export function addressesToBind(words: readonly string[], interfaces: Interfaces): Address[] {
  const known = interfaces();
  const found = words.length === 0 ? [...known.values()].flat() : words.flatMap((word) => {
    const address = parseAddress(word);
    if (address !== undefined) return [address];
    const own = known.get(word);
    if (own === undefined) throw new RangeError(`'${word}' is neither an address nor an interface of this host (${[...known.keys()].join(', ')})`);
    return own;
  });
  return [...new Map(found.map((address) => [address.text, address])).values()];
}
