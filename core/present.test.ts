import test from 'ava';
import { parseAddress, parseCidr, parseEndpoint } from './address.js';
import { nameFromText } from './name.js';
import { presentable } from './present.js';
import { regexp } from './properties.js';
import { SecretFile } from './secret.js';

test('what a Corefile says in a word is a word again', (t) => {
  const place = { file: 'Corefile', line: 3, column: 5, source: '  secret "of the line"' };
  const shown = presentable({
    address: parseAddress('2001:db8::1'), network: parseCidr('192.0.2.7/24'), server: parseEndpoint('192.0.2.1', 53), name: nameFromText('Example.ORG'),
    pattern: regexp().read('^a+$', place), at: place, token: new SecretFile('/etc/token'), list: new URL('https://me:pass@lists.example/ads?key=1'),
    ttl: 1, on: true, kinds: new Set(['a']), table: new Map([[nameFromText('a.example'), 2]]), octets: Buffer.from('abc'), big: 2n,
    code: () => 1, absent: undefined, nothing: null,
  });
  t.deepEqual(shown, {
    address: '2001:db8::1', network: '192.0.2.0/24', server: '192.0.2.1:53', name: 'example.org', pattern: '^a+$', at: 'Corefile:3:5', token: '***',
    list: 'https://***:***@lists.example/ads?***', ttl: 1, on: true, kinds: ['a'], table: { 'a.example': 2 }, octets: '3 octets', big: '2', nothing: null,
  });
});

test('what refers to itself ends', (t) => {
  const loop: Record<string, unknown> = {};
  loop['again'] = loop;
  t.notThrows(() => JSON.stringify(presentable(loop)));
});

test('names of strangers are no prototype', (t) => {
  const shown = presentable(new Map([['__proto__', { polluted: true }]])) as object;
  t.is(Object.getPrototypeOf(shown), Object.prototype);
  t.is(JSON.stringify(shown), '{"__proto__":{"polluted":true}}');
});
