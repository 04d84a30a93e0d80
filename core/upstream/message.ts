/** What is sent to another DNS server, and what may be taken for its answer. */
import { limits } from '../limits.js';
import { emptyReply, type Reply } from '../reply.js';
import { octetsOfOpt, writeOpt } from '../wire/edns.js';
import { classIn, flag, headerOctets, offsetOf, opcodeOf, putUint16, rcodeMask, type, uint16At } from '../wire/layout.js';
import { equalIgnoringCase } from '../wire/names.js';
import type { Survey } from '../wire/survey.js';
import type { Name } from '../name.js';

/**
 * Writes a query: our own header, the question in the case in which it was asked, and our own OPT record. Nothing else of the client's
 * message travels on (RFC 6891 section 6.1: EDNS is hop by hop). The id is 0; the channel that sends it draws one.
 * @param source a message that holds the question behind its header
 * @param questionEnd the offset behind that question
 * @param flags RD, AD and CD as wanted
 */
export function writeQuery(source: Buffer, questionEnd: number, flags: number, edns: boolean, dnssecOk: boolean): Buffer {
  const out = Buffer.allocUnsafe(questionEnd + (edns ? octetsOfOpt(undefined) : 0));
  source.copy(out, headerOctets, headerOctets, questionEnd);
  writeHeader(out, flags);
  putUint16(out, offsetOf.additionals, edns ? 1 : 0);
  if (edns) writeOpt(out, questionEnd, limits.udpPayloadOctets, 0, dnssecOk, undefined);
  return out;
}

/** Writes a query for the NS records of a name, without EDNS: what a health check asks. */
export function writeProbe(name: Name, flags: number): Buffer {
  const out = Buffer.alloc(headerOctets + name.length + 4);
  out.write(name, headerOctets, 'latin1');
  writeHeader(out, flags);
  putUint16(out, out.length - 4, type.ns);
  putUint16(out, out.length - 2, classIn);
  return out;
}

function writeHeader(out: Buffer, flags: number): void {
  putUint16(out, offsetOf.id, 0);
  putUint16(out, offsetOf.flags, flags);
  putUint16(out, offsetOf.questions, 1);
  putUint16(out, offsetOf.answers, 0);
  putUint16(out, offsetOf.authorities, 0);
  putUint16(out, offsetOf.additionals, 0);
}

/**
 * What a message with the id of a query of ours is to it:
 * - `answer`: it has our question;
 * - `truncated`: it has our question, and TC;
 * - `otherCase`: the question differs in case only, which a guesser would have to do who doesn't see our query;
 * - `bareError`: an error without a question, as servers send that could not read ours;
 * - `foreign`: anything else. It is not for us.
 */
export type Verdict = 'answer' | 'truncated' | 'otherCase' | 'bareError' | 'foreign';

/** Compares a message with the query (RFC 5452 section 9.1: QNAME, QTYPE, QCLASS; the socket and the id are the channel's business). */
export function judgeResponse(query: Uint8Array, questionEnd: number, bytes: Uint8Array): Verdict {
  if (bytes.length < headerOctets) return 'foreign';
  const flags = uint16At(bytes, offsetOf.flags);
  if ((flags & flag.qr) === 0 || opcodeOf(flags) !== 0) return 'foreign';
  const questions = uint16At(bytes, offsetOf.questions);
  if (questions === 0 && (flags & rcodeMask) !== 0 && uint16At(bytes, offsetOf.answers) === 0) return 'bareError';
  if (questions !== 1 || bytes.length < questionEnd) return 'foreign';
  if (!equalOctets(query, bytes, headerOctets, questionEnd)) {
    const typeAt = questionEnd - 4;
    return equalIgnoringCase(query, bytes, headerOctets, typeAt) && equalOctets(query, bytes, typeAt, questionEnd) ? 'otherCase' : 'foreign';
  }
  return (flags & flag.tc) === 0 ? 'answer' : 'truncated';
}

function equalOctets(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Makes the reply that an upstream's response stands for. The records stay the upstream's octets, so unknown types, order and compression
 * survive; left out are the OPT record and whatever a server put behind it in the additional section (its pointers might no longer fit).
 * @param bytes the response; its TTLs with the top bit set become 0 (RFC 2181 section 8)
 * @param trustAd whether the upstream's AD bit is passed on (RFC 6840 section 5.8: only of a trusted validator); AA never is
 */
export function replyOf(bytes: Buffer, survey: Survey, plugin: string, trustAd: boolean): Reply {
  const end = survey.opt?.start ?? survey.end;
  const counts = { answer: 0, authority: 0, additional: 0 };
  const ttls: number[] = [];
  for (const record of survey.records) {
    if (record.owner >= end) break;
    counts[record.section]++;
    ttls.push(record.ttlAt - survey.questionEnd);
    if (bytes[record.ttlAt]! >= 0x80) bytes.fill(0, record.ttlAt, record.ttlAt + 4);
  }
  return emptyReply(plugin, survey.rcode, {
    flags: trustAd ? survey.flags & flag.ad : 0,
    answers: counts.answer,
    authorities: counts.authority,
    additionals: counts.additional,
    body: bytes.subarray(survey.questionEnd, end),
    ttls,
  });
}
