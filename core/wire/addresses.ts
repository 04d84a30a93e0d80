/** The addresses that records carry, as octets: those of A and AAAA, and the hints of SVCB and HTTPS (RFC 9460 section 7.3). Nothing is decoded. */
import { type, uint16At } from './layout.js';

type Judge = (octets: Uint8Array) => boolean;

/** Keys of a service's parameters, and how long their addresses are. */
const hints: ReadonlyMap<number, number> = new Map([[4, 4], [6, 16]]);

/**
 * Whether a judge finds any of the addresses guilty. Stops at what it can't read: the survey lets no such records in.
 * @param records as they stand in a message, one behind the other; compression is of no concern here
 * @param count how many there are
 * @param isGuilty gets 4 or 16 octets
 */
export function someAddress(records: Uint8Array, count: number, isGuilty: Judge): boolean {
  let offset = 0;
  for (let n = 0; n < count; n++) {
    const fixed = nameEnd(records, offset);
    if (fixed === -1 || fixed + 10 > records.length) return false;
    const rdata = fixed + 10;
    offset = rdata + uint16At(records, fixed + 8);
    if (offset > records.length) return false;
    switch (uint16At(records, fixed)) {
      case type.a:
      case type.aaaa:
        if (isGuilty(records.subarray(rdata, offset))) return true;
        break;
      case type.svcb:
      case type.https:
        if (someHint(records, rdata, offset, isGuilty)) return true;
        break;
      default:
    }
  }
  return false;
}

/** RDATA of SVCB (RFC 9460 section 2.2): priority, target, then parameters as key, length and value. */
function someHint(bytes: Uint8Array, rdata: number, end: number, isGuilty: Judge): boolean {
  let offset = nameEnd(bytes, rdata + 2);
  if (offset === -1) return false;
  while (offset + 4 <= end) {
    const size = hints.get(uint16At(bytes, offset));
    const start = offset + 4;
    offset = start + uint16At(bytes, offset + 2);
    if (size === undefined || offset > end) continue;
    for (let at = start; at + size <= offset; at += size) if (isGuilty(bytes.subarray(at, at + size))) return true;
  }
  return false;
}

/** The offset behind a name where it stands, or −1. */
function nameEnd(bytes: Uint8Array, start: number): number {
  for (let offset = start; ;) {
    const length = bytes[offset];
    if (length === undefined) return -1;
    if (length === 0) return offset + 1;
    if (length >= 0xc0) return offset + 2;
    offset += 1 + length;
  }
}
