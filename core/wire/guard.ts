/**
 * The guard: judges a message from a client in place, before anything is allocated for it (reliability: 12 hostile octets must cost nothing).
 * What it lets through has exactly one question with a well-formed name, nothing in the answer and authority sections, and at most one
 * additional record.
 */
import { classIn, flag, headerOctets, offsetOf, opcodeOf, rcode, type, uint16At } from './layout.js';
import { maxLabelOctets, maxNameOctets } from '../name.js';

/** No answer at all: what came is no query (too short, or a response: answering one could start a loop). */
export const silence = -1;
/** The query goes on. */
export const accepted = 0;

/**
 * Judges the header alone.
 * @returns `accepted`, `silence`, or the RCODE to refuse with: NOTIMP for any opcode but QUERY, FORMERR for counts that no query has
 *   (RFC 9619: one question; a query carries no answers) and for TC in a query.
 */
export function judgeHeader(bytes: Uint8Array): number {
  if (bytes.length < headerOctets) return silence;
  const flags = uint16At(bytes, offsetOf.flags);
  if ((flags & flag.qr) !== 0) return silence;
  if (opcodeOf(flags) !== 0) return rcode.notImp;
  if ((flags & flag.tc) !== 0) return rcode.formErr;
  if (uint16At(bytes, offsetOf.questions) !== 1) return rcode.formErr;
  if (uint16At(bytes, offsetOf.answers) !== 0 || uint16At(bytes, offsetOf.authorities) !== 0) return rcode.formErr;
  return uint16At(bytes, offsetOf.additionals) > 1 ? rcode.formErr : accepted;
}

/**
 * Walks the question that begins behind the header. Its name may not be compressed: there is nothing before it to point to.
 * @returns the offset behind the question, or −1 when it is malformed or cut
 */
export function endOfQuestion(bytes: Uint8Array): number {
  let offset = headerOctets;
  for (;;) {
    const length = bytes[offset];
    if (length === undefined || length > maxLabelOctets) return -1;
    offset += 1 + length;
    if (length === 0) break;
    // One octet is still to come: the root's.
    if (offset - headerOctets >= maxNameOctets) return -1;
  }
  return offset + 4 <= bytes.length ? offset + 4 : -1;
}

/**
 * Judges what is asked for: this server answers class IN, and types that are data.
 * @returns `accepted` or an RCODE: FORMERR for meta types (RFC 6895 section 3.1: OPT, TSIG, TKEY, MAILA …), REFUSED for zone transfers and other classes
 */
export function judgeQuestion(qtype: number, qclass: number): number {
  if (qclass !== classIn) return rcode.refused;
  if (qtype === type.axfr || qtype === type.ixfr) return rcode.refused;
  if (qtype === type.opt || (qtype >= 128 && qtype <= 254)) return rcode.formErr;
  return accepted;
}
