import test from 'ava';
import fc from 'fast-check';
import packet from 'dns-packet';
import { judgeResponse, writeQuery } from './message.js';

const question = (name: string): Buffer => packet.encode({ type: 'query', id: 7, questions: [{ name, type: 'A' }] });

test('no octets make the judge of responses throw, and only our own question is an answer', (t) => {
  const query = question('www.example.org');
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    const verdict = judgeResponse(query, query.length, bytes);
    if (verdict === 'answer') t.deepEqual(Buffer.from(bytes).subarray(12, query.length), query.subarray(12));
  }));
  fc.assert(fc.property(fc.nat(query.length - 1), fc.integer({ min: 1, max: 255 }), (i, change) => {
    const response = Buffer.from(query);
    response[2]! |= 0x80;
    response[i]! ^= change;
    const isQuestion = i >= 12 || i === 4 || i === 5;
    if (isQuestion) t.not(judgeResponse(query, query.length, response), 'answer');
  }));
});

test('a query is the question behind a header of ours', (t) => {
  const asked = Buffer.concat([question('wWw.example.ORG'), Buffer.from('whatever follows')]);
  const end = question('www.example.org').length;
  const sent = packet.decode(writeQuery(asked, end, packet.RECURSION_DESIRED, true, true)) as packet.DecodedPacket;
  t.deepEqual(sent.questions, [{ name: 'wWw.example.ORG', type: 'A', class: 'IN' }]);
  t.true(sent.flag_rd);
  t.is(sent.additionals!.length, 1);
  t.deepEqual(writeQuery(asked, end, 0, false, true).subarray(12), asked.subarray(12, end));
});
