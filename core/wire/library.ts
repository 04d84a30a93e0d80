/**
 * The only door to `dns-packet`. It trusts counts, lengths and pointers, so nothing from the network goes in before the guard (queries) or
 * the survey (responses) has accepted it.
 */
import packet, { type Answer, type Packet } from 'dns-packet';

export type { Answer, Packet };

/** Decodes a message that the guard or the survey has accepted. */
export const decodeMessage = (bytes: Buffer): Packet => packet.decode(bytes);

/** Encodes records of one section as they stand behind a question (dns-packet never compresses names, so the octets fit anywhere). */
export function encodeRecords(records: readonly Answer[]): Buffer {
  return packet.encode({ type: 'response', answers: [...records] }).subarray(12);
}
