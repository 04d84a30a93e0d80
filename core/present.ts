/** Values of a running configuration as JSON for people: addresses, names and places as text, secrets as `***`, code left out. */
import { textOfEndpoint, type Address, type Endpoint } from './address.js';
import { at, type Position } from './errors.js';
import { textOfName, type Name } from './name.js';
import { hidden } from './secret.js';

/** Deeper than any configuration nests; what refers to itself ends here. */
const depthMax = 12;

/** A value that `JSON.stringify` shows as a person would write it; `undefined` for what has no place in a text. */
export function presentable(value: unknown, depth = 0): unknown {
  if (typeof value === 'function' || typeof value === 'symbol' || value === undefined || depth > depthMax) return undefined;
  if (typeof value === 'bigint') return String(value);
  // A name in wire form is the only text that ends with a NUL.
  if (typeof value === 'string') return value.endsWith('\0') ? textOfName(value as Name) : value;
  if (typeof value !== 'object' || value === null) return value;
  return presentText(value) ?? presentParts(value, depth + 1);
}

/** Objects that are one word in a Corefile. */
function presentText(value: object): unknown {
  if (value instanceof URL) return withoutSecrets(value);
  if (value instanceof Uint8Array) return `${value.length} octets`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON();
  if (isAddress(value) || ('network' in value && 'text' in value && isAddress(value.network))) return (value as { readonly text: string }).text;
  if ('listen' in value && 'text' in value) return value.text;
  if (isEndpoint(value)) return textOfEndpoint(value);
  if ('source' in value && 'test' in value && typeof value.test === 'function') return value.source;
  return isPosition(value) ? at(value) : undefined;
}

function presentParts(value: object, depth: number): unknown {
  if (Array.isArray(value) || value instanceof Set) return [...(value as Iterable<unknown>)].map((part) => presentable(part, depth) ?? null);
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return Object.fromEntries(entries.flatMap(([key, part]) => {
    const shown = presentable(part, depth);
    return shown === undefined ? [] : [[String(presentable(key, depth)), shown]];
  }));
}

const isAddress = (value: unknown): value is Address =>
  typeof value === 'object' && value !== null && 'octets' in value && value.octets instanceof Uint8Array && 'text' in value;

const isEndpoint = (value: object): value is Endpoint =>
  'address' in value && isAddress(value.address) && 'port' in value && typeof value.port === 'number' && Object.keys(value).length === 2;

const isPosition = (value: object): value is Position => 'file' in value && 'line' in value && 'column' in value;

/** Passwords stand before the host, keys of services behind the question mark. */
function withoutSecrets(url: URL): string {
  const shown = new URL(url);
  if (shown.username !== '') shown.username = hidden;
  if (shown.password !== '') shown.password = hidden;
  if (shown.search !== '') shown.search = hidden;
  return shown.href;
}
