/**
 * A set of names outside the JavaScript heap: the wire forms, packed one behind the other, and an open-addressing hash table (linear
 * probing) of where each begins. Everything lies in shared buffers, so that threads can have it in common. About 35 octets a name.
 */
import { strict as assert } from 'node:assert';
import { lowerCase } from '../name.js';
import { extendHash, type SuffixHash } from './suffix-hash.js';

/** What an entry covers: the name itself, the names below it, or both. */
export type Coverage = 1 | 2 | 3;
export const itself = 1;
export const below = 2;
export const zone = 3;

/**
 * Behind the last label, where the root's zero would be, stands this bit with the entry's coverage. No label's length has it (RFC 1035
 * section 2.3.4), so it ends a name just as well.
 */
const endBit = 0x40;

const chunkBits = 26;
/** Octets in one chunk of packed names; no name crosses from one to the next. */
const chunkBytes = 2 ** chunkBits;
/** Where a name begins has to fit 32 bits. */
const chunksMax = 2 ** (32 - chunkBits);

/**
 * Smaller blocks may come from the C library's arenas, which keep what is freed; larger ones are mappings of their own (glibc's
 * M_MMAP_THRESHOLD never exceeds 32 MiB) and go back to the system. Pages that nobody writes cost no memory.
 */
const mappingBytes = 33 * 1024 * 1024;

const reserve = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(Math.max(bytes, mappingBytes));

/** How full the hash table may get: at 4/5 a miss looks at a dozen adjacent octets. */
const fullness = 0.8;

/** Hash table and packed names; plain data that can be posted to another thread. */
export interface NameTableParts {
  readonly secret: SuffixHash;
  readonly chunks: readonly Uint8Array[];
  /** Slot → where its name begins. */
  readonly offsets: Uint32Array;
  /** Slot → some bits of its name's hash, or 0 when the slot is free. */
  readonly tags: Uint8Array;
}

/** Reads a table. An entry is known by its number, which grows in the order in which entries were added. */
export class NameTable {
  readonly parts: NameTableParts;
  readonly #slots: number;

  constructor(parts: NameTableParts) {
    this.parts = parts;
    this.#slots = parts.tags.length;
  }

  /**
   * Looks for a name of this hash.
   * @param start offset of its first length octet, `end` of the root's zero octet
   * @returns its slot, or the bitwise complement of the slot where it would go
   */
  slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const { tags, offsets } = this.parts;
    const tag = tagOf(hash);
    let slot = firstSlot(hash, this.#slots);
    for (let found = tags[slot]!; found !== 0; found = tags[slot]!) {
      if (found === tag && this.#holds(offsets[slot]!, bytes, start, end)) return slot;
      if (++slot === this.#slots) slot = 0;
    }
    return ~slot;
  }

  /** The entry in a slot that is not free. */
  entryAt(slot: number): number {
    return this.parts.offsets[slot]!;
  }

  /** What an entry covers, given the length of its name without the root's octet. */
  coverageOf(entry: number, length: number): number {
    return this.chunkOf(entry)[(entry & (chunkBytes - 1)) + length]! & zone;
  }

  chunkOf(entry: number): Uint8Array {
    return this.parts.chunks[entry >>> chunkBits]!;
  }

  /** The octets of an entry's name without the root's. */
  octetsOf(entry: number): Uint8Array {
    const chunk = this.chunkOf(entry);
    const start = entry & (chunkBytes - 1);
    return chunk.subarray(start, endOfName(chunk, start));
  }

  #holds(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const chunk = this.chunkOf(entry);
    let at = entry & (chunkBytes - 1);
    for (let i = start; i < end; i++, at++) if (chunk[at] !== lowerCase[bytes[i]!]) return false;
    return chunk[at]! >= endBit;
  }
}

/** Adds names to a table that grows with them. */
export class NameTableBuilder {
  readonly #secret: SuffixHash;
  readonly #chunks: Uint8Array[] = [];
  #table: NameTable;
  #size = 0;
  #used = chunkBytes;

