import test from 'ava';
import fc from 'fast-check';
import { addressOfOctets, parseCidr } from './address.js';
import {
  fqdnOf, isNameText, isWithin, labelsOf, lookUpWithin, nameAt, nameFromText, nameOfLabels, parentOf, reverseNameOf, reverseZonesOf, root, textOfName,
} from './name.js';

const label = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((octets) => String.fromCharCode(...octets));
const labels = fc.array(label, { maxLength: 8 });

test('a name reads the same with and without its final dot, in any case', (t) => {
  t.is(nameFromText('WWW.Example.ORG.'), nameFromText('www.example.org'));
  t.is(textOfName(nameFromText('WWW.Example.ORG')), 'www.example.org');
  t.is(fqdnOf(nameFromText('example.org')), 'example.org.');
  t.is(textOfName(root), '.');
  t.is(nameFromText('.'), root);
});

test('a dot inside a label is no separator', (t) => {
  const odd = nameOfLabels(['host1.example', 'com']);
  t.not(odd, nameFromText('host1.example.com'));
  t.is(textOfName(odd), 'host1\\.example.com');
  t.is(nameFromText('host1\\.example.com'), odd);
});

test('any octets survive the way to text and back, and the text is safe to print', (t) => {
  fc.assert(fc.property(labels, (parts) => {
    const name = nameOfLabels(parts);
    const text = textOfName(name);
    t.regex(text, /^[!-~]+$/);
    t.is(nameFromText(text), name);
  }));
});

test('a name from the wire is the name from its labels', (t) => {
  fc.assert(fc.property(labels, (parts) => {
    const wire = Buffer.concat([...parts.map((part) => Buffer.from(String.fromCharCode(part.length) + part, 'latin1')), Buffer.from([0])]);
    t.is(nameAt(wire, 0, wire.length), nameOfLabels(parts));
    t.deepEqual(labelsOf(nameOfLabels(parts)), parts.map((part) => part.replace(/[A-Z]/g, (letter) => letter.toLowerCase())));
  }));
});

test('what breaks the limits of RFC 1035 is refused with a reason', (t) => {
  t.throws(() => nameFromText('a..b'), { message: /label is empty/ });
  t.throws(() => nameFromText(`${'x'.repeat(64)}.org`), { message: /64 octets/ });
  t.throws(() => nameFromText(Array<string>(128).fill('a').join('.')), { message: /at most 255/ });
  t.throws(() => nameFromText('a\\999'), { message: /no octet/ });
  t.throws(() => nameFromText(''), { message: /empty/ });
  t.false(isNameText('a..b'));
  t.true(isNameText('_dmarc.example.org'));
});

test('Unicode becomes A-labels', (t) => {
  t.is(textOfName(nameFromText('bücher.example')), 'xn--bcher-kva.example');
});

test('a name is within a zone only at a label boundary', (t) => {
  t.true(isWithin(nameFromText('a.example.org'), nameFromText('example.org')));
  t.true(isWithin(nameFromText('example.org'), nameFromText('example.org')));
  t.false(isWithin(nameFromText('evilexample.org'), nameFromText('example.org')));
  t.true(isWithin(nameFromText('example.org'), root));
  // The octets of the zone occur in the name, but not as labels.
  t.false(isWithin(nameOfLabels(['x\x03org'.padEnd(6, 'y')]), nameFromText('org')));
  t.false(isWithin(nameOfLabels(['ab\x03org']), nameFromText('org')));
});

test('the longest ancestor wins', (t) => {
  const table = new Map([[nameFromText('org'), 1], [nameFromText('example.org'), 2]]);
  t.is(lookUpWithin(table, nameFromText('www.example.org')), 2);
  t.is(lookUpWithin(table, nameFromText('www.example.com')), undefined);
  t.is(parentOf(root), undefined);
});

test('addresses and networks have their reverse names', (t) => {
  t.is(textOfName(reverseNameOf(addressOfOctets(Uint8Array.of(192, 0, 2, 10)))), '10.2.0.192.in-addr.arpa');
  const zones = (text: string): string[] => {
    const { network, prefix } = parseCidr(text)!;
    return reverseZonesOf(network, prefix).map(textOfName);
  };
  t.deepEqual(zones('10.0.0.0/24'), ['0.0.10.in-addr.arpa']);
  t.deepEqual(zones('10.0.0.0/23'), ['0.0.10.in-addr.arpa', '1.0.10.in-addr.arpa']);
  t.deepEqual(zones('2001:db8::/32'), ['8.b.d.0.1.0.0.2.ip6.arpa']);
  t.is(zones('2001:db8::/31').length, 2);
  t.deepEqual(zones('0.0.0.0/0'), ['in-addr.arpa']);
});
