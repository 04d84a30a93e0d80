import test from 'ava';
import { textOfName } from '../name.js';
import { dnsAddress } from './address.js';

const read = (text: string, line = 1) => dnsAddress(53).read(text, { file: 'Corefile', line, column: 1 });
const show = (text: string): string => {
  const { zones, port } = read(text);
  return `${zones.map(textOfName).join(' ')} ${port}`;
};

test('a zone, perhaps with a scheme and a port', (t) => {
  for (const [text, expected] of [
    ['example.org', 'example.org 53'], ['Example.ORG.', 'example.org 53'], ['.', '. 53'], ['.:0', '. 0'], [':5353', '. 5353'], ['', '. 53'],
    ['dns://example.org:5353', 'example.org 5353'], ['DNS://.', '. 53'], ['dns://:65535', '. 65535'], ['a\\.b.example', 'a\\.b.example 53'],
  ] as const) t.is(show(text), expected, text);
});

test('a network stands for its reverse zones', (t) => {
  for (const [text, expected] of [
    ['10.0.0.0/8', '10.in-addr.arpa 53'], ['10.0.0.0/24:5353', '0.0.10.in-addr.arpa 5353'], ['10.0.0.0/31', '0.0.0.10.in-addr.arpa 1.0.0.10.in-addr.arpa 53'],
    ['0.0.0.0/0', 'in-addr.arpa 53'], ['2001:db8::/32', '8.b.d.0.1.0.0.2.ip6.arpa 53'], ['[2001:db8::/32]', '8.b.d.0.1.0.0.2.ip6.arpa 53'],
    ['dns://[2001:db8::/32]:5353', '8.b.d.0.1.0.0.2.ip6.arpa 5353'], ['2001:db8::/35', '0.8.b.d.0.1.0.0.2.ip6.arpa 1.8.b.d.0.1.0.0.2.ip6.arpa 53'],
  ] as const) t.is(show(text), expected, text);
});

test('an address remembers how and where it was written', (t) => {
  t.like(read('dns://Example.org', 7), { scheme: 'dns', text: 'dns://Example.org', at: { line: 7 } });
});

test('what is no address says why', (t) => {
  for (const [text, problem] of [
    ['tls://.', 'tls:// is not supported yet; only dns:// is'], ['HTTPS://.', 'https:// is not supported yet; only dns:// is'],
    ['http://.', 'there is no scheme \'http\'; known: dns'], ['://.', 'there is no scheme \'\'; known: dns'],
    ['.:65536', '\'65536\' is no port, a number up to 65535'], ['.:', '\'\' is no port, a number up to 65535'],
    ['10.0.0.1', '10.0.0.1 is an address, not a zone; to listen on it write \'bind 10.0.0.1\' in the block, for its reverse zone 10.0.0.1/32'],
    ['[::1]:53', '::1 is an address, not a zone; to listen on it write \'bind ::1\' in the block, for its reverse zone ::1/128'],
    ['10.0.0.0/33', '\'10.0.0.0/33\' is neither a domain name nor a network'], ['a/b', '\'a/b\' is neither a domain name nor a network'],
    [`${'a'.repeat(64)}.example`, 'a label has 64 octets; at most 63 are allowed'],
  ] as const) t.throws(() => read(text), { instanceOf: RangeError, message: problem }, text);
});