  /** @param expected how many names will come, as far as one knows; a good guess saves growing */
  constructor(secret: SuffixHash, expected: number) {
    this.#secret = secret;
    this.#table = this.#emptyTable(expected);
  }

  get size(): number {
    return this.#size;
  }

  /** The number that the next entry would get at least: it parts the entries before from those to come. */
  get nextEntry(): number {
    return (this.#chunks.length - 1) * chunkBytes + this.#used;
  }

  /**
   * Adds a name, or widens what its entry covers. Throws a RangeError when the names exceed 4 GiB.
   * @param hash of the name
   * @param length of the name at the start of `wire`, without the root's octet
   * @returns whether the name is new
   */
  add(hash: number, wire: Uint8Array, length: number, coverage: Coverage): boolean {
    const slot = this.#table.slotOf(hash, wire, 0, length);
    if (slot >= 0) {
      const entry = this.#table.entryAt(slot);
      this.#table.chunkOf(entry)[(entry & (chunkBytes - 1)) + length]! |= coverage;
      return false;
    }
    this.#put(~slot, hash, this.#append(wire, length, coverage));
    this.#size++;
    if (this.#size > this.#table.parts.tags.length * fullness) this.#grow();
    return true;
  }

  /** The table as it is; nothing may be added any more. */
  finish(): NameTableParts {
    return this.#table.parts;
  }

  #append(wire: Uint8Array, length: number, coverage: Coverage): number {
    if (this.#used + length + 1 > chunkBytes) {
      if (this.#chunks.length === chunksMax) throw new RangeError(`the names take more than ${(chunksMax * chunkBytes) / 2 ** 30} GiB`);
      this.#chunks.push(new Uint8Array(reserve(chunkBytes)));
      this.#used = 0;
    }
    const chunk = this.#chunks.at(-1)!;
    const entry = this.nextEntry;
    for (let i = 0; i < length; i++) chunk[this.#used + i] = lowerCase[wire[i]!]!;
    chunk[this.#used + length] = endBit | coverage;
    this.#used += length + 1;
    return entry;
  }

  #put(slot: number, hash: number, entry: number): void {
    this.#table.parts.offsets[slot] = entry;
    this.#table.parts.tags[slot] = tagOf(hash);
  }

  /** A quarter larger, so that no more than that lies idle. */
  #grow(): void {
    this.#table = this.#emptyTable(this.#size * 1.25);
    for (const [number, chunk] of this.#chunks.entries()) {
      // Behind the last name of a chunk, zeroes are left: no name begins with one.
      for (let start = 0, end = 0; start < chunkBytes && chunk[start] !== 0; start = end + 1) {
        end = endOfName(chunk, start);
        const hash = extendHash(this.#secret, 0, 0, chunk, start, end);
        this.#put(~this.#table.slotOf(hash, chunk, start, end), hash, number * chunkBytes + start);
      }
    }
  }

  #emptyTable(names: number): NameTable {
    const slots = Math.ceil(Math.max(names, 16) / fullness) + 1;
    assert(slots < 2 ** 32);
    const buffer = reserve(slots * 5);
    return new NameTable({
      secret: this.#secret,
      chunks: this.#chunks,
      offsets: new Uint32Array(buffer, 0, slots),
      tags: new Uint8Array(buffer, slots * 4, slots),
    });
  }
}

/** Spreads 32 bits evenly over any number of slots (Lemire, "Fast random integer generation in an interval", 2019). */
const firstSlot = (hash: number, slots: number): number => Math.floor((hash >>> 0) * (slots / 2 ** 32));

/** Bits that {@link firstSlot} depends on least, so that neighbours in the table differ. */
const tagOf = (hash: number): number => hash & 0xff || 1;

/** Where the octet stands that ends the name at `start`. */
function endOfName(chunk: Uint8Array, start: number): number {
  let end = start;
  while (chunk[end]! < endBit) end += 1 + chunk[end]!;
  return end;
}
