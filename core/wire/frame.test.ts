import test from 'ava';
import fc from 'fast-check';
import { Deframer, frame } from './frame.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const texts = (messages: readonly Buffer[]): string[] => messages.map((message) => message.toString('latin1'));

test('a message stands behind its length', (t) => {
  t.is(frame(bytes('abc')).toString('hex'), '0003616263');
  t.is(frame(Buffer.alloc(0)).toString('hex'), '0000');
  t.is(frame(Buffer.alloc(65_535)).length, 65_537);
});

test('a segment may hold several messages, and the beginning of another', (t) => {
  const deframer = new Deframer();
  t.deepEqual(texts(deframer.push(bytes('\0\x02ab\0\0\0\x03cdef'))), ['ab', '', 'cde']);
  t.true(deframer.partial);
  t.deepEqual(texts(deframer.push(bytes(`${'x'.repeat(0x6600 - 1)}`))), []);
});

test('it knows whether a message has begun', (t) => {
  const deframer = new Deframer();
  const states = [deframer.partial];
  for (const octet of bytes('\0\x02ab')) {
    deframer.push(Buffer.of(octet));
    states.push(deframer.partial);
  }
  t.deepEqual(states, [false, true, true, true, false]);
});

test('however a stream is cut, its messages are the same', (t) => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.array(fc.integer({ min: 1, max: 200 })), (messages, cuts) => {
    const stream = Buffer.concat(messages.map((message) => frame(Buffer.from(message))));
    const deframer = new Deframer();
    const found: Buffer[] = [];
    let at = 0;
    for (const cut of [...cuts, stream.length]) {
      found.push(...deframer.push(stream.subarray(at, at + cut)));
      at += cut;
    }
    t.deepEqual(found.map((message) => [...message]), messages.map((message) => [...message]));
    t.false(deframer.partial);
  }), { numRuns: 200 });
});

test('a trickle of the largest message, octet by octet', (t) => {
  const deframer = new Deframer();
  const stream = frame(Buffer.alloc(65_535, 7));
  let found: Buffer[] = [];
  for (const octet of stream) found = [...found, ...deframer.push(Buffer.of(octet))];
  t.is(found.length, 1);
  t.is(found[0]!.length, 65_535);
});
