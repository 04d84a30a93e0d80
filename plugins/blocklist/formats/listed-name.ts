/** Names as lists write them, from bytes to wire form without a string in between: millions of them pass through here at each load. */
import { domainToASCII } from 'node:url';
import { lowerCase, maxLabelOctets, maxNameOctets } from '../../../core/name.js';

const dot = 0x2e;

/** Octets of a name's text without the final dot, at most. */
const maxTextOctets = maxNameOctets - 2;

/** Octets of Unicode text that are worth a conversion; A-labels are seldom shorter than what they stand for. */
const maxUnicodeOctets = 4 * maxTextOctets;

/** Octet → what it is in lower case in the name of a host (letters, digits, `-`, and `_` as in the wild); 0 for those that no such name has. */
const hostOctet = Uint8Array.from({ length: 256 }, (_, octet) => (/[A-Za-z0-9_-]/.test(String.fromCharCode(octet)) ? lowerCase[octet]! : 0));

const isLetter = (octet: number): boolean => octet >= 0x61 && octet <= 0x7a;

const emptyLabel = -1;
const longLabel = -2;
const longName = -3;
const badCharacter = -4;
const noLetter = -5;
const noIdn = -6;

const problems: ReadonlyMap<number, string> = new Map([
  [emptyLabel, 'the name has an empty label'],
  [longLabel, `a label is longer than ${maxLabelOctets} octets`],
  [longName, `the name is longer than ${maxNameOctets} octets`],
  [badCharacter, 'it has a character that no name has'],
  [noLetter, 'its last label has no letter, so it is no name (an address?)'],
  [noIdn, 'it is no internationalized domain name'],
]);

/** Why {@link readListedName} found no name, in words. */
export const problemOf = (result: number): string => problems.get(result) ?? 'it is no name';

/** Room for the wire form of a name that is being read. */
export const createWire = (): Uint8Array => new Uint8Array(maxNameOctets + 1);

/**
 * Reads the name of a host in the bytes [start, end): any case, with or without the final dot, Unicode (UTF-8) as A-labels.
 * @param wire where its wire form goes
 * @returns the octets of the wire form, the root's included; negative when it is no name ({@link problemOf})
 */
export function readListedName(bytes: Uint8Array, start: number, end: number, wire: Uint8Array): number {
  const last = end > start && bytes[end - 1] === dot ? end - 1 : end;
  if (last - start > maxTextOctets) return hasUnicode(bytes, start, last) ? readUnicodeName(bytes, start, last, wire) : longName;
  let lengthAt = 0;
  let out = 1;
  for (let i = start; i < last; i++) {
    const octet = hostOctet[bytes[i]!]!;
    if (octet !== 0) wire[out++] = octet;
    else if (bytes[i] !== dot) return bytes[i]! < 0x80 ? badCharacter : readUnicodeName(bytes, start, last, wire);
    else {
      const length = out - lengthAt - 1;
      if (length === 0) return emptyLabel;
      if (length > maxLabelOctets) return longLabel;
      wire[lengthAt] = length;
      lengthAt = out++;
    }
  }
  return finishName(wire, lengthAt, out);
}

/** Ends the last label, which tells a name from an address (RFC 3696 section 2: it is never all digits). */
function finishName(wire: Uint8Array, lengthAt: number, out: number): number {
  const length = out - lengthAt - 1;
  if (length === 0) return emptyLabel;
  if (length > maxLabelOctets) return longLabel;
  wire[lengthAt] = length;
  wire[out] = 0;
  for (let i = lengthAt + 1; i < out; i++) if (isLetter(wire[i]!)) return out + 1;
  return noLetter;
}

const hasUnicode = (bytes: Uint8Array, start: number, end: number): boolean => bytes.subarray(start, end).some((octet) => octet >= 0x80);

function readUnicodeName(bytes: Uint8Array, start: number, end: number, wire: Uint8Array): number {
  if (end - start > maxUnicodeOctets) return longName;
  const text = bytes.subarray(start, end);
  // domainToASCII reads a host as in a URL: a `/`, `%` or `:` would mean something to it.
  if (text.some((octet) => octet < 0x80 && octet !== dot && hostOctet[octet] === 0)) return badCharacter;
  const ascii = Buffer.from(domainToASCII(new TextDecoder().decode(text)), 'latin1');
  return ascii.length === 0 ? noIdn : readListedName(ascii, 0, ascii.length, wire);
}
