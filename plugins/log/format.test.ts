import test from 'ava';
import fc from 'fast-check';
import { parseAddress } from '../../core/address.js';
import { nameFromText, nameOfLabels } from '../../core/name.js';
import { compileFormat, type LogEntry } from './format.js';

/** The query of the sample line in CoreDNS's manual. */
const sample: LogEntry = {
  name: nameFromText('example.org'), type: 'A', class: 'IN', protocol: 'udp', client: { address: parseAddress('::1')!, port: 50_759 }, local: '[::1]:53',
  id: 29_008, opcode: 0, size: 41, dnssecOk: false, udpSize: 4096,
  rcode: 'NOERROR', responseFlags: 0x81a0, responseSize: 68, durationMs: 37.990251, plugin: 'forward', upstream: '192.0.2.1:53',
};

const line = (format: string, changes: Partial<LogEntry> = {}): string => compileFormat(format)({ ...sample, ...changes });

test('the common format is the sample line of CoreDNS', (t) => {
  t.is(line('{common}'), '[::1]:50759 - 29008 "A IN example.org. udp 41 false 4096" NOERROR qr,rd,ra,ad 68 0.037990251s');
});

test('the combined format adds the opcode', (t) => {
  t.is(line('{combined}'), `${line('{common}')} "0"`);
});

test('the custom format of the manual', (t) => {
  t.is(line('{proto} Request: {name} {type} {>id}'), 'udp Request: example.org. A 29008');
});

test('addresses: IPv6 in brackets, IPv4 bare', (t) => {
  const client = { address: parseAddress('192.0.2.7')!, port: 1 };
  t.is(line('{remote} {local}'), '[::1] [::1]');
  t.is(line('{remote} {local}', { client, local: '127.0.0.1:5300' }), '192.0.2.7 127.0.0.1');
});

test('all flags of a response, in the order of the header', (t) => {
  t.is(line('{>rflags}', { responseFlags: 0x87f0 }), 'qr,aa,tc,rd,ra,z,ad,cd');
  t.is(line('{>rflags}', { responseFlags: 0x7800 }), '');
});

test('durations are seconds without exponent', (t) => {
  for (const [milliseconds, text] of [[0, '0s'], [1000, '1s'], [10_000, '10s'], [0.25, '0.00025s'], [0.0005, '0.0000005s'], [1.1 + 2.2, '0.0033s']] as const) {
    t.is(line('{duration}', { durationMs: milliseconds }), text);
  }
});

test('who answered', (t) => {
  t.is(line('{plugin} {upstream}'), 'forward 192.0.2.1:53');
  t.is(line('{plugin} {upstream}', { plugin: 'cache', upstream: undefined }), 'cache -');
});

test('a dropped query has no response to tell of', (t) => {
  t.is(line('{rcode} {>rflags} {rsize}', { rcode: undefined, responseFlags: undefined, responseSize: undefined }), '- - -');
});

test('placeholders of the header are read in any case, others are not', (t) => {
  t.is(line('{>ID} {>Do} {>BufSize}'), '29008 false 4096');
  t.throws(() => compileFormat('{Name}'), { instanceOf: RangeError });
});

test('a line may be JSON', (t) => {
  t.is(line('{"name":"{name}","size":{size},"empty":{}}'), '{"name":"example.org.","size":41,"empty":{}}');
});

test('an unknown placeholder is named', (t) => {
  t.throws(() => compileFormat('{type} {nmae}'), { instanceOf: RangeError, message: /^there is no placeholder \{nmae\}; there are \{common\} / });
  for (const format of ['{>nope}', '{/metadata/label}', '{when}']) t.throws(() => compileFormat(format), { instanceOf: RangeError });
});

test('a name that looks like a placeholder is not one', (t) => {
  t.is(line('{name}', { name: nameOfLabels(['{type}', 'example']) }), '{type}.example.');
});

test('no name can forge a line or end its quotes', (t) => {
  const octet = fc.constantFrom('\n', '\r', '\0', '\x1b', '"', '\\', ' ', '.', '\x7f', '\xff', 'a');
  fc.assert(fc.property(fc.array(fc.string({ unit: octet, minLength: 1, maxLength: 20 }), { maxLength: 4 }), (labels) => {
    t.regex(line('"{name}"', { name: nameOfLabels(labels) }), /^"(?:[!#-[\]-~]|\\.)+"$/);
  }), { numRuns: 300 });
});
