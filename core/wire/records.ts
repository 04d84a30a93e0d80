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

/** Serial, refresh, retry and expire of the SOA records that a server makes by itself (RFC 6303 section 3), in seconds; the minimum follows. */
const timers = [1, 3600, 1200, 604_800];
const nobody = Buffer.from(nameFromText('nobody.invalid'), 'latin1');

function soaData(primary: Buffer, minimum: number): Buffer {
  const numbers = Buffer.alloc(20);
  for (const [i, seconds] of [...timers, minimum].entries()) putUint32(numbers, 4 * i, seconds);
  return Buffer.concat([primary, nobody, numbers]);
}

/** The SOA of a zone that a server has by itself; in the authority section it makes a denial one that caches keep (RFC 2308). */
export const emptyZoneSoa = (zone: Name): Buffer => recordBody(type.soa, emptyZoneTtl, soaData(Buffer.from(zone, 'latin1'), emptyZoneTtl), zone);

/** The same for a denial of the name asked for alone, whatever that is. @param seconds for which it may be kept */
export const denialSoa = (seconds: number): Buffer => recordBody(type.soa, seconds, soaData(Buffer.of(ownerPointer >> 8, ownerPointer & 255), seconds));

/** The TTL of all records in such a zone, in seconds. */
export const emptyZoneTtl = 10_800;
