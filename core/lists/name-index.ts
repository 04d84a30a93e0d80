/**
 * Which of millions of names cover a given one, and from which list each came. Written once by a {@link NameIndexBuilder}, in a worker
 * thread if need be; read without allocating.
 */
import { strict as assert } from 'node:assert';
import { maxNameOctets, nameAt, type Name } from '../name.js';
import { below, itself, NameTable, NameTableBuilder, type Coverage, type NameTableParts } from './name-table.js';
import { extendHash, type SuffixHash } from './suffix-hash.js';

/** An index as plain data whose buffers are shared: what one thread posts, another can read. */
export interface NameIndexParts {
  readonly table: NameTableParts;
  readonly size: number;
  /** List → the entry from which on its own begin, in ascending order. */
  readonly lists: readonly number[];
}

/** A read-only index. An entry is a number that only means something to the index it came from. */
export class NameIndex {
  readonly size: number;
  readonly #table: NameTable;
  readonly #secret: SuffixHash;
  readonly #lists: readonly number[];
  /** Where the labels begin in the name that is being looked up. */
  readonly #labels = new Uint8Array(maxNameOctets);
  readonly #wire = new Uint8Array(maxNameOctets);

  constructor({ table, size, lists }: NameIndexParts) {
    this.#table = new NameTable(table);
    this.#secret = table.secret;
    this.#lists = lists;
    this.size = size;
  }

  /**
   * Finds the entry that covers a name: one for the name itself, else the nearest of those that cover what is below them.
   * @param start offset of the first length octet of an uncompressed name that the guard has found well formed
   * @param end offset behind the root's zero octet
   * @returns the entry, or -1
   */
  match(bytes: Uint8Array, start: number, end: number): number {
    const labels = this.#labels;
    const rootAt = end - 1;
    let count = 0;
    for (let at = start; at < rootAt; at += 1 + bytes[at]!) labels[count++] = at - start;
    let nearest = -1;
    let hash = 0;
    // From the right, so that each ancestor's hash is part of the next one's.
    for (let label = count - 1, known = rootAt; label >= 0; label--) {
      const from = start + labels[label]!;
      hash = extendHash(this.#secret, hash, rootAt - known, bytes, from, known);
      known = from;
      const slot = this.#table.slotOf(hash, bytes, from, rootAt);
      if (slot < 0) continue;
      const entry = this.#table.entryAt(slot);
      if ((this.#table.coverageOf(entry, rootAt - from) & (label === 0 ? itself : below)) !== 0) nearest = entry;
    }
    return nearest;
  }

  /** As {@link match}, for a name. */
  matchName(name: Name): number {
    for (let i = 0; i < name.length; i++) this.#wire[i] = name.charCodeAt(i);
    return this.match(this.#wire, 0, name.length);
  }

  /** The number of the list that an entry came from; of several, the first. */
  listOf(entry: number): number {
    let low = 0;
    let high = this.#lists.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#lists[middle]! <= entry) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The name that an entry stands for. */
  nameOf(entry: number): Name {
    const octets = this.#table.octetsOf(entry);
    this.#wire.set(octets);
    this.#wire[octets.length] = 0;
    return nameAt(this.#wire, 0, octets.length + 1);
  }
}

/** Collects names list by list. */
export class NameIndexBuilder {
  readonly #secret: SuffixHash;
  readonly #table: NameTableBuilder;
  readonly #lists: number[] = [];

  /** @param expected how many names will come, as far as one knows */
  constructor(secret: SuffixHash, expected: number) {
    this.#secret = secret;
    this.#table = new NameTableBuilder(secret, expected);
  }

  get size(): number {
    return this.#table.size;
  }

  /** What is added from here on belongs to the next list; lists are numbered from 0. */
  beginList(): void {
    this.#lists.push(this.#table.nextEntry);
  }

  /**
   * Adds a name to the current list. A name that is there already stays with its first list, and covers what either said.
   * @param wire holds the name's wire form at its start
   * @param length octets of it, the root's included; the root itself can't be listed
   * @returns whether the name is new
   */
  add(wire: Uint8Array, length: number, coverage: Coverage): boolean {
    assert(this.#lists.length > 0 && length > 1 && length <= maxNameOctets);
    return this.#table.add(extendHash(this.#secret, 0, 0, wire, 0, length - 1), wire, length - 1, coverage);
  }

  /** The finished index, to be read here or posted to another thread. */
  finish(): NameIndexParts {
    return { table: this.#table.finish(), size: this.size, lists: this.#lists };
  }
}
