/** A query of our own making. */
import { classIn, headerOctets, offsetOf, putUint16 } from './layout.js';
import type { Name } from '../name.js';

/** Writes a query without EDNS: the question ends where the message does. The id is 0; whoever sends it draws one. @param flags RD and the like */
export function writeQuestion(name: Name, qtype: number, flags: number): Buffer {
  const out = Buffer.alloc(headerOctets + name.length + 4);
  putUint16(out, offsetOf.flags, flags);
  putUint16(out, offsetOf.questions, 1);
  out.write(name, headerOctets, 'latin1');
  putUint16(out, out.length - 4, qtype);
  putUint16(out, out.length - 2, classIn);
  return out;
}
