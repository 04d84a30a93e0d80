/** Records of our own making, written straight as bytes; where nothing else is said, their owner is the name asked for. */
import { classIn, headerOctets, putUint16, putUint32, type } from './layout.js';
import { nameFromText, type Name } from '../name.js';
import type { Address } from '../address.js';

/** A pointer to the question's name: the shortest owner, and right for whatever name is asked. */
const ownerPointer = 0xc000 | headerOctets;

/**
 * One record.
 * @param ttl in seconds
 * @param owner `undefined` for the name asked for
 */
export function recordBody(rrType: number, ttl: number, rdata: Uint8Array, owner?: Name): Buffer {
  const fixed = owner?.length ?? 2;
  const body = Buffer.alloc(fixed + 10 + rdata.length);
  if (owner === undefined) putUint16(body, 0, ownerPointer);
  else body.write(owner, 'latin1');
  putUint16(body, fixed, rrType);
  putUint16(body, fixed + 2, classIn);
  putUint32(body, fixed + 4, ttl);
  putUint16(body, fixed + 8, rdata.length);
  body.set(rdata, fixed + 10);
  return body;
}

/** A and AAAA records of these addresses. */
export const addressBody = (addresses: readonly Address[], ttl: number): Buffer =>
  Buffer.concat(addresses.map(({ bits, octets }) => recordBody(bits === 32 ? type.a : type.aaaa, ttl, octets)));

/** PTR records to these names. */
export const pointerBody = (names: readonly Name[], ttl: number): Buffer =>
  Buffer.concat(names.map((name) => recordBody(type.ptr, ttl, Buffer.from(name, 'latin1'))));

/** What stands in that SOA behind its two names: serial, and refresh, retry, expire and minimum in seconds. */
const emptyZoneTimers = [1, 3600, 1200, 604_800, 10_800];
const nobody = nameFromText('nobody.invalid');

/** The SOA of a zone that a server has by itself (RFC 6303 section 3); in the authority section it makes a denial one that caches keep (RFC 2308). */
export function emptyZoneSoa(zone: Name): Buffer {
  const rdata = Buffer.alloc(zone.length + nobody.length + 4 * emptyZoneTimers.length);
  rdata.write(zone + nobody, 'latin1');
  for (const [i, seconds] of emptyZoneTimers.entries()) putUint32(rdata, zone.length + nobody.length + 4 * i, seconds);
  return recordBody(type.soa, emptyZoneTtl, rdata, zone);
}

/** The TTL of all records in such a zone, in seconds. */
export const emptyZoneTtl = 10_800;
