/** Which of the last queries a caller wants to see. */
import { contains, parseCidr, type Cidr } from '../../core/address.js';
import { limits } from '../../core/limits.js';
import { isNameText, isWithin, nameFromText, type Name } from '../../core/name.js';
import { ApiError } from '../../core/plugin.js';
import { rcodeNumber } from '../../core/wire/types.js';
import type { QueryRecord } from './queries.js';

export const filterParameters = {
  limit: `At most so many (${limits.queriesKept})`,
  client: 'Only queries of this address or network',
  name: 'Only queries for this name and those below it',
  plugin: 'Only queries that this plugin answered',
  rcode: 'Only answers with this response code, or dropped',
} as const;

export interface Filter {
  readonly limit: number | undefined;
  matches(record: QueryRecord): boolean;
}

/** Reads a parameter, where it is given. Throws an `ApiError` that names it. */
function read<T>(parameters: Readonly<Record<string, string>>, name: keyof typeof filterParameters, parse: (text: string) => T | undefined): T | undefined {
  const text = parameters[name];
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value === undefined) throw new ApiError(400, `${name}: '${text}' makes no sense here`);
  return value;
}

const parseLimit = (text: string): number | undefined => (/^\d{1,6}$/.test(text) && Number(text) > 0 ? Number(text) : undefined);

/** Reads the parameters of `GET /queries`. Throws an `ApiError` for one that makes no sense. */
export function readFilter(parameters: Readonly<Record<string, string>>): Filter {
  const limit = read(parameters, 'limit', parseLimit);
  const client = read<Cidr>(parameters, 'client', parseCidr);
  const name = read<Name>(parameters, 'name', (text) => (isNameText(text) ? nameFromText(text) : undefined));
  const plugin = read(parameters, 'plugin', (text) => text);
  const rcode = read<number | 'dropped'>(parameters, 'rcode', (text) => (text === 'dropped' ? text : rcodeNumber(text)));
  return {
    limit,
    matches: (record) =>
      (client === undefined || contains(client, record.client)) &&
      (name === undefined || isWithin(record.name, name)) &&
      (plugin === undefined || record.plugin === plugin) &&
      (rcode === undefined || (record.dropped ? 'dropped' : record.rcode) === rcode),
  };
}
