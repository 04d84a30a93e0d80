import test from 'ava';
import fc from 'fast-check';
import packet from 'dns-packet';
import { accepted, endOfQuestion, judgeHeader, judgeQuestion, silence } from './guard.js';
import { rcode, type } from './layout.js';

const query = (name = 'www.example.org', qtype: packet.RecordType = 'A'): Buffer =>
  packet.encode({ type: 'query', id: 7, flags: packet.RECURSION_DESIRED, questions: [{ name, type: qtype }] });

const withHeader = (change: (message: Buffer) => void): Buffer => {
  const message = query();
  change(message);
  return message;
};

test('an ordinary query is accepted', (t) => {
  t.is(judgeHeader(query()), accepted);
  t.is(endOfQuestion(query()), query().length);
});

test('what is too short for a header, and every response, gets silence', (t) => {
  for (let length = 0; length < 12; length++) t.is(judgeHeader(query().subarray(0, length)), silence);
  t.is(judgeHeader(withHeader((message) => (message[2]! |= 0x80))), silence);
});

test('every opcode but QUERY is not implemented, whatever else is wrong with the message', (t) => {
  for (let opcode = 1; opcode < 16; opcode++) t.is(judgeHeader(withHeader((message) => (message[2] = opcode << 3))), rcode.notImp);
});

test('counts that no query has are format errors', (t) => {
  for (const [offset, value] of [[4, 0], [4, 2], [4, 65535], [6, 1], [6, 65535], [8, 1], [10, 2], [10, 65535]] as const) {
    t.is(judgeHeader(withHeader((message) => message.writeUInt16BE(value, offset))), rcode.formErr, `${value} at ${offset}`);
  }
});

test('a truncated query is a format error; other odd flags are ignored', (t) => {
  t.is(judgeHeader(withHeader((message) => (message[2]! |= 0x02))), rcode.formErr);
  t.is(judgeHeader(withHeader((message) => (message[3] = 0xff))), accepted);
  t.is(judgeHeader(withHeader((message) => (message[2]! |= 0x04))), accepted);
});

test('a question that is cut anywhere is malformed', (t) => {
  const message = query();
  for (let length = 12; length < message.length; length++) t.is(endOfQuestion(message.subarray(0, length)), -1);
});

test('a label may have 63 octets and a name 255, no more', (t) => {
  const question = (labels: number[]): Buffer =>
    Buffer.concat([Buffer.alloc(12), ...labels.map((length) => Buffer.alloc(1 + length, length)), Buffer.from([0, 0, 1, 0, 1])]);
  t.true(endOfQuestion(question([63])) > 0);
  t.is(endOfQuestion(question([64])), -1);
  t.true(endOfQuestion(question([63, 63, 63, 61])) > 0);
  t.is(endOfQuestion(question([63, 63, 63, 62])), -1);
  t.true(endOfQuestion(question(Array<number>(127).fill(1))) > 0);
  t.is(endOfQuestion(question(Array<number>(128).fill(1))), -1);
});

test('compression pointers and other label types have no place in a question', (t) => {
  for (const first of [0xc0, 0x40, 0x80, 0xff]) {
    t.is(endOfQuestion(Buffer.concat([Buffer.alloc(12), Buffer.from([first, 12, 0, 0, 1, 0, 1])])), -1);
  }
});

test('transfers and other classes are refused, meta types are format errors, data types pass', (t) => {
  t.is(judgeQuestion(type.a, 1), accepted);
  t.is(judgeQuestion(65280, 1), accepted);
  t.is(judgeQuestion(type.any, 1), accepted);
  for (const transfer of [type.axfr, type.ixfr]) t.is(judgeQuestion(transfer, 1), rcode.refused);
  for (const meta of [type.opt, 128, 249, 250, 253, 254]) t.is(judgeQuestion(meta, 1), rcode.formErr);
  for (const other of [0, 3, 4, 254, 255, 0x8001, 65535]) t.is(judgeQuestion(type.a, other), rcode.refused);
});

test('whatever the octets, the guard ends, inside the message', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
    const judgement = judgeHeader(bytes);
    if (judgement !== accepted) return;
    const end = endOfQuestion(bytes);
    t.true(end === -1 || (end >= 17 && end <= bytes.length && end <= 12 + 255 + 4));
  }));
  t.pass();
});
