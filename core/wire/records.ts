/** Records of our own making, written straight as bytes; their owner is always the name asked for. */
import { classIn, headerOctets, putUint16, putUint32, type } from './layout.js';
import type { Name } from '../name.js';
import type { Address } from '../address.js';

/** A pointer to the question's name: the shortest owner, and right for whatever name is asked. */
const ownerPointer = 0xc000 | headerOctets;

/** One record owned by the name asked for. @param ttl in seconds */
export function recordBody(rrType: number, ttl: number, rdata: Uint8Array): Buffer {
  const body = Buffer.alloc(12 + rdata.length);
  putUint16(body, 0, ownerPointer);
  putUint16(body, 2, rrType);
  putUint16(body, 4, classIn);
  putUint32(body, 6, ttl);
  putUint16(body, 10, rdata.length);
  body.set(rdata, 12);
  return body;
}

/** A and AAAA records of these addresses. */
export const addressBody = (addresses: readonly Address[], ttl: number): Buffer =>
  Buffer.concat(addresses.map(({ bits, octets }) => recordBody(bits === 32 ? type.a : type.aaaa, ttl, octets)));

/** PTR records to these names. */
export const pointerBody = (names: readonly Name[], ttl: number): Buffer =>
  Buffer.concat(names.map((name) => recordBody(type.ptr, ttl, Buffer.from(name, 'latin1'))));
