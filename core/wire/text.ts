/** Records for people, in the presentation form of zone files (RFC 1035 section 5.1; what has none here, as in RFC 3597 section 5). */
import { addressOfOctets } from '../address.js';
import { fqdnOf } from '../name.js';
import { expandName } from './names.js';
import { type, uint16At, uint32At } from './layout.js';
import { ttlAt, type Rr, type Survey } from './survey.js';
import { classText, typeText } from './types.js';

/** One line a record: `example.com. 42 IN A 192.0.2.1`. */
export const textOfRecords = (bytes: Buffer, survey: Survey): string[] => survey.records.map((rr) => textOfRecord(bytes, rr));

function textOfRecord(bytes: Buffer, rr: Rr): string {
  return `${fqdnOf(expandName(bytes, rr.owner))} ${ttlAt(bytes, rr.ttlAt)} ${classText(rr.class)} ${typeText(rr.type)} ${textOfRdata(bytes, rr)}`;
}

function textOfRdata(bytes: Buffer, { type: rrType, rdata, end }: Rr): string {
  const nameAt = (offset: number): string => fqdnOf(expandName(bytes, offset));
  switch (rrType) {
    case type.a:
    case type.aaaa:
      return textOfAddress(bytes.subarray(rdata, end));
    case type.ns:
    case type.cname:
    case type.ptr:
    case type.dname:
      return nameAt(rdata);
    case type.mx:
      return `${uint16At(bytes, rdata)} ${nameAt(rdata + 2)}`;
    case type.srv:
      return `${uint16At(bytes, rdata)} ${uint16At(bytes, rdata + 2)} ${uint16At(bytes, rdata + 4)} ${nameAt(rdata + 6)}`;
    case type.soa:
      return textOfSoa(bytes, rdata, end);
    case type.txt:
      return textOfStrings(bytes, rdata, end) ?? textOfUnknown(bytes, rdata, end);
    default:
      return textOfUnknown(bytes, rdata, end);
  }
}

/** An `Address` is its IPv4 form where it has one; as data of an AAAA record it is written as what it is (RFC 5952 section 5). */
function textOfAddress(octets: Uint8Array): string {
  const { bits, text } = addressOfOctets(octets);
  return octets.length === 16 && bits === 32 ? `::ffff:${text}` : text;
}

function textOfSoa(bytes: Buffer, rdata: number, end: number): string {
  // The survey has checked that two names and five numbers fill the RDATA; the second name begins where the first one ends in place.
  let mailbox = rdata;
  while (bytes[mailbox]! !== 0 && bytes[mailbox]! < 0xc0) mailbox += 1 + bytes[mailbox]!;
  mailbox += bytes[mailbox] === 0 ? 1 : 2;
  const numbers = [20, 16, 12, 8, 4].map((back) => uint32At(bytes, end - back));
  return `${fqdnOf(expandName(bytes, rdata))} ${fqdnOf(expandName(bytes, mailbox))} ${numbers.join(' ')}`;
}

function textOfStrings(bytes: Buffer, rdata: number, end: number): string | undefined {
  const strings: string[] = [];
  for (let offset = rdata; offset < end; offset += 1 + bytes[offset]!) {
    const next = offset + 1 + bytes[offset]!;
    if (next > end) return undefined;
    strings.push(`"${[...bytes.subarray(offset + 1, next)].map(textOfOctet).join('')}"`);
  }
  return strings.join(' ');
}

function textOfOctet(octet: number): string {
  const character = String.fromCharCode(octet);
  if (character === '"' || character === '\\') return `\\${character}`;
  return octet >= 0x20 && octet < 0x7f ? character : `\\${String(octet).padStart(3, '0')}`;
}

const textOfUnknown = (bytes: Buffer, rdata: number, end: number): string => `\\# ${end - rdata} ${bytes.toString('hex', rdata, end)}`.trimEnd();
