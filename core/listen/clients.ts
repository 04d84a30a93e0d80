/** Clients' addresses in parsed form, so that only a client's first query pays for parsing. */
import { LRUCache } from 'lru-cache';
import { parseAddress, type Address } from '../address.js';
import { limits } from '../limits.js';

/** Returns the address of a text that the system gave us. */
export function addressParser(): (text: string) => Address {
  const known = new LRUCache<string, Address>({ max: limits.parsedClients });
  return (text) => {
    let address = known.get(text);
    if (address === undefined) {
      address = parseAddress(text);
      if (address === undefined) throw new TypeError(`the system named a peer '${text}'`);
      known.set(text, address);
    }
    return address;
  };
}
