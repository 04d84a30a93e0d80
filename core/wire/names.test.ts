import test from 'ava';
import fc from 'fast-check';
import { nameFromText, nameOfLabels } from '../name.js';
import { equalIgnoringCase, expandName, nameEnd } from './names.js';

/** The bytes of hexadecimal digits behind a header of 12 octets, as in a message. */
const message = (hex: string): Buffer => Buffer.concat([Buffer.alloc(12), Buffer.from(hex.replaceAll(' ', ''), 'hex')]);
const endOf = (bytes: Buffer, start = 12, hops = 128): number => nameEnd(bytes, start, bytes.length, { hops });

test('a name ends behind its zero octet, or behind its first pointer', (t) => {
  t.is(endOf(message('00')), 13);
  t.is(endOf(message('03777777 076578616d706c65 00 ffff')), 25);
  t.is(endOf(message('03777777 00 0161 c00c ffff'), 17), 21);
  t.is(endOf(message('03777777 00 c00c'), 17), 19);
});

test('a name is expanded to its canonical form', (t) => {
  const bytes = message('07 4578416d506c65 00 03575757 c00c c015');
  t.is(expandName(bytes, 21), nameFromText('www.example'));
  t.is(expandName(bytes, 27), nameFromText('www.example'));
  t.is(expandName(message('00'), 12), nameFromText('.'));
});

const wrong: readonly (readonly [string, Buffer, number])[] = [
  ['a label that is cut', message('0361'), 12],
  ['a name without its end', message('0161'), 12],
  ['nothing at all', message(''), 12],
  ['a pointer that is cut', message('00 c0'), 13],
  ['a label type of 64', message('40 00'), 12],
  ['a label type of 128', message('80 00'), 12],
  ['a pointer to itself', message('c00c'), 12],
  ['a pointer forwards', message('c00e 00'), 12],
  ['a pointer past the end', message('00 c0ff'), 13],
  ['a pointer into the header', message('00 c000'), 13],
  ['two pointers in a circle', message('c00e c00c'), 14],
  ['a pointer to where its own name began', message('0161 c00c'), 12],
];

for (const [what, bytes, start] of wrong) {
  test(`${what} is no name`, (t) => t.is(endOf(bytes, start), -1));
}

test('a name has 255 octets at most, pointers expanded', (t) => {
  const label = `3f${'61'.repeat(63)}`;
  const fits = message(`${label.repeat(3)}3d${'61'.repeat(61)}00`);
  t.is(endOf(fits), 12 + 255);
  t.is(endOf(message(`${label.repeat(3)}3e${'61'.repeat(62)}00`)), -1);
  const pointed = (octets: number): number =>
    endOf(message(`${label.repeat(3)}00 ${octets.toString(16).padStart(2, '0')}${'62'.repeat(octets)} c00c`), 12 + 193);
  t.not(pointed(61), -1);
  t.is(pointed(62), -1);
});

test('a name may not reach past its RDATA; what it points to may lie elsewhere', (t) => {
  const bytes = message('03777777 00 0161 c00c 00');
  t.is(nameEnd(bytes, 17, 21, { hops: 1 }), 21);
  t.is(nameEnd(bytes, 17, 20, { hops: 1 }), -1);
  t.is(nameEnd(bytes, 12, 16, { hops: 1 }), -1);
});

test('pointers are followed for a bounded time, over all names of a message', (t) => {
  const budget = { hops: 2 };
  const bytes = message('00 c00c c00d');
  t.is(nameEnd(bytes, 15, bytes.length, budget), 17);
  t.is(budget.hops, 0);
  t.is(nameEnd(bytes, 13, bytes.length, budget), -1);
});

test('what is accepted can be expanded, and no bytes make it throw or read past the end', (t) => {
  const octet = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 0xc0, 12, 13, 14, 15));
  fc.assert(fc.property(fc.array(octet, { maxLength: 60 }), fc.nat(80), (octets, start) => {
    const bytes = Buffer.concat([Buffer.alloc(12), Buffer.from(octets)]);
    const end = nameEnd(bytes, 12 + start, bytes.length, { hops: 128 });
    if (end === -1) return;
    t.true(end > 12 + start && end <= bytes.length);
    t.true(expandName(bytes, 12 + start).length <= 255);
  }), { numRuns: 3000 });
});

test('an uncompressed name is read back', (t) => {
  const label = fc.string({ minLength: 1, maxLength: 20, unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
  fc.assert(fc.property(fc.array(label, { maxLength: 8 }), (labels) => {
    const name = nameOfLabels(labels);
    const bytes = Buffer.concat([Buffer.alloc(12), Buffer.from(name, 'latin1')]);
    t.is(endOf(bytes), bytes.length);
    t.is(expandName(bytes, 12), name);
  }), { numRuns: 300 });
});

test('two questions are equal whatever the case of their letters, and of nothing else', (t) => {
  const equal = (a: string, b: string): boolean => equalIgnoringCase(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'), 0, a.length);
  t.true(equal('\x03WwW\x03oRg\0', '\x03wWw\x03OrG\0'));
  t.false(equal('\x03www', '\x03wwx'));
  t.false(equal('@[`{', '`{@['), 'octets beside the letters differ by the same bit');
  t.false(equal('\xc0', '\xe0'), 'octets past ASCII are no letters');
  t.true(equalIgnoringCase(Buffer.from('xabcx'), Buffer.from('yABCy'), 1, 4));
});
