/** Where a rule sends queries: servers, or an `upstream` group by its name. */
import type { Endpoint } from '../../core/address.js';
import type { Position } from '../../core/errors.js';
import { value, type Value } from '../../core/properties.js';
import { readServers } from '../../core/upstream/index.js';

/** One word behind `to`. */
export type Target =
  | { readonly servers: readonly Endpoint[]; readonly at: Position }
  | { readonly group: string; readonly at: Position };

/** A group's name can't be taken for an address, a file or a URL. */
const groupName = /^[a-z][a-z0-9_-]*$/i;

/** An address, a file that lists servers, or the name of an `upstream` group. */
export const target = (): Value<Target> =>
  value('TO', (word, at) => (groupName.test(word) ? { group: word, at } : { servers: readServers(word, at), at }));

/** The name of an `upstream` group. */
export const newGroup = (): Value<string> =>
  value('GROUP', (word) => {
    if (!groupName.test(word)) throw new RangeError(`'${word}' is no name for a group; it has letters, digits, '-' and '_', and begins with a letter`);
    return word;
  });
