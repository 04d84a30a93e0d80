/**
 * One remembered answer, as octets in a segment: memory outside of the heap, so that no collector of garbage ever looks at it or moves it, however many
 * answers come and go. (As objects of the heap they made the collector pause for up to 20 ms when every name was new.)
 */
import { Buffer } from 'node:buffer';
import { hashOf } from '../../core/hash.js';
import type { Name } from '../../core/name.js';
import type { Query } from '../../core/query.js';
import { createReply, type Reply } from '../../core/reply.js';
import { extendedError } from '../../core/wire/edns.js';
import { ede, putUint16, uint16At } from '../../core/wire/layout.js';
import type { Kind } from '../../core/wire/survey.js';

/** All that an answer depends on, beside the route by which it came. (The class is always IN.) */
export type Question = Pick<Query, 'name' | 'type' | 'dnssecOk' | 'checkingDisabled'>;
/** One to look for. */
export type AskedQuestion = Question & Pick<Query, 'nameHash'>;

export const hashOfQuestion = ({ nameHash, type }: AskedQuestion, route: string): number => hashOf(route, nameHash ^ type);

/** What is remembered. Times are milliseconds of the host's clock. */
export interface Content {
  readonly reply: Pick<Reply, 'rcode' | 'flags' | 'answers' | 'authorities' | 'additionals' | 'ttls' | 'body' | 'targets' | 'failure'>;
  readonly kind: Kind;
  /** How long it lives from the beginning. */
  readonly lifeMs: number;
  /** When its life ends; after that it is stale. */
  readonly expiresAt: number;
}

/** A piece of memory, seen in three ways. */
export class Segment {
  readonly number: number;
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly numbers: Float64Array;
  /** Words that records have taken, and of these the ones that are of no more use, from the beginning on. */
  used = 0;
  passed = 0;
  next: Segment | undefined = undefined;

  constructor(number: number, octets: number) {
    const memory = new ArrayBuffer(octets);
    this.number = number;
    this.bytes = Buffer.from(memory);
    this.words = new Uint32Array(memory);
    this.numbers = new Float64Array(memory);
  }
}

export const octetsPerWord = 4;
/** Records take whole units, so that a place has a number of 32 bits. */
export const wordsPerUnit = 4;

/** Words of a record's head, by what they hold … */
const word = { next: 0, hash: 1, words: 2, bits: 3, hits: 14, readyPlace: 15, keyOctets: 16, replyOctets: 17, targetOctets: 18, failureOctets: 19 } as const;
/** … and its numbers of 64 bits, counted in such. */
const number = { expiresAt: 2, retryAt: 3, lifeMs: 4, lastHit: 5, serial: 6 } as const;
const headOctets = 80;

/** Bits of one of the words; the kind is behind them, and the type of the question in the upper half. */
const bit = { live: 1, popular: 2, refreshing: 4, dnssecOk: 8, checkingDisabled: 16 } as const;
const kindAt = 5;
const kinds: readonly Kind[] = ['positive', 'nodata', 'nxdomain', 'referral', 'failure'];
/** What of the bits tells whether a record answers a question. */
const questionBits = (0xffff_0000 | bit.live | bit.dnssecOk | bit.checkingDisabled) >>> 0;

const bitsOfQuestion = ({ type, dnssecOk, checkingDisabled }: Question): number =>
  ((type << 16) | bit.live | (dnssecOk ? bit.dnssecOk : 0) | (checkingDisabled ? bit.checkingDisabled : 0)) >>> 0;

/** RCODE, flags, the three counts, and how many TTLs there are: two octets each, before the TTLs' offsets, which take two each, and the records. */
const replyHeadOctets = 12;
const octetsOfReply = ({ ttls, body }: Content['reply']): number => replyHeadOctets + 2 * ttls.length + body.length;
const octetsOfTargets = (targets: readonly Name[]): number => targets.reduce((sum, { length }) => sum + length, 0);

/** Words that a record takes. */
export function wordsOf({ name }: Question, route: string, { reply }: Content): number {
  const octets = headOctets + name.length + route.length + octetsOfReply(reply) + octetsOfTargets(reply.targets) + Buffer.byteLength(reply.failure ?? '');
  return Math.ceil(octets / octetsPerWord / wordsPerUnit) * wordsPerUnit;
}

const copyOf = (octets: Buffer): Buffer => Buffer.from(octets);

const cachedError = extendedError(ede.cachedError, 'the upstream failed a moment ago');

