/** Formats of log lines with CoreDNS's placeholders, compiled once into closures. */
import type { Endpoint } from '../../core/address.js';
import { fqdnOf, type Name } from '../../core/name.js';

/** What a line can tell about a query. What is `undefined` shows as `-`; the response's parts are so when the query was dropped. */
export interface LogEntry {
  readonly name: Name;
  /** `AAAA`, or `TYPE65280` (RFC 3597 section 5). */
  readonly type: string;
  /** `IN`, or `CLASS4`. */
  readonly class: string;
  /** `udp`, `tcp`. */
  readonly protocol: string;
  readonly client: Endpoint;
  /** The endpoint that it asked: `127.0.0.1:53`, `[::1]:53`. */
  readonly local: string;
  readonly id: number;
  readonly opcode: number;
  /** Octets of the query. */
  readonly size: number;
  readonly dnssecOk: boolean;
  /** Octets that the client takes over UDP (RFC 6891 section 6.2.3); 512 without EDNS. */
  readonly udpSize: number;
  /** `NOERROR`, or a number. */
  readonly rcode: string | undefined;
  /** The second 16 bits of the response's header. */
  readonly responseFlags: number | undefined;
  /** Octets of the response. */
  readonly responseSize: number | undefined;
  readonly durationMs: number;
  /** The plugin that answered. */
  readonly plugin: string | undefined;
  /** The upstream that did: `192.0.2.1:53`. */
  readonly upstream: string | undefined;
}

const common = '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}';
const shortcuts = new Map([['{common}', common], ['{combined}', `${common} "{>opcode}"`]]);

const headerFlags = [['qr', 0x8000], ['aa', 0x0400], ['tc', 0x0200], ['rd', 0x0100], ['ra', 0x0080], ['z', 0x0040], ['ad', 0x0020], ['cd', 0x0010]] as const;

const textOfFlags = (flags: number): string => headerFlags.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name).join(',');

/** Seconds down to the nanosecond, without an exponent or trailing zeros: `0.037990251s`. */
const textOfDuration = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(9).replace(/\.?0+$/, '')}s`;

type Field = (entry: LogEntry) => string | number | boolean | undefined;

const fields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['{type}', (entry) => entry.type],
  // The presentation form is printable ASCII whatever the labels hold, so no query can forge a line.
  ['{name}', (entry) => fqdnOf(entry.name)],
  ['{class}', (entry) => entry.class],
  ['{proto}', (entry) => entry.protocol],
  ['{remote}', ({ client: { address } }) => (address.bits === 32 ? address.text : `[${address.text}]`)],
  ['{port}', (entry) => entry.client.port],
  ['{local}', (entry) => entry.local.replace(/:\d+$/, '')],
  ['{size}', (entry) => entry.size],
  ['{rcode}', (entry) => entry.rcode],
  ['{rsize}', (entry) => entry.responseSize],
  ['{duration}', (entry) => textOfDuration(entry.durationMs)],
  ['{plugin}', (entry) => entry.plugin],
  ['{upstream}', (entry) => entry.upstream],
  ['{>id}', (entry) => entry.id],
  ['{>opcode}', (entry) => entry.opcode],
  ['{>do}', (entry) => entry.dnssecOk],
  ['{>bufsize}', (entry) => entry.udpSize],
  ['{>rflags}', ({ responseFlags }) => (responseFlags === undefined ? undefined : textOfFlags(responseFlags))],
]);

/** Braces around a word; other braces, as in a line of JSON, stand for themselves. */
const placeholder = /(\{[>/\w][\w/-]*\})/;

/**
 * Compiles a format.
 * @returns a function from an entry to its line, without a line end
 * @throws RangeError that names the first placeholder that does not exist
 */
export function compileFormat(format: string): (entry: LogEntry) => string {
  const expanded = format.replace(/\{\w+\}/g, (word) => shortcuts.get(word) ?? word);
  // split keeps what it splits at, in every second place.
  const parts = expanded.split(placeholder).map((text, i) => (i % 2 === 0 ? text : fieldOf(text)));
  return (entry) => {
    let line = '';
    for (const part of parts) line += typeof part === 'string' ? part : (part(entry) ?? '-');
    return line;
  };
}

/** Those of the header (`{>id}`) may be written in any case, as in CoreDNS. */
function fieldOf(word: string): Field {
  const field = fields.get(word.startsWith('{>') ? word.toLowerCase() : word);
  if (field === undefined) throw new RangeError(`there is no placeholder ${word}; there are ${[...shortcuts.keys(), ...fields.keys()].join(' ')}`);
  return field;
}
