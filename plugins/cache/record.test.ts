import test from 'ava';
import fc from 'fast-check';
import { hashOf } from '../../core/hash.js';
import { nameOfLabels } from '../../core/name.js';
import { createReply } from '../../core/reply.js';
import { extendedError } from '../../core/wire/edns.js';
import { Entry, hashOfQuestion, Segment, wordsOf, wordsPerUnit, type AskedQuestion, type Content } from './record.js';

const octet = fc.nat(0xff);
const uint16 = fc.nat(0xffff);
const aName = fc.array(fc.string({ minLength: 1, maxLength: 20, unit: 'binary-ascii' }), { maxLength: 8 }).map((labels) => nameOfLabels(labels));
const aQuestion = fc.record({ name: aName, type: uint16, dnssecOk: fc.boolean(), checkingDisabled: fc.boolean() })
  .map((question): AskedQuestion => ({ ...question, nameHash: hashOf(question.name) }));
const aRoute = fc.array(octet, { maxLength: 60 }).map((octets) => String.fromCharCode(...octets));
const aContent = fc.record({
  kind: fc.constantFrom('positive', 'nodata', 'nxdomain', 'referral'), lifeMs: fc.nat(), expiresAt: fc.double({ noNaN: true }),
  reply: fc.record({
    rcode: fc.nat(0xfff), flags: uint16, answers: uint16, authorities: uint16, additionals: uint16,
    ttls: fc.array(uint16, { maxLength: 40 }), body: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    targets: fc.array(aName, { maxLength: 3 }), failure: fc.constant(undefined),
  }),
}) as fc.Arbitrary<Content>;

function write(segment: Segment, at: number, question: AskedQuestion, route: string, content: Content): Entry {
  return Entry.write(segment, at, wordsOf(question, route, content), question, route, hashOfQuestion(question, route), content, at + 1);
}

const empty: Content = { reply: createReply(0, 'forward'), kind: 'positive', lifeMs: 0, expiresAt: 0 };
const questionOf = (...labels: string[]): AskedQuestion => {
  const name = nameOfLabels(labels);
  return { name, nameHash: hashOf(name), type: 1, dnssecOk: false, checkingDisabled: false };
};

test('what is written is read, however the memory was used before, and takes the room that was said', (t) => {
  fc.assert(fc.property(aQuestion, aRoute, aContent, fc.nat(50), octet, (question, route, content, units, filling) => {
    const at = units * wordsPerUnit;
    const segment = new Segment(1, 64 * 1024);
    segment.bytes.fill(filling);
    const entry = write(segment, at, question, route, content);
    const { name, type, dnssecOk, checkingDisabled } = question;
    t.like(entry, { name, type, dnssecOk, checkingDisabled, route, kind: content.kind, lifeMs: content.lifeMs, expiresAt: content.expiresAt, serial: at + 1 });
    t.like(entry, { isLive: true, isPopular: false, isRefreshing: false, retryAt: 0, hits: 0, lastHit: 0, readyPlace: 0 });
    t.deepEqual(entry.targets, [...content.reply.targets]);
    t.deepEqual(entry.reply(), createReply(content.reply.rcode, 'cache', { ...content.reply, kind: content.kind }));
    t.is(entry.words, wordsOf(question, route, content));
    t.true(segment.bytes.subarray(0, 4 * at).every((each) => each === filling));
    t.true(segment.bytes.subarray(4 * (at + entry.words)).every((each) => each === filling));
  }), { numRuns: 200 });
});

test('a record answers its own question by its own route, and nothing else, even if the hashes are equal', (t) => {
  fc.assert(fc.property(aQuestion, aRoute, aQuestion, aRoute, (question, route, other, otherRoute) => {
    const entry = Entry.write(new Segment(1, 4096), 0, wordsOf(question, route, empty), question, route, 7, empty, 1);
    t.true(entry.answers(question, route, 7));
    for (const [field, value] of Object.entries(other)) {
      const changed = { ...question, [field]: value as never };
      t.is(entry.answers(changed, route, 7), field === 'nameHash' || question[field as keyof AskedQuestion] === value);
    }
    t.is(entry.answers(question, otherRoute, 7), route === otherRoute);
    t.false(entry.answers(question, route, 8));
    // The end of the name is not the beginning of the route.
    t.false(entry.answers({ ...question, name: (question.name + route.slice(0, 1)) as typeof question.name }, route.slice(1), 7) && route !== '');
  }), { numRuns: 200 });
});

test('the marks of a record do not touch each other', (t) => {
  const entry = write(new Segment(1, 4096), 0, questionOf('www', 'example', 'org'), 'vpn', { ...empty, kind: 'failure' });
  const marks = ['isLive', 'isPopular', 'isRefreshing'] as const;
  for (const mark of marks) {
    for (const is of [true, false, true]) {
      const before = marks.filter((each) => each !== mark).map((each) => entry[each]);
      entry[mark] = is;
      t.is(entry[mark], is);
      t.deepEqual(marks.filter((each) => each !== mark).map((each) => entry[each]), before);
      t.like(entry, { type: 1, kind: 'failure', dnssecOk: false, checkingDisabled: false });
    }
  }
  Object.assign(entry, { retryAt: 1.5, lastHit: 2.5, hits: 3, readyPlace: 4 });
  t.like(entry, { retryAt: 1.5, lastHit: 2.5, hits: 3, readyPlace: 4, expiresAt: 0, lifeMs: 0 });
});

test('a record that is gone answers nothing', (t) => {
  const question = questionOf('example', 'org');
  const entry = write(new Segment(1, 4096), 0, question, '', empty);
  entry.isLive = false;
  t.false(entry.answers(question, '', hashOfQuestion(question, '')));
});

test('the largest reply of all is kept whole', (t) => {
  const ttls = Array.from({ length: 65_535 / 11 }, (_, i) => 5 + 11 * i);
  const body = Buffer.alloc(65_535, 7);
  const reply = write(new Segment(1, 1024 * 1024), 0, questionOf('example', 'org'), '', { ...empty, reply: createReply(0, 'forward', { ttls, body }) }).reply();
  t.deepEqual(reply.body, body);
  t.deepEqual(reply.ttls, ttls);
});

test('a failure comes back with its reason, and tells that it is an old one', (t) => {
  const failed = createReply(2, 'forward', { failure: 'no route to höst', error: extendedError(23, 'no route') });
  const reply = write(new Segment(1, 4096), 0, questionOf('example', 'org'), 'vpn', { ...empty, kind: 'failure', reply: failed }).reply();
  t.like(reply, { rcode: 2, kind: 'failure', failure: 'no route to höst' });
  t.is(reply.error?.code, 13);
});

test('a reply lies apart from its record, and the record from the message', (t) => {
  const message = Buffer.alloc(100, 1);
  const segment = new Segment(1, 4096);
  const entry = write(segment, 0, questionOf('example', 'org'), '', { ...empty, reply: createReply(0, 'forward', { body: message.subarray(50) }) });
  message.fill(2);
  const reply = entry.reply();
  segment.bytes.fill(3);
  t.deepEqual(reply.body, Buffer.alloc(50, 1));
});

test('a copy is the same in another place', (t) => {
  fc.assert(fc.property(aQuestion, aRoute, aContent, (question, route, content) => {
    const entry = write(new Segment(1, 16_384), 8, question, route, content);
    const copy = entry.copyTo(new Segment(2, 16_384), 40);
    t.true(copy.answers(question, route, hashOfQuestion(question, route)));
    t.deepEqual(copy.reply(), entry.reply());
    t.is(copy.serial, entry.serial);
  }), { numRuns: 50 });
});
