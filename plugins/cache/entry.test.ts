import test from 'ava';
import fc from 'fast-check';
import { nameOfLabels } from '../../core/name.js';
import { createReply } from '../../core/reply.js';
import { keyOfQuestion, nameOfKey, octetsOf, pack, questionOfKey, replyOf, type Entry } from './entry.js';

const name = fc.array(fc.string({ minLength: 1, maxLength: 20, unit: 'binary-ascii' }), { maxLength: 8 }).map((labels) => nameOfLabels(labels));
const uint16 = fc.nat(0xffff);
const question = fc.record({ name, type: uint16, dnssecOk: fc.boolean(), checkingDisabled: fc.boolean(), route: fc.string() });

const entryOf = (parts: Partial<Entry>): Entry => ({
  key: '', packed: pack(createReply(0, 'forward')), kind: 'positive', targets: [], failure: undefined,
  storedAt: 0, expiresAt: 0, hits: 0, lastHit: 0, refreshing: false, retryAt: 0, served: undefined, ...parts,
});

test('a key holds all of its question, and no two questions have the same', (t) => {
  fc.assert(fc.property(question, question, (one, other) => {
    const key = keyOfQuestion(one);
    t.deepEqual(questionOfKey(key), one);
    t.is(nameOfKey(key), one.name);
    const same = (Object.keys(one) as (keyof typeof one)[]).every((field) => one[field] === other[field]);
    t.is(keyOfQuestion(other) === key, same);
  }), { numRuns: 300 });
});

test('what is packed comes back as it was', (t) => {
  const parts = fc.record({
    flags: uint16, answers: uint16, authorities: uint16, additionals: uint16,
    ttls: fc.array(uint16, { maxLength: 40 }), body: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(fc.property(parts, fc.nat(0xfff), (given, rcode) => {
    t.deepEqual(replyOf(entryOf({ packed: pack(createReply(rcode, 'forward', given)) })), createReply(rcode, 'cache', { ...given, kind: 'positive' }));
  }), { numRuns: 200 });
});

test('the largest reply of all is packed whole', (t) => {
  const ttls = Array.from({ length: 65_535 / 11 }, (_, i) => 5 + 11 * i);
  const body = Buffer.alloc(65_535, 7);
  const reply = replyOf(entryOf({ packed: pack(createReply(0, 'forward', { answers: ttls.length, ttls, body })) }));
  t.deepEqual(reply.body, body);
  t.deepEqual(reply.ttls, ttls);
});

test('an entry is packed apart from the message that it came in', (t) => {
  const message = Buffer.alloc(100, 1);
  const packed = pack(createReply(0, 'forward', { body: message.subarray(50) }));
  message.fill(2);
  t.deepEqual(replyOf(entryOf({ packed })).body, Buffer.alloc(50, 1));
});

test('all that an entry holds is in its size', (t) => {
  const least = octetsOf(entryOf({}));
  const target = nameOfLabels(['www', 'example', 'org']);
  t.is(octetsOf(entryOf({ key: 'k'.repeat(100) })), least + 100);
  t.true(octetsOf(entryOf({ targets: [target, target] })) >= least + 2 * target.length);
  t.true(octetsOf(entryOf({ failure: 'no route to host' })) >= least + 16);
  t.is(octetsOf(entryOf({ packed: pack(createReply(0, 'forward', { body: Buffer.alloc(1000), ttls: [6] })) })), least + 1002);
});
