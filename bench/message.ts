/** As much of DNS as measuring needs, apart from the server's own so that neither can hide a mistake of the other. */

const header = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
const typeA = [0, 1, 0, 1];

/** A query for the address of a name, with RD and id 0. */
export function writeQuery(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([header, ...labels, Buffer.from([0, ...typeA])]);
}

/** Whether a message is a response with NOERROR. */
export const isResponse = (message: Buffer): boolean => message.length > header.length && (message[2]! & 0x80) !== 0 && (message[3]! & 15) === 0;

/** Whether it also has records in its answer section. */
export const isAnswer = (message: Buffer): boolean => isResponse(message) && message.readUInt16BE(6) > 0;

/** The offset behind the question of a query. */
function questionEnd(query: Buffer): number {
  let offset = header.length;
  while (query[offset]! > 0) offset += 1 + query[offset]!;
  return offset + 1 + typeA.length;
}

/** The same name (a pointer to offset 12), A, IN, an hour, 192.0.2.1. */
const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 192, 0, 2, 1]);

/** Answers any question for an address with so many records, and any other question with none. */
export function answerTo(query: Buffer, records = 1): Buffer {
  const end = questionEnd(query);
  const count = query.readUInt16BE(end - 4) === 1 ? records : 0;
  const answer = Buffer.concat([query.subarray(0, end), ...Array.from({ length: count }, () => record)]);
  answer[2] = 0x80 | (answer[2]! & 1);
  answer[3] = 0x80;
  answer.writeUInt16BE(count, 6);
  answer.writeUInt32BE(0, 8);
  return answer;
}
