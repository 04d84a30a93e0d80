/**
 * One remembered answer, in as little memory as it can be: its records are a string of one character an octet, as names are, which points to nothing
 * and shares its memory with nobody; a slice of a `Buffer` keeps all that it was cut from alive.
 */
import { Buffer } from 'node:buffer';
import type { BucketLink } from '../../core/buckets.js';
import type { ChainLink } from '../../core/chain.js';
import { hashOf } from '../../core/hash.js';
import type { Name } from '../../core/name.js';
import type { Query } from '../../core/query.js';
import { createReply, type Reply } from '../../core/reply.js';
import { extendedError } from '../../core/wire/edns.js';
import { ede, putUint16 } from '../../core/wire/layout.js';
import type { Kind } from '../../core/wire/survey.js';

/** All that an answer depends on, beside the route by which it came. (The class is always IN.) */
export type Question = Pick<Query, 'name' | 'type' | 'dnssecOk' | 'checkingDisabled'>;
/** One to look for. */
export type AskedQuestion = Question & Pick<Query, 'nameHash'>;

/** What an answer says, and how long it lives. Times are milliseconds of the host's clock. */
export interface Content {
  /** What {@link pack} made of the reply. */
  readonly packed: string;
  readonly kind: Kind;
  /** Names to which its records lead. */
  readonly targets: readonly Name[];
  /** Why it is a failure, for the log. */
  readonly failure: string | undefined;
  /** How long it lives from the beginning. */
  readonly lifeMs: number;
  /** When its life ends; after that it is stale. */
  readonly expiresAt: number;
}

export interface Entry extends Question, Content, BucketLink<Entry>, ChainLink<Entry> {
  /** So that an answer that came by one VPN is never given to a client of another. */
  readonly route: string;
  /** Bytes that it takes, estimated. */
  readonly octets: number;
  /** Somebody has asked for it since it came, or since it was spared for that. */
  isPopular: boolean;
  /** For prefetching: hits without a long pause between them, and the last. */
  hits: number;
  lastHit: number;
  /** A refresh is under way. */
  refreshing: boolean;
  /** A failed refresh is not tried again before this. */
  retryAt: number;
  /** The reply as it leaves in this second, for many clients; see `ready.ts`. */
  served: Reply | undefined;
}

export const hashOfQuestion = ({ nameHash, type }: AskedQuestion, route: string): number => hashOf(route, nameHash ^ type);

/** Whether this is the answer to that question by that route. */
export function isEntryFor(entry: Entry, question: Question, route: string): boolean {
  return entry.name === question.name && entry.type === question.type && entry.route === route
    && entry.dnssecOk === question.dnssecOk && entry.checkingDisabled === question.checkingDisabled;
}

/** An entry that is in no store yet. All are made here, with the same shape. */
export function createEntry(question: AskedQuestion, route: string, content: Content): Entry {
  const { name, type, dnssecOk, checkingDisabled } = question;
  const { packed, kind, targets, failure, lifeMs, expiresAt } = content;
  return {
    // What every look needs lies side by side.
    hash: hashOfQuestion(question, route), nextInBucket: undefined, name, type, route, dnssecOk, checkingDisabled,
    expiresAt, isPopular: false, served: undefined, kind,
    packed, targets, failure, lifeMs, octets: octetsOf(name, content), hits: 0, lastHit: 0, refreshing: false, retryAt: 0,
    isLinked: false, previous: undefined, next: undefined,
  };
}

/** Bytes of an entry beside its strings: the object, its times, the heads of the strings, its place in the table. */
const overheadOctets = 300;
/** Bytes of a target or a reason beside its octets, with its place in a list. */
const headOfString = 48;

/** Bytes that an entry takes. `npm run bench -- --only cache-memory` holds it against what the process takes. */
function octetsOf(name: Name, { packed, targets, failure }: Content): number {
  let octets = overheadOctets + name.length + packed.length;
  for (const target of targets) octets += headOfString + target.length;
  return failure === undefined ? octets : octets + headOfString + failure.length;
}

const uint16 = (octets: string, offset: number): number => (octets.charCodeAt(offset) << 8) | octets.charCodeAt(offset + 1);

/** RCODE, flags, the three counts, and how many TTLs there are: two octets each, before the TTLs' offsets, which take two each, and the records. */
const headOctets = 12;
/** More than the records of any message, and the offsets of their TTLs, take. */
const scratch = Buffer.alloc(0x18000);

/** What a cache has to keep of a reply that an upstream gave, as octets. */
export function pack({ rcode, flags, answers, authorities, additionals, ttls, body }: Reply): string {
  putUint16(scratch, 0, rcode);
  putUint16(scratch, 2, flags);
  putUint16(scratch, 4, answers);
  putUint16(scratch, 6, authorities);
  putUint16(scratch, 8, additionals);
  putUint16(scratch, 10, ttls.length);
  let end = headOctets;
  for (const offset of ttls) {
    putUint16(scratch, end, offset);
    end += 2;
  }
  scratch.set(body, end);
  return scratch.toString('latin1', 0, end + body.length);
}

const cachedError = extendedError(ede.cachedError, 'the upstream failed a moment ago');

const bytesOf = (octets: string): Buffer => Buffer.from(octets, 'latin1');

/**
 * The reply again, by the cache's hand.
 * @param place makes bytes of octets, where they are to lie somewhere
 */
export function replyOf({ packed, kind, targets, failure }: Content, place = bytesOf): Reply {
  const ttls = Array.from({ length: uint16(packed, 10) }, (_, i) => uint16(packed, headOctets + 2 * i));
  return createReply(uint16(packed, 0), 'cache', {
    flags: uint16(packed, 2), answers: uint16(packed, 4), authorities: uint16(packed, 6), additionals: uint16(packed, 8),
    ttls, body: place(packed.slice(headOctets + 2 * ttls.length)),
    kind, targets, failure, error: kind === 'failure' ? cachedError : undefined,
  });
}