/** A record in its place. It is good until the next record is written: places are used again. */
export class Entry {
  readonly segment: Segment;
  /** In words. */
  readonly at: number;

  constructor(segment: Segment, at: number) {
    this.segment = segment;
    this.at = at;
  }

  /** Writes a record where there is room for it, of as many words as {@link wordsOf} says. It is not yet linked to others. */
  static write(segment: Segment, at: number, ownWords: number, question: Question, route: string, hash: number, content: Content, serial: number): Entry {
    const { words, bytes } = segment;
    const { reply, kind, lifeMs, expiresAt } = content;
    const entry = new Entry(segment, at);
    const { name } = question;
    words[at + word.hash] = hash;
    words[at + word.words] = ownWords;
    words[at + word.bits] = bitsOfQuestion(question) | (kinds.indexOf(kind) << kindAt);
    words[at + word.hits] = 0;
    words[at + word.readyPlace] = 0;
    words[at + word.keyOctets] = name.length | (route.length << 8);
    words[at + word.replyOctets] = octetsOfReply(reply);
    words[at + word.targetOctets] = octetsOfTargets(reply.targets);
    entry.#set(number.expiresAt, expiresAt);
    entry.#set(number.lifeMs, lifeMs);
    entry.#set(number.retryAt, 0);
    entry.#set(number.lastHit, 0);
    entry.#set(number.serial, serial);
    let end = putText(bytes, entry.#keyAt, name);
    end = putText(bytes, end, route);
    end = putReply(bytes, end, reply);
    for (const target of reply.targets) end = putText(bytes, end, target);
    words[at + word.failureOctets] = reply.failure === undefined ? 0 : bytes.write(reply.failure, end);
    return entry;
  }

  /** Whether this is the answer to that question by that route: by every octet of both. */
  answers(question: Question, route: string, hash: number): boolean {
    const { segment: { words, bytes }, at } = this;
    const { name } = question;
    if (words[at + word.hash] !== hash >>> 0 || ((words[at + word.bits]! & questionBits) >>> 0) !== bitsOfQuestion(question)) return false;
    const start = this.#keyAt;
    return words[at + word.keyOctets] === (name.length | (route.length << 8)) && isTextAt(bytes, start, name) && isTextAt(bytes, start + name.length, route);
  }

  /** The place of the next record in the same bucket of the table; 0 for none. */
  get next(): number {
    return this.segment.words[this.at + word.next]!;
  }

  set next(place: number) {
    this.segment.words[this.at + word.next] = place;
  }

  get hash(): number {
    return this.segment.words[this.at + word.hash]! | 0;
  }

  get words(): number {
    return this.segment.words[this.at + word.words]!;
  }

  get name(): Name {
    return this.segment.bytes.toString('latin1', this.#keyAt, this.#keyAt + this.#nameOctets) as Name;
  }

  get route(): string {
    return this.segment.bytes.toString('latin1', this.#keyAt + this.#nameOctets, this.#replyAt);
  }

  get type(): number {
    return this.#bits >>> 16;
  }

  get dnssecOk(): boolean {
    return this.#is(bit.dnssecOk);
  }

  get checkingDisabled(): boolean {
    return this.#is(bit.checkingDisabled);
  }

  get kind(): Kind {
    return kinds[(this.#bits >>> kindAt) & 7]!;
  }

  get expiresAt(): number {
    return this.#get(number.expiresAt);
  }

  get lifeMs(): number {
    return this.#get(number.lifeMs);
  }

  /** Unlike that of any other record ever. */
  get serial(): number {
    return this.#get(number.serial);
  }

  /** Whether it is remembered still. */
  get isLive(): boolean {
    return this.#is(bit.live);
  }

  set isLive(is: boolean) {
    this.#mark(bit.live, is);
  }

  /** Somebody has asked for it since it came, or since it was spared for that. */
  get isPopular(): boolean {
    return this.#is(bit.popular);
  }

  set isPopular(is: boolean) {
    this.#mark(bit.popular, is);
  }

  /** A refresh is under way. */
  get isRefreshing(): boolean {
    return this.#is(bit.refreshing);
  }

  set isRefreshing(is: boolean) {
    this.#mark(bit.refreshing, is);
  }

  /** A failed refresh is not tried again before this. */
  get retryAt(): number {
    return this.#get(number.retryAt);
  }

  set retryAt(time: number) {
    this.#set(number.retryAt, time);
  }

  /** For prefetching: hits without a long pause between them, and the last. */
  get hits(): number {
    return this.segment.words[this.at + word.hits]!;
  }

  set hits(count: number) {
    this.segment.words[this.at + word.hits] = count;
  }

  get lastHit(): number {
    return this.#get(number.lastHit);
  }

  set lastHit(time: number) {
    this.#set(number.lastHit, time);
  }

  /** Where its reply may be kept ready; see `ready.ts`. */
  get readyPlace(): number {
    return this.segment.words[this.at + word.readyPlace]!;
  }

  set readyPlace(place: number) {
    this.segment.words[this.at + word.readyPlace] = place;
  }

  /** Octets of its reply. */
  get replyOctets(): number {
    return this.segment.words[this.at + word.replyOctets]!;
  }

  /** The names to which its records lead; each ends with its root label. */
  get targets(): Name[] {
    const { bytes, words } = this.segment;
    const targets: Name[] = [];
    let start = this.#replyAt + this.replyOctets;
    const end = start + words[this.at + word.targetOctets]!;
    while (start < end) {
      let root = start;
      while (bytes[root] !== 0) root += 1 + bytes[root]!;
      targets.push(bytes.toString('latin1', start, root + 1) as Name);
      start = root + 1;
    }
    return targets;
  }

  /**
   * The reply again, by the cache's hand. Nothing of it lies in the record.
   * @param place puts octets where they are to stay
   */
  reply(place = copyOf): Reply {
    const { bytes, words } = this.segment;
    const at = this.#replyAt;
    const body = at + replyHeadOctets + 2 * uint16At(bytes, at + 10);
    const end = at + this.replyOctets;
    const ttls: number[] = [];
    for (let offset = at + replyHeadOctets; offset < body; offset += 2) ttls.push(uint16At(bytes, offset));
    const failureAt = end + words[this.at + word.targetOctets]!;
    const { kind } = this;
    return createReply(uint16At(bytes, at), 'cache', {
      flags: uint16At(bytes, at + 2), answers: uint16At(bytes, at + 4), authorities: uint16At(bytes, at + 6), additionals: uint16At(bytes, at + 8),
      ttls, body: place(bytes.subarray(body, end)), kind, targets: this.targets,
      ...(kind === 'failure' && { error: cachedError, failure: bytes.toString('utf8', failureAt, failureAt + words[this.at + word.failureOctets]!) }),
    });
  }

  /** The same record in another place, linked as this one is. */
  copyTo(segment: Segment, at: number): Entry {
    segment.words.set(this.segment.words.subarray(this.at, this.at + this.words), at);
    return new Entry(segment, at);
  }

  get #bits(): number {
    return this.segment.words[this.at + word.bits]!;
  }

  /** Where its name begins, and behind that its route. */
  get #keyAt(): number {
    return octetsPerWord * this.at + headOctets;
  }

  get #nameOctets(): number {
    return this.segment.words[this.at + word.keyOctets]! & 0xff;
  }

  get #replyAt(): number {
    return this.#keyAt + this.#nameOctets + (this.segment.words[this.at + word.keyOctets]! >>> 8);
  }

  #is(flag: number): boolean {
    return (this.#bits & flag) !== 0;
  }

  #mark(flag: number, is: boolean): void {
    if (is) this.segment.words[this.at + word.bits]! |= flag;
    else this.segment.words[this.at + word.bits]! &= ~flag;
  }

  #get(index: number): number {
    return this.segment.numbers[(this.at >> 1) + index]!;
  }

  #set(index: number, value: number): void {
    this.segment.numbers[(this.at >> 1) + index] = value;
  }
}

function putReply(bytes: Buffer, at: number, { rcode, flags, answers, authorities, additionals, ttls, body }: Content['reply']): number {
  putUint16(bytes, at, rcode);
  putUint16(bytes, at + 2, flags);
  putUint16(bytes, at + 4, answers);
  putUint16(bytes, at + 6, authorities);
  putUint16(bytes, at + 8, additionals);
  putUint16(bytes, at + 10, ttls.length);
  let end = at + replyHeadOctets;
  for (const offset of ttls) {
    putUint16(bytes, end, offset);
    end += 2;
  }
  bytes.set(body, end);
  return end + body.length;
}

/** Names and routes are short: a loop is quicker than a call out of the engine. */
function putText(bytes: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function isTextAt(bytes: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
