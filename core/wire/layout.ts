/** The fixed part of a DNS message (RFC 1035 section 4.1.1, RFC 6891 section 6.1): where things stand, and what the bits mean. */

export const headerOctets = 12;
/** Offsets of the header's 16-bit fields. */
export const offsetOf = { id: 0, flags: 2, questions: 4, answers: 6, authorities: 8, additionals: 10 } as const;

/** Bits of the header's flags field. */
export const flag = { qr: 0x8000, aa: 0x0400, tc: 0x0200, rd: 0x0100, ra: 0x0080, ad: 0x0020, cd: 0x0010 } as const;
export const opcodeOf = (flags: number): number => (flags >> 11) & 15;
export const rcodeMask = 15;

/** RCODEs that the server itself uses (RFC 1035, RFC 6891). Names of all: `types.ts`. */
export const rcode = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5, badVers: 16 } as const;

/** Resource record types that the server itself knows. Names of all: `types.ts`. */
export const type = {
  a: 1, ns: 2, cname: 5, soa: 6, ptr: 12, hinfo: 13, mx: 15, txt: 16, aaaa: 28, srv: 33, dname: 39, opt: 41, ds: 43, dnskey: 48,
  svcb: 64, https: 65, ixfr: 251, axfr: 252, any: 255,
} as const;

export const classIn = 1;

/** Extended DNS error codes (RFC 8914 section 5.2). */
export const ede = {
  staleAnswer: 3, cachedError: 13, blocked: 15, filtered: 17, prohibited: 18, staleNxdomain: 19, notAuthoritative: 20,
  noReachableAuthority: 22, networkError: 23,
} as const;

/** Reads a 16-bit field in network order; the caller has checked that it lies inside. */
export const uint16At = (bytes: Uint8Array, offset: number): number => (bytes[offset]! << 8) | bytes[offset + 1]!;

/** Reads a 32-bit field in network order. */
export const uint32At = (bytes: Uint8Array, offset: number): number =>
  bytes[offset]! * 0x1000000 + ((bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!);

/**
 * Begins a message as another begins, up to `end`. Where there is room, what follows there is copied too, for to copy all of an array costs a quarter
 * of what a part of it does: the caller writes the rest.
 */
export function beginLike(other: Uint8Array, end: number, bytes: Uint8Array): void {
  bytes.set(other.length <= bytes.length ? other : other.subarray(0, end));
}

export function putUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >> 8;
  bytes[offset + 1] = value;
}

export function putUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}
