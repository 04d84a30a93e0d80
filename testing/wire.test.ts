import test from 'ava';
import fc from 'fast-check';
import { surveyResponse } from '../core/wire/survey.js';
import { textOfRecords } from '../core/wire/text.js';
import { recordFromText, wireMessage, wireName, wireOpt, wireOption, wireQuestion, wireRecord } from './wire.js';

const lines = [
  'www.example.org. 300 IN A 192.0.2.1',
  'www.example.org. 0 IN AAAA 2001:db8::1',
  'www.example.org. 60 IN AAAA ::ffff:192.0.2.1',
  'example.org. 300 IN NS ns.example.org.',
  '. 300 IN NS a.root.example.',
  'example.org. 300 IN MX 10 mail.example.org.',
  '_sip._tcp.example.org. 300 IN SRV 0 5 5060 sip.example.org.',
  'example.org. 300 IN SOA ns.example.org. host.example.org. 1 2 3 4 60',
  'example.org. 300 IN TXT "one" "two words" "quo\\"te \\\\ \\000"',
  'a\\.b.example.org. 300 IN CNAME www\\032x.example.org.',
  'example.org. 300 IN TYPE1234 \\# 3 010203',
  'example.org. 300 CH A 192.0.2.1',
];

test('a record is written as a zone file has it, and read back as the same line', (t) => {
  for (const line of lines) {
    const bytes = wireMessage({ flags: 0x8180, questions: [wireQuestion('example.org')], answers: [recordFromText(line)] });
    t.deepEqual(textOfRecords(bytes, surveyResponse(bytes)!), [line]);
  }
});

test('what is no record is told', (t) => {
  for (const line of ['', 'www.example.org 300 IN A 192.0.2.1', 'www. x IN A 192.0.2.1', 'www. 300 IN A', 'www. 300 XX A 192.0.2.1']) {
    t.throws(() => recordFromText(line), { message: /is no record/ });
  }
  for (const line of ['www. 300 IN A 2001:db8::1', 'www. 300 IN MX ten mail.', 'www. 300 IN NS ns', 'www. 300 IN HINFO "x"', 'www. 300 IN NOTYPE x']) {
    t.throws(() => recordFromText(line), { message: /is no (data|type)/ });
  }
});

test('a name keeps its case and any octet', (t) => {
  t.deepEqual(wireName('WwW.example.'), Buffer.from('\x03WwW\x07example\0', 'latin1'));
  t.deepEqual(wireName('a\\.b.\\000\\255'), Buffer.from('\x03a.b\x02\0\xff\0', 'latin1'));
  t.deepEqual(wireName('.'), Buffer.of(0));
});

test('a message is what it is told to be, true or not', (t) => {
  t.is(wireMessage({ id: 1, questions: [wireQuestion('a', 'A')], counts: [0xffff, 0, 0, 1] }).toString('hex'), '00010100ffff0000000000010161000001' + '0001');
  t.is(wireOpt([wireOption(10, Buffer.of(1), 8)], { size: 512 }).toString('hex'), '0000290200000000000005000a000801');
  t.is(wireRecord('a', 'A', Buffer.of(1), { rdlength: 4, ttl: 1 }).toString('hex'), '016100' + '00010001' + '00000001' + '000401');
});

test('any octets make a name that is read back', (t) => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 5 }), (labels) => {
    const text = labels.map((label) => [...label].map((octet) => `\\${String(octet).padStart(3, '0')}`).join('')).join('.');
    t.deepEqual(wireName(text), Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label)]), Buffer.of(0)]));
  }), { numRuns: 200 });
});
