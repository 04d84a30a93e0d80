import test from 'ava';
import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textOfEndpoint } from '../address.js';
import type { Position } from '../errors.js';
import { parseAddress } from '../address.js';
import { rcode } from '../wire/layout.js';
import { groupOptions, keyOf, wayOf, type GroupOptions, type GroupSettings } from './options.js';
import { parseResolvConf, readServers } from './servers.js';

const at: Position = { file: '/etc/Corefile', line: 1, column: 1 };
const silent: GroupSettings = {
  policy: undefined, force_tcp: false, prefer_udp: false, expire: undefined, max_fails: undefined, health_check: undefined,
  max_concurrent: undefined, read_timeout: undefined, failover: [], source_address: undefined, trust_ad: false,
};
const group = (words: string, settings: Partial<GroupSettings> = {}, ...others: readonly Partial<GroupSettings>[]): GroupOptions =>
  groupOptions('forward', words.split(' ').flatMap((word) => readServers(word, at)), [settings, ...others].map((each) => ({ ...silent, ...each })));

test('what nobody says has CoreDNS\'s defaults', (t) => {
  const { policy, maxFails, healthCheck, readTimeoutMs, expireMs } = group('192.0.2.1');
  t.deepEqual({ policy, maxFails, readTimeoutMs, expireMs }, { policy: 'random', maxFails: 2, readTimeoutMs: 2000, expireMs: 10_000 });
  t.deepEqual({ ...healthCheck, name: healthCheck.name.length }, { intervalMs: 500, recursionDesired: true, name: 1 });
});

test('the more particular place wins, line by line', (t) => {
  const directive = { max_fails: 5, read_timeout: 700, failover: [rcode.servFail], force_tcp: true };
  const options = group('192.0.2.1', { max_fails: 0, failover: [rcode.refused] }, directive);
  t.is(options.maxFails, 0);
  t.is(options.readTimeoutMs, 700);
  t.deepEqual(options.failover, [rcode.refused]);
  t.true(options.forceTcp);
});

test('a way out is its servers, whatever their order, and its source address', (t) => {
  t.is(wayOf(group('192.0.2.1 192.0.2.2')), wayOf(group('192.0.2.2:53 192.0.2.1 192.0.2.1')));
  t.is(wayOf(group('192.0.2.1', { read_timeout: 100 })), wayOf(group('192.0.2.1')));
  const others = [
    group('192.0.2.1 192.0.2.2'), group('192.0.2.1:5353'), group('2001:db8::1'),
    group('192.0.2.1', { source_address: parseAddress('192.0.2.9') }), group('192.0.2.1', { trust_ad: true }),
  ];
  t.is(new Set([group('192.0.2.1'), ...others].map(wayOf)).size, 6);
});

test('with policy sequential the order tells two ways apart', (t) => {
  t.not(wayOf(group('192.0.2.1 192.0.2.2', { policy: 'sequential' })), wayOf(group('192.0.2.2 192.0.2.1', { policy: 'sequential' })));
  t.is(wayOf(group('192.0.2.1', { policy: 'sequential' })), wayOf(group('192.0.2.1')));
});

test('options that differ in anything have keys of their own', (t) => {
  t.is(keyOf(group('192.0.2.1')), keyOf(group('192.0.2.1:53')));
  t.not(keyOf(group('192.0.2.1')), keyOf(group('192.0.2.1', { read_timeout: 100 })));
  t.not(keyOf(group('192.0.2.1')), keyOf(group('192.0.2.1', { source_address: parseAddress('192.0.2.9') })));
});

test('servers are addresses, with a port or without', (t) => {
  const texts = ['192.0.2.1', '192.0.2.1:5353', '2001:db8::1', '[2001:db8::1]:5353', 'dns://192.0.2.1'];
  t.deepEqual(texts.flatMap((text) => readServers(text, at)).map(textOfEndpoint), [
    '192.0.2.1:53', '192.0.2.1:5353', '[2001:db8::1]:53', '[2001:db8::1]:5353', '192.0.2.1:53',
  ]);
});

test('what is no server says so, and what it could be', (t) => {
  t.throws(() => readServers('tls://192.0.2.1', at), { instanceOf: RangeError, message: /upstreams over tls:\/\/ are not supported yet/ });
  t.throws(() => readServers('https://dns.example/dns-query', at), { instanceOf: RangeError, message: /over https:\/\// });
  t.throws(() => readServers('dns.example', at), { instanceOf: RangeError, message: /is no address/ });
  t.throws(() => readServers('192.0.2.1:99999', at), { instanceOf: RangeError, message: /is no address/ });
  t.throws(() => readServers('/nowhere/resolv.conf', at), { instanceOf: RangeError, message: /can't read servers from/ });
});

test('a file lists servers; a relative one counts from the Corefile', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'upstream-'));
  writeFileSync(join(directory, 'resolv.conf'), 'nameserver 192.0.2.1\nnameserver 2001:db8::1\n');
  writeFileSync(join(directory, 'empty'), 'search example.org\n');
  const here = { ...at, file: join(directory, 'Corefile') };
  t.deepEqual(readServers('./resolv.conf', here).map(textOfEndpoint), ['192.0.2.1:53', '[2001:db8::1]:53']);
  t.throws(() => readServers('./empty', here), { instanceOf: RangeError, message: /no line 'nameserver ADDRESS'/ });
});

test('a resolv.conf is read as resolv.conf(5) has it', (t) => {
  const text = [
    '# comment', '; another', 'search example.org', 'nameserver 192.0.2.1\r', ' nameserver 192.0.2.2', 'nameserver\t192.0.2.3 # aside',
    'nameserver host', 'nameserverx 192.0.2.4', 'nameserver fe80::1%eth0',
  ].join('\n');
  t.deepEqual(parseResolvConf(text).map(textOfEndpoint), ['192.0.2.1:53', '192.0.2.3:53', '[fe80::1]:53']);
});
