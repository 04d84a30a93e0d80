/** Changes to octets that programs tend to stumble over. */
import type { Random } from '../../core/runtime.js';

/** Octets that mean something in DNS: ends, pointers, the longest label, what is just too long. */
const interesting = [0x00, 0x01, 0x0c, 0x29, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff];

/** One way to change octets; `other` is another input, to take a piece from. */
type Change = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const placeIn = (bytes: Buffer, random: Random): number => random.below(bytes.length + 1);

/** A place, and a length that lies inside from there. */
function pieceOf(bytes: Buffer, random: Random): [number, number] {
  const start = placeIn(bytes, random);
  return [start, start + random.below(Math.min(64, bytes.length - start) + 1)];
}

const replaced = (bytes: Buffer, start: number, end: number, by: Uint8Array): Buffer => Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)]);

const setOctet = (choose: (old: number, random: Random) => number): Change => (bytes, random) => {
  const changed = Buffer.from(bytes);
  if (bytes.length > 0) {
    const at = random.below(bytes.length);
    changed[at] = choose(bytes[at]!, random);
  }
  return changed;
};

const changes: readonly Change[] = [
  setOctet((old, random) => old ^ (1 << random.below(8))),
  setOctet((_old, random) => interesting[random.below(interesting.length)]!),
  setOctet((_old, random) => random.below(256)),
  setOctet((old, random) => old + 1 - 2 * random.below(2)),
  // Two octets that may be a count, a length or a pointer.
  (bytes, random) => {
    const at = placeIn(bytes, random);
    return replaced(bytes, at, Math.min(bytes.length, at + 2), Buffer.of(interesting[random.below(interesting.length)]!, random.below(256)));
  },
  (bytes, random) => bytes.subarray(0, placeIn(bytes, random)),
  (bytes, random) => replaced(bytes, ...pieceOf(bytes, random), Buffer.alloc(0)),
  (bytes, random) => {
    const at = placeIn(bytes, random);
    return replaced(bytes, at, at, Buffer.alloc(1 + random.below(16), random.below(256)));
  },
  (bytes, random) => {
    const [start, end] = pieceOf(bytes, random);
    return replaced(bytes, start, start, bytes.subarray(start, end));
  },
  (bytes, random, other) => replaced(bytes, ...pieceOf(bytes, random), other.subarray(...pieceOf(other, random))),
  (bytes, random, other) => Buffer.concat([bytes.subarray(0, placeIn(bytes, random)), other.subarray(placeIn(other, random))]),
];

/** The octets with one to eight changes, at most 65,535 of them. */
export function mutate(bytes: Buffer, other: Buffer, random: Random): Buffer {
  let changed = bytes;
  for (let n = 1 + random.below(8); n > 0; n--) changed = changes[random.below(changes.length)]!(changed, random, other);
  return Buffer.from(changed.subarray(0, 65_535));
}
