/**
 * Domain names. Inside the server a name is its wire form (RFC 1035 section 3.1: length-prefixed labels up to the root's zero octet) with
 * ASCII letters in lower case (RFC 4343), as a string of one character an octet. That form is canonical: two names are equal exactly when
 * the strings are, a dot inside a label is not a separator, and any octet survives.
 */
import { Buffer } from 'node:buffer';
import { domainToASCII } from 'node:url';
import type { Address } from './address.js';

declare const brand: unique symbol;
/** A domain name in canonical wire form; only this file makes one. */
export type Name = string & { readonly [brand]: 'Name' };

export const maxNameOctets = 255;
export const maxLabelOctets = 63;

/** The name of the root zone. */
export const root = '\0' as Name;

/** Octet → the octet in lower case (ASCII letters only, RFC 4343 section 3). */
export const lowerCase: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet));

const scratch = Buffer.alloc(maxNameOctets);

/**
 * The canonical form of an uncompressed name that the guard has found well formed.
 * @param start offset of the first length octet
 * @param end offset behind the root's zero octet; at most 255 octets further
 */
export function nameAt(bytes: Uint8Array, start: number, end: number): Name {
  const length = end - start;
  for (let i = 0; i < length; i++) scratch[i] = lowerCase[bytes[start + i]!]!;
  return scratch.toString('latin1', 0, length) as Name;
}

/** The name of these labels (octets as characters), from the leftmost on. Throws a RangeError when it breaks the limits of RFC 1035 section 2.3.4. */
export function nameOfLabels(labels: readonly string[]): Name {
  let name = '';
  for (const label of labels) {
    if (label.length === 0) throw new RangeError('a label is empty');
    if (label.length > maxLabelOctets) throw new RangeError(`a label has ${label.length} octets; at most ${maxLabelOctets} are allowed`);
    name += String.fromCharCode(label.length) + label;
  }
  if (name.length + 1 > maxNameOctets) throw new RangeError(`the name has ${name.length + 1} octets; at most ${maxNameOctets} are allowed`);
  return (name + '\0').replace(/[A-Z]/g, (letter) => letter.toLowerCase()) as Name;
}

/**
 * Reads a name as people write it: with or without the final dot, `.` for the root, `\.` and `\DDD` escapes (RFC 1035 section 5.1), and
 * Unicode, which becomes A-labels (RFC 5891). Throws a RangeError that says what is wrong.
 */
export function nameFromText(text: string): Name {
  if (text === '.') return root;
  if (text === '') throw new RangeError('the name is empty');
  if (/[^\0-\x7f]/.test(text)) {
    const ascii = domainToASCII(text);
    if (ascii === '') throw new RangeError(`'${text}' is no internationalized domain name`);
    return nameFromText(ascii);
  }
  const labels: string[] = [];
  let label = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '.') {
      labels.push(label);
      label = '';
    } else if (character !== '\\') {
      label += character;
    } else {
      const decimal = /^\d{3}/.exec(text.slice(i + 1, i + 4))?.[0];
      if (decimal !== undefined && Number(decimal) > 255) throw new RangeError(`\\${decimal} is no octet`);
      if (i + 1 === text.length) throw new RangeError('a backslash at the end escapes nothing');
      label += decimal === undefined ? text[i + 1]! : String.fromCharCode(Number(decimal));
      i += decimal === undefined ? 1 : 3;
    }
  }
  if (label !== '') labels.push(label);
  return nameOfLabels(labels);
}

/** Whether the text is a domain name that {@link nameFromText} reads. */
export function isNameText(text: string): boolean {
  try {
    nameFromText(text);
    return true;
  } catch {
    return false;
  }
}

/** The labels of a name, leftmost first; none for the root. */
export function labelsOf(name: Name): string[] {
  const labels: string[] = [];
  for (let i = 0; name.charCodeAt(i) !== 0; i += 1 + name.charCodeAt(i)) labels.push(name.slice(i + 1, i + 1 + name.charCodeAt(i)));
  return labels;
}

const escapeLabel = (label: string): string =>
  label.replace(/[^!-~]|[.\\"();@$]/g, (character) =>
    /[!-~]/.test(character) ? `\\${character}` : `\\${String(character.charCodeAt(0)).padStart(3, '0')}`);

/** The presentation form without the final dot (`.` for the root); what is no printable ASCII is escaped, so it is safe in logs and terminals. */
export function textOfName(name: Name): string {
  return name === root ? '.' : labelsOf(name).map(escapeLabel).join('.');
}

/** The presentation form with the final dot, as in zone files and CoreDNS's logs. */
export const fqdnOf = (name: Name): string => (name === root ? '.' : `${textOfName(name)}.`);

/** The name without its leftmost label; the root has no parent. */
export const parentOf = (name: Name): Name | undefined => (name === root ? undefined : (name.slice(1 + name.charCodeAt(0)) as Name));

/** Whether `name` is `zone` or below it (RFC 9499: in the domain of). */
export function isWithin(name: Name, zone: Name): boolean {
  if (zone === root) return true;
  if (name.length === zone.length) return name === zone;
  if (name.length < zone.length || !name.endsWith(zone)) return false;
  // The suffix has to begin where a label does: `evilexample.org` is not within `example.org`.
  const boundary = name.length - zone.length;
  let i = 0;
  while (i < boundary) i += 1 + name.charCodeAt(i);
  return i === boundary;
}

/** Looks up a name, then each of its ancestors up to the root: the longest match wins. */
export function lookUpWithin<T>(table: ReadonlyMap<Name, T>, name: Name): T | undefined {
  for (let ancestor: Name | undefined = name; ancestor !== undefined; ancestor = parentOf(ancestor)) {
    const found = table.get(ancestor);
    if (found !== undefined) return found;
  }
  return undefined;
}

const nibbles = (octets: readonly number[]): string[] => octets.flatMap((octet) => [(octet >> 4).toString(16), (octet & 15).toString(16)]);

/** The name under which an address has its PTR record (RFC 1035 section 3.5, RFC 3596 section 2.5). */
export function reverseNameOf(address: Address): Name {
  return address.bits === 32
    ? nameOfLabels([...address.octets].reverse().map(String).concat('in-addr', 'arpa'))
    : nameOfLabels(nibbles([...address.octets]).reverse().concat('ip6', 'arpa'));
}

/** The reverse zones that together cover a network: one where the prefix ends between labels, else as many as the next label needs. */
export function reverseZonesOf(network: Address, prefix: number): Name[] {
  const bitsPerLabel = network.bits === 32 ? 8 : 4;
  const labels = labelsOf(reverseNameOf(network));
  const whole = Math.floor(prefix / bitsPerLabel);
  const rest = labels.slice(labels.length - 2 - whole);
  const spare = prefix % bitsPerLabel;
  if (spare === 0) return [nameOfLabels(rest)];
  const radix = network.bits === 32 ? 10 : 16;
  const first = parseInt(labels[labels.length - 3 - whole]!, radix);
  return Array.from({ length: 2 ** (bitsPerLabel - spare) }, (_, i) => nameOfLabels([(first + i).toString(radix), ...rest]));
}
