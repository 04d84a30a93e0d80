import test from 'ava';
import fc from 'fast-check';
import { classNumber, classText, rcodeNumber, rcodeText, typeNumber, typeText } from './types.js';

test('types, classes and response codes have names', (t) => {
  t.deepEqual([typeNumber('AAAA'), typeNumber('https'), typeText(64), typeText(255)], [28, 65, 'SVCB', 'ANY']);
  t.deepEqual([classNumber('in'), classNumber('CH'), classText(1)], [1, 3, 'IN']);
  t.deepEqual([rcodeNumber('NXDOMAIN'), rcodeText(5), rcodeText(16)], [3, 'REFUSED', 'BADVERS']);
});

test('a number without a name has a generic one', (t) => {
  t.deepEqual([typeText(1234), typeNumber('TYPE1234'), typeNumber('type1')], ['TYPE1234', 1234, 1]);
  t.deepEqual([classText(2), classNumber('CLASS2'), rcodeText(4095), rcodeNumber('RCODE4095')], ['CLASS2', 2, 'RCODE4095', 4095]);
});

test('what is none is undefined', (t) => {
  for (const text of ['', 'AAAAA', 'TYPE', 'TYPE65536', 'TYPE-1', 'TYPE1x', '1', 'constructor', '__proto__']) t.is(typeNumber(text), undefined, text);
  t.is(rcodeNumber('RCODE4096'), undefined);
});

test('property: every number survives its text', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.nat(0xffff), (number) => typeNumber(typeText(number)) === number && classNumber(classText(number)) === number)));
  t.notThrows(() => fc.assert(fc.property(fc.nat(0xfff), (number) => rcodeNumber(rcodeText(number)) === number)));
});
