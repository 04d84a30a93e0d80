/**
 * The survey: one bounded walk over a response, from an upstream or anybody else. It accepts a message only if every name, every count and
 * every RDLENGTH lies inside it, and remembers where the things stand that a forwarder touches. Nothing is decoded.
 */
import { flag, headerOctets, offsetOf, rcode, rcodeMask, type, uint16At, uint32At } from './layout.js';
import { endOfQuestion } from './guard.js';
import { readOpt } from './edns.js';
import { expandName, nameEnd } from './names.js';
import type { Name } from '../name.js';
import { limits } from '../limits.js';

/** One resource record, as offsets into its message. */
export interface Rr {
  readonly section: 'answer' | 'authority' | 'additional';
  /** Where the owner name begins. */
  readonly owner: number;
  readonly type: number;
  readonly class: number;
  readonly ttlAt: number;
  readonly rdata: number;
  /** Where the RDATA ends. */
  readonly end: number;
}

/** What a response is to a cache (RFC 2308 section 2). */
export type Kind = 'positive' | 'nodata' | 'nxdomain' | 'referral' | 'failure';

export interface Survey {
  readonly flags: number;
  /** All 12 bits, with the OPT record's part. */
  readonly rcode: number;
  readonly questionEnd: number;
  /** All records but OPT. */
  readonly records: readonly Rr[];
  /** The whole OPT record, if there is one. */
  readonly opt: { readonly start: number; readonly end: number } | undefined;
  readonly kind: Kind;
  /** The offset behind the last record. */
  readonly end: number;
}

/** TTLs with the top bit set count as 0 (RFC 2181 section 8). */
export const ttlAt = (bytes: Uint8Array, offset: number): number => {
  const ttl = uint32At(bytes, offset);
  return ttl > 0x7fffffff ? 0 : ttl;
};

/** Surveys a response with exactly one question. `undefined` when it is malformed in any way. */
export function surveyResponse(bytes: Uint8Array): Survey | undefined {
  if (bytes.length < headerOctets || uint16At(bytes, offsetOf.questions) !== 1) return undefined;
  const questionEnd = endOfQuestion(bytes);
  if (questionEnd === -1) return undefined;
  const walk = walkRecords(bytes, questionEnd);
  if (walk === undefined) return undefined;
  const flags = uint16At(bytes, offsetOf.flags);
  const code = (flags & rcodeMask) | (walk.extendedRcode << 4);
  const qtype = uint16At(bytes, questionEnd - 4);
  return { flags, rcode: code, questionEnd, records: walk.records, opt: walk.opt, kind: kindOf(code, qtype, walk.records), end: walk.end };
}

interface Walk {
  readonly records: Rr[];
  opt: Survey['opt'];
  extendedRcode: number;
  end: number;
  /** Compression pointers that may still be followed. */
  hops: number;
}

function walkRecords(bytes: Uint8Array, start: number): Walk | undefined {
  const answers = uint16At(bytes, offsetOf.answers);
  const authorities = uint16At(bytes, offsetOf.authorities);
  const additionals = uint16At(bytes, offsetOf.additionals);
  // A record has at least 11 octets: counts that can't fit are refused before the walk, which thus is linear in the message.
  if ((answers + authorities + additionals) * 11 > bytes.length - start) return undefined;
  const walk: Walk = { records: [], opt: undefined, extendedRcode: 0, end: start, hops: limits.compressionHopsPerMessage };
  return walkSection(bytes, 'answer', answers, walk) && walkSection(bytes, 'authority', authorities, walk)
    && walkSection(bytes, 'additional', additionals, walk) ? walk : undefined;
}

function walkSection(bytes: Uint8Array, section: Rr['section'], count: number, walk: Walk): boolean {
  for (let n = count; n > 0; n--) if (!walkRecord(bytes, section, walk)) return false;
  return true;
}

