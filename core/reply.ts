/**
 * An answer, before it is fitted to a client: everything behind the question as bytes, and what the header is to say. It is immutable and
 * names no client, so one `Reply` serves everybody to whom it applies; `render` makes the message for one client.
 */
import { Buffer } from 'node:buffer';
import { messageOf } from './errors.js';
import { limits } from './limits.js';
import type { Name } from './name.js';
import type { Query } from './query.js';
import { extendedError, octetsOfOpt, writeOpt, type ExtendedError } from './wire/edns.js';
import { beginLike, ede, flag, headerOctets, offsetOf, putUint16, putUint32, rcode } from './wire/layout.js';
import { negativeTtl, smallestTtl, targetsOf, type Kind, type Survey } from './wire/survey.js';

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
  /** All TTLs are this instead, in seconds: what is left of a cached answer's life, or a stale answer's (RFC 8767 section 4). */
  readonly fixedTtl: number | undefined;
  /** What it is to a cache; only for what an upstream said. */
  readonly kind: Kind | undefined;
  /** How long a cache may keep it by the records' own TTLs, in seconds (RFC 2181 section 5.2, RFC 2308 section 5); `undefined` for not at all. */
  readonly lifetime: number | undefined;
  /** The names to which its CNAME, DNAME, SVCB and HTTPS records lead: an answer for one name may be another name's. */
  readonly targets: readonly Name[];
  /** Why it is what it is; told to clients that speak EDNS. */
  readonly error: ExtendedError | undefined;
  /** What went wrong, for the log. */
  readonly failure: string | undefined;
  /** The client gets no answer at all (`acl … drop`). */
  readonly dropped: boolean;
}

const empty = Buffer.alloc(0);
const none: readonly never[] = [];

/** A reply from its parts. All replies are made here (or by {@link withTtl}), with the same shape, which the engine rewards. */
export function createReply(rcodeOfReply: number, plugin: string, parts: Partial<Reply> = {}): Reply {
  return {
    rcode: rcodeOfReply, plugin, flags: parts.flags ?? 0,
    answers: parts.answers ?? 0, authorities: parts.authorities ?? 0, additionals: parts.additionals ?? 0,
    body: parts.body ?? empty, ttls: parts.ttls ?? none, fixedTtl: parts.fixedTtl,
    kind: parts.kind, lifetime: parts.lifetime, targets: parts.targets ?? none,
    error: parts.error, failure: parts.failure, dropped: parts.dropped ?? false,
  };
}

/** The same reply by another plugin's hand, with all TTLs fixed, and with another reason if one is given. It is not to be kept again. */
export const withTtl = (reply: Reply, plugin: string, seconds: number | undefined, error = reply.error): Reply => ({
  rcode: reply.rcode, plugin, flags: reply.flags,
  answers: reply.answers, authorities: reply.authorities, additionals: reply.additionals,
  body: reply.body, ttls: reply.ttls, fixedTtl: seconds,
  kind: reply.kind, lifetime: undefined, targets: reply.targets,
  error, failure: reply.failure, dropped: false,
});

/** REFUSED; `why` goes to the client as an extended error. */
export const refused = (plugin: string, code: number, why: string): Reply => createReply(rcode.refused, plugin, { error: extendedError(code, why) });

/** Silence. */
export const dropped = (plugin: string): Reply => createReply(rcode.refused, plugin, { dropped: true });

/** SERVFAIL for what went wrong inside or upstream; `code` is an extended error. */
export const failed = (plugin: string, reason: unknown, code: number = ede.networkError): Reply =>
  createReply(rcode.servFail, plugin, { kind: 'failure', failure: messageOf(reason), error: extendedError(code, messageOf(reason)) });

/** SERVFAIL for what says nothing about the question, so that no cache remembers it. */
export const turnedAway = (plugin: string, why: string): Reply =>
  createReply(rcode.servFail, plugin, { failure: why, error: extendedError(ede.networkError, why) });

