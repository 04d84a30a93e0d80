import test from 'ava';
import { CidrMap, contains, inAny, parseAddress, parseCidr, parseEndpoint, textOfEndpoint } from './address.js';

const address = (text: string) => parseAddress(text)!;
const cidr = (text: string) => parseCidr(text)!;

test('addresses have one canonical text, and an IPv4-mapped one is its IPv4 address', (t) => {
  t.is(address('2001:DB8:0::0001').text, '2001:db8::1');
  t.is(address('::ffff:192.0.2.1').text, '192.0.2.1');
  t.is(address('fe80::1%eth0').text, 'fe80::1');
  for (const wrong of ['', '192.0.2', '192.0.2.256', '1.2.3.4.5', 'example', ':::', '0x7f.1']) t.is(parseAddress(wrong), undefined, wrong);
});

test('a network clears its host bits; a bare address is a network of one', (t) => {
  t.is(cidr('192.0.2.77/24').text, '192.0.2.0/24');
  t.is(cidr('192.0.2.77').text, '192.0.2.77/32');
  t.is(cidr('2001:db8::1').text, '2001:db8::1/128');
  t.is(cidr('::ffff:192.0.2.0/120').text, '192.0.2.0/24');
  for (const wrong of ['192.0.2.0/33', '192.0.2.0/', '192.0.2.0/x', '/8', '1.2.3.4/8/8', '::/129', '192.0.2.0/-1']) t.is(parseCidr(wrong), undefined, wrong);
});

test('a network holds what its prefix says, to the bit', (t) => {
  t.true(contains(cidr('192.0.2.48/28'), address('192.0.2.63')));
  t.false(contains(cidr('192.0.2.48/28'), address('192.0.2.64')));
  t.true(contains(cidr('0.0.0.0/0'), address('203.0.113.9')));
  t.false(contains(cidr('0.0.0.0/0'), address('2001:db8::1')));
  t.true(contains(cidr('2001:db8::/33'), address('2001:db8:7fff::1')));
  t.false(contains(cidr('2001:db8::/33'), address('2001:db8:8000::1')));
});

test('the most specific network wins, of equals the first', (t) => {
  const map = new CidrMap([
    { cidr: cidr('10.0.0.0/8'), value: 'wide' }, { cidr: cidr('10.1.0.0/16'), value: 'narrow' }, { cidr: cidr('10.1.0.0/16'), value: 'late' },
  ]);
  t.is(map.get(address('10.1.2.3')), 'narrow');
  t.is(map.get(address('10.2.2.3')), 'wide');
  t.is(map.get(address('11.2.2.3')), undefined);
});

test('an empty list of networks holds nothing', (t) => {
  t.false(inAny([])(address('192.0.2.1')));
  t.true(inAny([cidr('192.0.2.0/24')])(address('192.0.2.1')));
});

test('endpoints take an optional port; IPv6 with a port stands in brackets', (t) => {
  const read = (text: string): string | undefined => {
    const endpoint = parseEndpoint(text, 53);
    return endpoint && textOfEndpoint(endpoint);
  };
  t.is(read('192.0.2.1'), '192.0.2.1:53');
  t.is(read('192.0.2.1:5353'), '192.0.2.1:5353');
  t.is(read('2001:db8::1'), '[2001:db8::1]:53');
  t.is(read('[2001:db8::1]:5353'), '[2001:db8::1]:5353');
  for (const wrong of ['192.0.2.1:0', '192.0.2.1:70000', 'host:53', '[::1', '']) t.is(read(wrong), undefined, wrong);
});
