/** EDNS(0), RFC 6891: reading a client's OPT record, and writing ours. EDNS is hop by hop: nothing of a client's OPT travels on. */
import { putUint16, type, uint16At } from './layout.js';

/** What a client's (or an upstream's) OPT record says. */
export interface Edns {
  readonly version: number;
  /** The largest UDP message that the sender takes, in octets; at least 512 (RFC 6891 section 6.2.3). */
  readonly udpSize: number;
  /** DNSSEC OK (RFC 3225). */
  readonly dnssecOk: boolean;
  /** The upper 8 bits of the extended RCODE; in responses. */
  readonly extendedRcode: number;
}

/** Octets of an OPT record without options: root owner, type, class, TTL, RDLENGTH. */
export const optOctets = 11;
const option = { clientSubnet: 8, cookie: 10, extendedError: 15 } as const;

/**
 * Reads the one additional record of a query, which must be an OPT.
 * @returns `undefined` when it is no OPT, is cut, or holds a malformed option
 */
export function readOpt(bytes: Uint8Array, offset: number): Edns | undefined {
  if (offset + optOctets > bytes.length || bytes[offset] !== 0 || uint16At(bytes, offset + 1) !== type.opt) return undefined;
  const end = offset + optOctets + uint16At(bytes, offset + 9);
  if (end > bytes.length || !optionsAreWellFormed(bytes, offset + optOctets, end)) return undefined;
  return {
    version: bytes[offset + 6]!,
    udpSize: Math.max(512, uint16At(bytes, offset + 3)),
    dnssecOk: (bytes[offset + 7]! & 0x80) !== 0,
    extendedRcode: bytes[offset + 5]!,
  };
}

function optionsAreWellFormed(bytes: Uint8Array, start: number, end: number): boolean {
  let offset = start;
  while (offset < end) {
    if (offset + 4 > end) return false;
    const length = uint16At(bytes, offset + 2);
    if (offset + 4 + length > end || !optionIsWellFormed(bytes, uint16At(bytes, offset), offset + 4, length)) return false;
    offset += 4 + length;
  }
  return true;
}

/** Options whose form an RFC fixes; all others pass. */
function optionIsWellFormed(bytes: Uint8Array, code: number, start: number, length: number): boolean {
  // RFC 7873 section 4: 8 octets of the client, then none or 8 to 32 of the server.
  if (code === option.cookie) return length === 8 || (length >= 16 && length <= 40);
  if (code !== option.clientSubnet) return true;
  // RFC 7871 section 6: as many address octets as the prefix needs, and scope 0 in a query.
  if (length < 4 || bytes[start + 3] !== 0) return false;
  const family = uint16At(bytes, start);
  const prefix = bytes[start + 2]!;
  if (family !== 1 && family !== 2) return family === 0 && prefix === 0 && length === 4;
  return prefix <= (family === 1 ? 32 : 128) && length === 4 + Math.ceil(prefix / 8);
}

/** An extended DNS error (RFC 8914): says why an answer is what it is. */
export interface ExtendedError {
  readonly code: number;
  readonly text: Buffer;
}

/** @param text a short explanation for people */
export const extendedError = (code: number, text: string): ExtendedError => ({ code, text: Buffer.from(text.slice(0, 120), 'utf8') });

/** Octets that {@link writeOpt} needs. */
export const octetsOfOpt = (error: ExtendedError | undefined): number => optOctets + (error === undefined ? 0 : 6 + error.text.length);

/**
 * Writes our OPT record.
 * @param udpSize what we take, in octets
 * @param extendedRcode the upper 8 bits of the RCODE
 * @returns the offset behind it
 */
export function writeOpt(bytes: Buffer, offset: number, udpSize: number, extendedRcode: number, dnssecOk: boolean, error: ExtendedError | undefined): number {
  bytes[offset] = 0;
  putUint16(bytes, offset + 1, type.opt);
  putUint16(bytes, offset + 3, udpSize);
  bytes[offset + 5] = extendedRcode;
  bytes[offset + 6] = 0;
  putUint16(bytes, offset + 7, dnssecOk ? 0x8000 : 0);
  const start = offset + optOctets;
  if (error === undefined) {
    putUint16(bytes, offset + 9, 0);
    return start;
  }
  putUint16(bytes, offset + 9, 6 + error.text.length);
  putUint16(bytes, start, option.extendedError);
  putUint16(bytes, start + 2, 2 + error.text.length);
  putUint16(bytes, start + 4, error.code);
  return start + 6 + error.text.copy(bytes, start + 6);
}
