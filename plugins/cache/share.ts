/**
 * A share of the memory: successes or denials, one behind the other in the order in which they came, in segments that are used again.
 *
 * When there are too many, the oldest goes, unless it has been asked for since it came: then it counts as new once more ("second chance"). That keeps
 * what the least recently used would have to leave, and being asked for costs an entry no more than a mark. What is replaced or removed stays where it
 * is until it is the oldest; when too much is such, the oldest are moved or passed over until it is not.
 */
import { placeOf, placesFor } from '../../core/hash.js';
import { limits } from '../../core/limits.js';
import { Entry, octetsPerWord, Segment, wordsOf, wordsPerUnit, type Content, type Question } from './record.js';

/** The place of a record is the number of its segment and, in the lower bits, the unit at which it begins. 0 is no place: numbers begin with 1. */
const unitsPerSegment = limits.cacheSegmentBytes / octetsPerWord / wordsPerUnit;
const unitBits = Math.log2(unitsPerSegment);

export class Share {
  readonly capacity: number;
  /** Entries that are remembered. */
  size = 0;
  /** Entries that had to go for others. */
  evictions = 0;
  /** By the lower bits of their hash: where the first one is. */
  readonly #heads: Uint32Array;
  /** By number. */
  readonly #segments: (Segment | undefined)[] = [undefined];
  readonly #segmentWords: number;
  #oldest: Segment;
  #newest: Segment;
  #spare: Segment | undefined = undefined;
  /** Words from the oldest record to the end of the newest, and those that are not remembered any more. */
  #words = 0;
  #deadWords = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#heads = new Uint32Array(placesFor(capacity));
    this.#segmentWords = Math.min(limits.cacheSegmentBytes, this.maxBytes) / octetsPerWord;
    this.#oldest = this.#newest = this.#create();
  }

  /** Bytes that all records may take together. */
  get maxBytes(): number {
    return this.capacity * limits.cacheBytesPerEntry;
  }

  /** Bytes that all records take, with those that only wait for their turn to go. */
  get bytes(): number {
    return this.#words * octetsPerWord;
  }

  find(question: Question, route: string, hash: number): Entry | undefined {
    let place = this.#heads[this.#bucketOf(hash)]!;
    while (place !== 0) {
      const entry = this.#entryAt(place);
      if (entry.answers(question, route, hash)) return entry;
      place = entry.next;
    }
    return undefined;
  }

  /** Keeps an answer to a question for which there is none. `undefined` when it can't be kept: it is larger than the share. @param serial unlike any other */
  put(question: Question, route: string, hash: number, content: Content, serial: number): Entry | undefined {
    const words = wordsOf(question, route, content);
    if (!this.#makeRoomFor(words)) return undefined;
    const entry = Entry.write(...this.#claim(words), words, question, route, hash, content, serial);
    // A route that is no Latin text must not be found as another one.
    if (!entry.answers(question, route, hash)) {
      this.#bury(entry);
      return undefined;
    }
    this.#link(entry);
    return entry;
  }

  /** Takes over what another share remembers, as far as it fits. */
  adopt(other: Share): void {
    for (const entry of other.entries()) {
      if (!this.#makeRoomFor(entry.words)) continue;
      const [segment, at] = this.#claim(entry.words);
      this.#link(entry.copyTo(segment, at));
    }
  }

  remove(entry: Entry): void {
    this.#unlink(entry);
    this.#bury(entry);
  }

  clear(): void {
    this.#heads.fill(0);
    this.#segments.length = 1;
    this.#spare = undefined;
    this.#oldest = this.#newest = this.#create();
    this.size = this.#words = this.#deadWords = 0;
  }

  /** Oldest first. Entries may be removed meanwhile. */
  *entries(): Iterable<Entry> {
    for (let segment: Segment | undefined = this.#oldest; segment !== undefined; segment = segment.next) {
      for (let at = segment.passed; at < segment.used;) {
        const entry = new Entry(segment, at);
        at += entry.words;
        if (entry.isLive) yield entry;
      }
    }
  }

  /** Returns false when there can't be room. */
  #makeRoomFor(words: number): boolean {
    if (words > this.#segmentWords) return false;
    const most = this.maxBytes / octetsPerWord;
    for (let passed = 0; this.size >= this.capacity || this.#words + words > most; passed++) {
      // Where all are popular, one goes all the same.
      this.#passOldest(passed < limits.cacheEntriesPassed ? isPopular : isNobody);
    }
    for (let passed = 0; this.#deadWords > this.#words / 2 + this.#segmentWords && passed < limits.cacheEntriesPassed; passed++) this.#passOldest(isAnybody);
    return true;
  }

  /** The oldest record gives up its place: for good if it is remembered no more, or if it isn't spared. */
  #passOldest(isSpared: (entry: Entry) => boolean): void {
    const segment = this.#oldest;
    const entry = new Entry(segment, segment.passed);
    const { words } = entry;
    if (!entry.isLive) {
      this.#deadWords -= words;
    } else if (isSpared(entry)) {
      entry.isPopular = false;
      const moved = entry.copyTo(...this.#claim(words));
      this.#relink(entry, addressOf(moved));
    } else {
      this.#unlink(entry);
      this.evictions++;
    }
    segment.passed += words;
    this.#words -= words;
    if (segment.passed === segment.used) this.#leave(segment);
  }

  /** Nothing in the oldest segment is of use any more. */
  #leave(segment: Segment): void {
    segment.used = segment.passed = 0;
    if (segment.next === undefined) return;
    this.#oldest = segment.next;
    segment.next = undefined;
    if (this.#spare === undefined) this.#spare = segment;
    else this.#segments[segment.number] = undefined;
  }

  /** Room for a record at the end. */
  #claim(words: number): [segment: Segment, at: number] {
    if (this.#newest.used + words > this.#segmentWords) {
      const segment = this.#spare ?? this.#create();
      this.#spare = undefined;
      this.#newest.next = segment;
      this.#newest = segment;
    }
    const at = this.#newest.used;
    this.#newest.used += words;
    this.#words += words;
    return [this.#newest, at];
  }

  #create(): Segment {
    const free = this.#segments.indexOf(undefined, 1);
    const number = free === -1 ? this.#segments.length : free;
    return (this.#segments[number] = new Segment(number, this.#segmentWords * octetsPerWord));
  }

  #bury(entry: Entry): void {
    entry.isLive = false;
    this.#deadWords += entry.words;
  }

  #link(entry: Entry): void {
    const bucket = this.#bucketOf(entry.hash);
    entry.next = this.#heads[bucket]!;
    this.#heads[bucket] = addressOf(entry);
    this.size++;
  }

  #unlink(entry: Entry): void {
    this.#relink(entry, entry.next);
    this.size--;
  }

  /** Whoever leads to the entry leads to that place from now on. */
  #relink(entry: Entry, place: number): void {
    const wanted = addressOf(entry);
    const bucket = this.#bucketOf(entry.hash);
    let at = this.#heads[bucket]!;
    if (at === wanted) {
      this.#heads[bucket] = place;
      return;
    }
    let before = this.#entryAt(at);
    for (at = before.next; at !== wanted; at = before.next) before = this.#entryAt(at);
    before.next = place;
  }

  #entryAt(place: number): Entry {
    return new Entry(this.#segments[place >>> unitBits]!, (place & (unitsPerSegment - 1)) * wordsPerUnit);
  }

  #bucketOf(hash: number): number {
    return placeOf(hash, this.#heads.length);
  }
}

/** Who is spared when the oldest has to go. */
const isPopular = (entry: Entry): boolean => entry.isPopular;
const isNobody = (): boolean => false;
const isAnybody = (): boolean => true;

const addressOf = ({ segment, at }: Entry): number => segment.number * unitsPerSegment + at / wordsPerUnit;