function walkRecord(bytes: Uint8Array, section: Rr['section'], walk: Walk): boolean {
  const owner = walk.end;
  const fixed = nameEnd(bytes, owner, bytes.length, walk);
  if (fixed === -1 || fixed + 10 > bytes.length) return false;
  const rdata = fixed + 10;
  const end = rdata + uint16At(bytes, fixed + 8);
  const rrType = uint16At(bytes, fixed);
  if (end > bytes.length) return false;
  walk.end = end;
  if (rrType === type.opt) {
    const edns = section === 'additional' && walk.opt === undefined ? readOpt(bytes, owner) : undefined;
    if (edns === undefined) return false;
    walk.opt = { start: owner, end };
    walk.extendedRcode = edns.extendedRcode;
    return true;
  }
  if (!rdataIsSound(bytes, rrType, rdata, end, walk)) return false;
  walk.records.push({ section, owner, type: rrType, class: uint16At(bytes, fixed + 2), ttlAt: fixed + 4, rdata, end });
  return true;
}

/** RDATA whose form RFC 1035 fixes, and that others would read differently from us if its length lied. */
function rdataIsSound(bytes: Uint8Array, rrType: number, rdata: number, end: number, budget: { hops: number }): boolean {
  switch (rrType) {
    case type.a:
      return end - rdata === 4;
    case type.aaaa:
      return end - rdata === 16;
    case type.ns:
    case type.cname:
    case type.ptr:
    case type.dname:
      return nameEnd(bytes, rdata, end, budget) === end;
    case type.mx:
      return end - rdata > 2 && nameEnd(bytes, rdata + 2, end, budget) === end;
    case type.srv:
      return end - rdata > 6 && nameEnd(bytes, rdata + 6, end, budget) === end;
    case type.soa: {
      const mailbox = nameEnd(bytes, rdata, end, budget);
      return mailbox !== -1 && nameEnd(bytes, mailbox, end, budget) + 20 === end;
    }
    default:
      return true;
  }
}

function kindOf(code: number, qtype: number, records: readonly Rr[]): Kind {
  if (code === rcode.nxDomain) return 'nxdomain';
  if (code !== rcode.noError) return 'failure';
  let hasAnswer = false;
  let hasNs = false;
  let hasSoa = false;
  for (const { section, type: rrType } of records) {
    if (section === 'answer') {
      if (rrType === qtype || qtype === type.any) return 'positive';
      hasAnswer = true;
    } else if (section === 'authority') {
      hasNs ||= rrType === type.ns;
      hasSoa ||= rrType === type.soa;
    }
  }
  // A CNAME chain that ends in nothing is NODATA too (RFC 2308 section 2.2).
  return hasNs && !hasSoa && !hasAnswer ? 'referral' : 'nodata';
}

/** The smallest TTL among all records (RFC 2181 section 5.2), in seconds; `undefined` without records. */
export function smallestTtl(bytes: Uint8Array, survey: Survey): number | undefined {
  let smallest = Infinity;
  for (const { ttlAt: offset } of survey.records) smallest = Math.min(smallest, ttlAt(bytes, offset));
  return smallest === Infinity ? undefined : smallest;
}

/** How long a negative answer may be kept: the smaller of the SOA's TTL and its MINIMUM (RFC 2308 section 5), in seconds; `undefined` without an SOA. */
export function negativeTtl(bytes: Uint8Array, survey: Survey): number | undefined {
  const soa = survey.records.find((rr) => rr.section === 'authority' && rr.type === type.soa);
  return soa && Math.min(ttlAt(bytes, soa.ttlAt), ttlAt(bytes, soa.end - 4));
}

/** Whether the response is truncated. */
export const isTruncated = (flags: number): boolean => (flags & flag.tc) !== 0;

/** The names to which the answer's CNAME, DNAME, SVCB and HTTPS records lead (RFC 9460 section 2.1: a target of `.` is the owner itself). */
export function targetsOf(bytes: Uint8Array, survey: Survey): readonly Name[] {
  let targets: Name[] | undefined;
  for (const rr of survey.records) {
    const at = rr.section === 'answer' ? targetAt(bytes, rr) : undefined;
    if (at !== undefined) (targets ??= []).push(expandName(bytes, at));
  }
  return targets ?? none;
}

const none: readonly Name[] = [];

/** Where the name stands to which a record leads. */
function targetAt(bytes: Uint8Array, { type: rrType, rdata, end }: Rr): number | undefined {
  if (rrType === type.cname || rrType === type.dname) return rdata;
  if (rrType !== type.svcb && rrType !== type.https) return undefined;
  // The survey does not know their RDATA; a name that is none has no target.
  return nameEnd(bytes, rdata + 2, end, { hops: 128 }) !== -1 && bytes[rdata + 2] !== 0 ? rdata + 2 : undefined;
}
