/**
 * An answer, before it is fitted to a client: everything behind the question as bytes, and what the header is to say. It is immutable and
 * names no client, so one `Reply` serves everybody to whom it applies; `render` makes the message for one client.
 */
import { messageOf } from './errors.js';
import { limits } from './limits.js';
import type { Query } from './query.js';
import { extendedError, octetsOfOpt, writeOpt, type ExtendedError } from './wire/edns.js';
import { ede, flag, headerOctets, offsetOf, putUint16, putUint32, rcode, uint32At } from './wire/layout.js';

export interface Reply {
  /** All 12 bits (RFC 6891 section 6.1.3). */
  readonly rcode: number;
  /** Who made it: a plugin's name. */
  readonly plugin: string;
  /** The flags that the answer itself brings: AA, AD. */
  readonly flags: number;
  /** How many records the sections of `body` hold. */
  readonly answers: number;
  readonly authorities: number;
  readonly additionals: number;
  /** The records as on the wire behind the question, without OPT. Compression pointers may point into the question: every name asked has its own length. */
  readonly body: Buffer;
  /** Where the TTLs stand in `body`. */
  readonly ttls: readonly number[];
  /** Seconds by which every TTL has aged since `body` was received. */
  readonly age: number;
  /** All TTLs are this instead, in seconds (a stale answer, RFC 8767 section 4). */
  readonly fixedTtl?: number | undefined;
  /** Why it is what it is; told to clients that speak EDNS. */
  readonly error?: ExtendedError | undefined;
  /** What went wrong, for the log. */
  readonly failure?: string | undefined;
  /** The client gets no answer at all (`acl … drop`). */
  readonly dropped?: boolean | undefined;
}

const empty = Buffer.alloc(0);

/** A reply without records. */
export const emptyReply = (plugin: string, code: number, more: Partial<Reply> = {}): Reply => ({
  rcode: code, plugin, flags: 0, answers: 0, authorities: 0, additionals: 0, body: empty, ttls: [], age: 0, ...more,
});

/** REFUSED; `why` goes to the client as an extended error. */
export const refused = (plugin: string, code: number, why: string): Reply => emptyReply(plugin, rcode.refused, { error: extendedError(code, why) });

/** Silence. */
export const dropped = (plugin: string): Reply => emptyReply(plugin, rcode.refused, { dropped: true });

/** SERVFAIL for what went wrong inside or upstream. */
export const failed = (plugin: string, reason: unknown, code: number = ede.networkError): Reply =>
  emptyReply(plugin, rcode.servFail, { failure: messageOf(reason), error: extendedError(code, messageOf(reason)) });

/**
 * Makes the message for this client: its id, its question in its own case, its RD and CD bits, our OPT if it sent one, TTLs aged, and, when
 * all that is larger than the client takes, no records and TC (RFC 2181 section 9). The one place where replies become bytes.
 */
export function render(reply: Reply, query: Query): Buffer {
  const limit = query.maxReplyOctets;
  const questionEnd = query.questionEnd;
  const hasOpt = query.edns !== undefined;
  let error = reply.error;
  let optLength = hasOpt ? octetsOfOpt(error) : 0;
  let body = reply.body;
  let truncated = 0;
  if (questionEnd + body.length + optLength > limit) {
    // The explanation goes first, the records next.
    error = undefined;
    optLength = hasOpt ? octetsOfOpt(undefined) : 0;
    if (questionEnd + body.length + optLength > limit) {
      truncated = flag.tc;
      body = empty;
    }
  }
  const out = Buffer.allocUnsafe(questionEnd + body.length + optLength);
  query.bytes.copy(out, 0, 0, questionEnd);
  putUint16(out, offsetOf.flags, flag.qr | flag.ra | truncated | reply.flags | (query.flags & (flag.rd | flag.cd)) | (reply.rcode & 15));
  const whole = truncated === 0;
  putUint16(out, offsetOf.answers, whole ? reply.answers : 0);
  putUint16(out, offsetOf.authorities, whole ? reply.authorities : 0);
  putUint16(out, offsetOf.additionals, (whole ? reply.additionals : 0) + (hasOpt ? 1 : 0));
  if (body.length > 0) {
    body.copy(out, questionEnd);
    if (reply.age !== 0 || reply.fixedTtl !== undefined) ageTtls(out, questionEnd, reply);
  }
  if (hasOpt) writeOpt(out, questionEnd + body.length, limits.udpPayloadOctets, reply.rcode >> 4, query.dnssecOk, error);
  return out;
}

function ageTtls(out: Buffer, start: number, { ttls, age, fixedTtl }: Reply): void {
  for (const offset of ttls) putUint32(out, start + offset, fixedTtl ?? Math.max(0, uint32At(out, start + offset) - age));
}

/**
 * The answer to a message that is no acceptable query: as much of the question as could be read (`questionEnd`; the header's length when
 * none could), and nothing else but an OPT for a sender that speaks EDNS.
 */
export function renderError(bytes: Buffer, code: number, questionEnd = headerOctets, withOpt = false): Buffer {
  const out = Buffer.alloc(questionEnd + (withOpt ? octetsOfOpt(undefined) : 0));
  bytes.copy(out, 0, 0, questionEnd);
  // The opcode, RD and CD are the sender's.
  putUint16(out, offsetOf.flags, flag.qr | (bytes.readUInt16BE(offsetOf.flags) & (0x7800 | flag.rd | flag.cd)) | (code & 15));
  putUint16(out, offsetOf.questions, questionEnd > headerOctets ? 1 : 0);
  putUint16(out, offsetOf.answers, 0);
  putUint16(out, offsetOf.authorities, 0);
  putUint16(out, offsetOf.additionals, withOpt ? 1 : 0);
  if (withOpt) writeOpt(out, questionEnd, limits.udpPayloadOctets, code >> 4, false, undefined);
  return out;
}
