/** What holds for every answer of the server to every message, whatever was asked. */
import { rcode, uint16At } from '../core/wire/layout.js';
import { surveyResponse } from '../core/wire/survey.js';

/** @returns what is wrong with an answer, in words; nothing when it is as it must be */
export function faultsOf(sent: Buffer, reply: Buffer, transport: 'udp' | 'tcp'): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, what: string): void => void (holds || faults.push(what));
  must(uint16At(reply, 0) === uint16At(sent, 0), 'its id is not the query’s');
  // QR; the opcode, RD and CD as they came; no Z, no AD.
  must((uint16At(reply, 2) & 0xf970) === (0x8000 | (uint16At(sent, 2) & 0x7910)), 'its flags are not the query’s');
  if (uint16At(reply, 4) === 0) {
    must(reply.length === 12, 'an error without a question is more than a header');
    return faults;
  }
  const survey = surveyResponse(reply);
  if (survey === undefined) return [...faults, 'it is malformed'];
  const { questionEnd, opt, records } = survey;
  must(reply.subarray(12, questionEnd).equals(sent.subarray(12, questionEnd)), 'its question is not the query’s');
  must(survey.end === reply.length, 'octets follow it');
  must(records.every(({ ttlAt }) => reply[ttlAt]! < 0x80), 'a TTL has its top bit set');
  const hadOpt = uint16At(sent, 10) === 1;
  const hasOpt = opt !== undefined;
  // A FORMERR may be about the OPT record itself.
  must(hasOpt === hadOpt || (hadOpt && survey.rcode === rcode.formErr), 'it has an OPT record and the query had none, or the reverse');
  if (opt !== undefined) {
    must((uint16At(reply, opt.start + 7) & 0x7fff) === 0, 'it has unknown flags of EDNS');
    must(opt.end - opt.start === 11 || uint16At(reply, opt.start + 11) === 15, 'it has an option that is no extended error');
  }
  const size = opt === undefined ? 512 : Math.min(1232, Math.max(512, uint16At(sent, questionEnd + 3)));
  must(transport === 'tcp' || reply.length <= size, `it has ${reply.length} octets; the client takes ${size}`);
  must((uint16At(reply, 2) & 0x200) === 0 || records.length === 0, 'it is truncated and has a part of the records');
  return faults;
}
