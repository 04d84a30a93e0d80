/** What is sent to another DNS server, and what may be taken for its answer. */
import { Buffer } from 'node:buffer';
import { limits } from '../limits.js';
import { octetsOfOpt, writeOpt } from '../wire/edns.js';
import { beginLike, flag, headerOctets, offsetOf, opcodeOf, putUint16, rcodeMask, uint16At } from '../wire/layout.js';
import { equalIgnoringCase } from '../wire/names.js';

/**
 * Writes a query: our own header, the question in the case in which it was asked, and our own OPT record. Nothing else of the client's
 * message travels on (RFC 6891 section 6.1: EDNS is hop by hop). The id is 0; the channel that sends it draws one.
 * @param source a message that holds the question behind its header
 * @param questionEnd the offset behind that question
 * @param flags RD, AD and CD as wanted
 */
export function writeQuery(source: Buffer, questionEnd: number, flags: number, edns: boolean, dnssecOk: boolean): Buffer {
  const out = Buffer.allocUnsafe(questionEnd + (edns ? octetsOfOpt(undefined) : 0));
  beginLike(source, questionEnd, out);
  putUint16(out, offsetOf.id, 0);
  putUint16(out, offsetOf.flags, flags);
  putUint16(out, offsetOf.questions, 1);
  putUint16(out, offsetOf.answers, 0);
  putUint16(out, offsetOf.authorities, 0);
  putUint16(out, offsetOf.additionals, edns ? 1 : 0);
  if (edns) writeOpt(out, questionEnd, limits.udpPayloadOctets, 0, dnssecOk, undefined);
  return out;
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
