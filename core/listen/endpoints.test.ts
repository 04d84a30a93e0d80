import test from 'ava';
import { parseAddress, type Address } from '../address.js';
import { addressParser } from './clients.js';
import { addressesToBind, systemInterfaces } from './endpoints.js';

const interfaces = (): ReadonlyMap<string, readonly Address[]> => new Map([
  ['lo', [parseAddress('127.0.0.1')!, parseAddress('::1')!]], ['wg0', [parseAddress('10.0.0.1')!]], ['wg1', []],
]);

const textsOf = (...words: string[]): string[] => addressesToBind(words, interfaces).map(({ text }) => text);

test('no word means every address of this host', (t) => t.deepEqual(textsOf(), ['127.0.0.1', '::1', '10.0.0.1']));

test('an interface means its addresses, an address itself, and each counts once', (t) => {
  t.deepEqual(textsOf('wg0', 'lo', '10.0.0.1', '0:0::1', '192.0.2.9'), ['10.0.0.1', '127.0.0.1', '::1', '192.0.2.9']);
  t.deepEqual(textsOf('wg1'), []);
});

test('another word names the interfaces that there are', (t) => {
  t.throws(() => textsOf('lo', 'wg9'), { instanceOf: RangeError, message: "'wg9' is neither an address nor an interface of this host (lo, wg0, wg1)" });
});

test('this host has a loopback', (t) => {
  t.true([...systemInterfaces().values()].flat().some(({ text }) => text === '127.0.0.1'));
});

test('a client’s address is parsed once', (t) => {
  const parse = addressParser();
  t.is(parse('192.0.2.1'), parse('192.0.2.1'));
  t.is(parse('::ffff:192.0.2.1').bits, 32);
  t.is(parse('fe80::1%eth0').text, 'fe80::1');
  t.throws(() => parse('nonsense'), { instanceOf: TypeError });
});
