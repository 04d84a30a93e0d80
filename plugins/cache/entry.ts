/**
 * One remembered answer, in as little memory as it can be: a string for its question and route, a string for its records. Strings of one character
 * an octet, as names are, point to nothing and share their memory with nobody; a slice of a `Buffer` keeps all that it was cut from alive.
 */
import type { Name } from '../../core/name.js';
import type { Query } from '../../core/query.js';
import { createReply, type Reply } from '../../core/reply.js';
import { extendedError } from '../../core/wire/edns.js';
import { ede, putUint16 } from '../../core/wire/layout.js';
import type { Kind } from '../../core/wire/survey.js';

/** Times are milliseconds of the host's clock. */
export interface Entry {
  readonly key: string;
  /** What {@link pack} made of the reply. */
  readonly packed: string;
  readonly kind: Kind;
  /** Names to which its records lead. */
  readonly targets: readonly Name[];
  /** Why it is a failure, for the log. */
  readonly failure: string | undefined;
  readonly storedAt: number;
  /** When its life ends; after that it is stale. */
  readonly expiresAt: number;
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

/** All that an answer depends on. (The class is always IN.) */
export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
  /** So that an answer that came by one VPN is never given to a client of another. */
  readonly route: string;
}

/**
 * The same text in one piece. What `+` joins stays a tree of its parts until a character of it is looked at: a tree takes twice the memory, and twice the
 * time to look up.
 */
const inOnePiece = (text: string): string => (Number.isNaN(text.charCodeAt(0)) ? '' : text);

/** Names are self-delimiting (length-prefixed labels, then a zero), so nothing can be taken for something else. */
const keyFrom = (name: Name, type: number, dnssecOk: boolean, checkingDisabled: boolean, route: string): string =>
  inOnePiece(name + String.fromCharCode(type >> 8, type & 0xff, (dnssecOk ? 1 : 0) + (checkingDisabled ? 2 : 0)) + route);

export const keyOfQuery = (query: Query): string => keyFrom(query.name, query.type, query.dnssecOk, query.checkingDisabled, query.route?.id ?? '');
export const keyOfQuestion = (question: Question): string =>
  keyFrom(question.name, question.type, question.dnssecOk, question.checkingDisabled, question.route);

function endOfName(key: string): number {
  let offset = 0;
  while (key.charCodeAt(offset) > 0) offset += 1 + key.charCodeAt(offset);
  return offset + 1;
}

/** The name that a key asks about. */
export const nameOfKey = (key: string): Name => key.slice(0, endOfName(key)) as Name;

export function questionOfKey(key: string): Question {
  const end = endOfName(key);
  const flags = key.charCodeAt(end + 2);
  return {
    name: nameOfKey(key), type: uint16(key, end), dnssecOk: (flags & 1) !== 0, checkingDisabled: (flags & 2) !== 0, route: key.slice(end + 3),
  };
}

/** Bytes of an entry beside its strings: the object, its times, the heads of the strings, its place in the table. */
const overheadOctets = 300;
/** Bytes of a target or a reason beside its octets, with its place in a list. */
const headOfString = 48;

/** Bytes that an entry takes. `npm run bench -- --only cache-memory` holds it against what the process takes. */
export function octetsOf({ key, packed, targets, failure }: Entry): number {
  let octets = overheadOctets + key.length + packed.length;
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
  let end = 0;
  for (const value of [rcode, flags, answers, authorities, additionals, ttls.length]) end = put(end, value);
  for (const offset of ttls) end = put(end, offset);
  end += body.copy(scratch, end);
  return scratch.toString('latin1', 0, end);
}

function put(at: number, value: number): number {
  putUint16(scratch, at, value);
  return at + 2;
}

const cachedError = extendedError(ede.cachedError, 'the upstream failed a moment ago');

const bytesOf = (octets: string): Buffer => Buffer.from(octets, 'latin1');

/**
 * The reply again, by the cache's hand.
 * @param place makes bytes of octets, where they are to lie somewhere
 */
export function replyOf({ packed, kind, targets, failure }: Entry, place = bytesOf): Reply {
  const ttls = Array.from({ length: uint16(packed, 10) }, (_, i) => uint16(packed, headOctets + 2 * i));
  return createReply(uint16(packed, 0), 'cache', {
    flags: uint16(packed, 2), answers: uint16(packed, 4), authorities: uint16(packed, 6), additionals: uint16(packed, 8),
    ttls, body: place(packed.slice(headOctets + 2 * ttls.length)),
    kind, targets, failure, error: kind === 'failure' ? cachedError : undefined,
  });
}
