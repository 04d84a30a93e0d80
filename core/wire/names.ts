/** Names inside a message, compressed or not (RFC 1035 section 4.1.4). */
import { lowerCase, maxNameOctets, nameOfLabels, type Name } from '../name.js';

/**
 * Checks a name: labels only, pointers strictly backwards, at most 255 octets expanded.
 * @param end the name itself (not what it points to) must end at or before this offset
 * @param budget pointers that may still be followed in this message; counted down. It bounds the work of a message full of pointers to pointers.
 * @returns the offset behind the name where it stands, or −1
 */
export function nameEnd(bytes: Uint8Array, start: number, end: number, budget: { hops: number }): number {
  let offset = start;
  let lowest = start;
  let behind = -1;
  let octets = 0;
  for (;;) {
    const length = bytes[offset];
    if (length === undefined) return -1;
    if (length < 0x40) {
      octets += 1 + length;
      offset += 1 + length;
      if (octets > maxNameOctets) return -1;
      if (behind === -1 && offset > end) return -1;
      if (length === 0) return behind === -1 ? offset : behind;
    } else {
      const low = bytes[offset + 1];
      if (length < 0xc0 || low === undefined || budget.hops-- <= 0) return -1;
      if (behind === -1) {
        behind = offset + 2;
        if (behind > end) return -1;
      }
      const target = ((length & 0x3f) << 8) | low;
      // Strictly backwards each time: so it ends, and the header (below 12) is never read as a name.
      if (target >= lowest || target < 12) return -1;
      lowest = target;
      offset = target;
    }
  }
}

/** Expands a name that {@link nameEnd} accepted, to its canonical form. */
export function expandName(bytes: Uint8Array, start: number): Name {
  const labels: string[] = [];
  let offset = start;
  for (;;) {
    const length = bytes[offset]!;
    if (length === 0) return nameOfLabels(labels);
    if (length >= 0xc0) {
      offset = ((length & 0x3f) << 8) | bytes[offset + 1]!;
    } else {
      labels.push(String.fromCharCode(...bytes.subarray(offset + 1, offset + 1 + length)));
      offset += 1 + length;
    }
  }
}

/** Whether two messages carry the same octets in a range, ASCII case aside; for comparing questions (both ranges lie inside). */
export function equalIgnoringCase(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (lowerCase[a[i]!] !== lowerCase[b[i]!]) return false;
  return true;
}