/**
 * What an upstream said, as a reply: its records as they came, without its OPT, which was for us alone. AA is not ours to claim, and AD only
 * when the administrator trusts that upstream to validate (RFC 6840 section 5.8).
 * @param message the whole response, which `survey` describes; the reply's own from now on
 */
export function upstreamReply(message: Buffer, survey: Survey, plugin: string, trustAd: boolean): Reply {
  const { questionEnd, opt } = survey;
  // Records behind the OPT would have to move, and pointers with them; the additional section may be cut (RFC 2181 section 9).
  const end = opt?.start ?? survey.end;
  const ttls: number[] = [];
  let answers = 0;
  let authorities = 0;
  for (const rr of survey.records) {
    if (rr.end > end) break;
    // Others would take a TTL with its top bit set for 136 years; it means 0 (RFC 2181 section 8).
    if (message[rr.ttlAt]! >= 0x80) putUint32(message, rr.ttlAt, 0);
    ttls.push(rr.ttlAt - questionEnd);
    if (rr.section === 'answer') answers++;
    else if (rr.section === 'authority') authorities++;
  }
  return createReply(survey.rcode, plugin, {
    flags: trustAd ? survey.flags & flag.ad : 0,
    answers, authorities, additionals: ttls.length - answers - authorities,
    body: message.subarray(questionEnd, end), ttls,
    kind: survey.kind, lifetime: lifetimeOf(message, survey), targets: targetsOf(message, survey),
  });
}

function lifetimeOf(message: Buffer, survey: Survey): number | undefined {
  if (survey.kind === 'positive') return smallestTtl(message, survey);
  return survey.kind === 'nodata' || survey.kind === 'nxdomain' ? negativeTtl(message, survey) : undefined;
}

/**
 * Makes the message for this client: its id, its question in its own case, its RD and CD bits, our OPT if it sent one, and, when
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
  beginLike(query.bytes, questionEnd, out);
  putUint16(out, offsetOf.flags, flag.qr | flag.ra | truncated | reply.flags | (query.flags & (flag.rd | flag.cd)) | (reply.rcode & 15));
  const whole = truncated === 0;
  putUint16(out, offsetOf.answers, whole ? reply.answers : 0);
  putUint16(out, offsetOf.authorities, whole ? reply.authorities : 0);
  putUint16(out, offsetOf.additionals, (whole ? reply.additionals : 0) + (hasOpt ? 1 : 0));
  if (body.length > 0) {
    out.set(body, questionEnd);
    if (reply.fixedTtl !== undefined) for (const offset of reply.ttls) putUint32(out, questionEnd + offset, reply.fixedTtl);
  }
  if (hasOpt) writeOpt(out, questionEnd + body.length, limits.udpPayloadOctets, reply.rcode >> 4, query.dnssecOk, error);
  return out;
}

/**
 * The answer to a message that is no acceptable query: as much of the question as could be read (`questionEnd`; the header's length when
 * none could), and nothing else but an OPT for a sender that speaks EDNS.
 */
export function renderError(bytes: Buffer, code: number, questionEnd = headerOctets, withOpt = false): Buffer {
  const out = Buffer.alloc(questionEnd + (withOpt ? octetsOfOpt(undefined) : 0));
  bytes.copy(out, 0, 0, questionEnd);
  // The opcode, RD and CD are the sender's.
  putUint16(out, offsetOf.flags, flag.qr | flag.ra | (bytes.readUInt16BE(offsetOf.flags) & (0x7800 | flag.rd | flag.cd)) | (code & 15));
  putUint16(out, offsetOf.questions, questionEnd > headerOctets ? 1 : 0);
  putUint16(out, offsetOf.answers, 0);
  putUint16(out, offsetOf.authorities, 0);
  putUint16(out, offsetOf.additionals, withOpt ? 1 : 0);
  if (withOpt) writeOpt(out, questionEnd, limits.udpPayloadOctets, code >> 4, false, undefined);
  return out;
}
