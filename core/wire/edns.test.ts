import test from 'ava';
import fc from 'fast-check';
import { extendedError, octetsOfOpt, optOctets, readOpt, writeOpt } from './edns.js';

/** An OPT record: UDP size, upper RCODE bits, version, flags, options. */
function opt({ size = 1232, extendedRcode = 0, version = 0, flags = 0, options = '' }): Buffer {
  const data = Buffer.from(options, 'hex');
  const record = Buffer.alloc(optOctets);
  record.writeUInt16BE(41, 1);
  record.writeUInt16BE(size, 3);
  record.set([extendedRcode, version], 5);
  record.writeUInt16BE(flags, 7);
  record.writeUInt16BE(data.length, 9);
  return Buffer.concat([record, data]);
}

const option = (code: number, data: string): string =>
  Buffer.from([code >> 8, code & 255, data.length >> 9, (data.length / 2) & 255]).toString('hex') + data;

test('an OPT record tells version, size, DO and the upper bits of the response code', (t) => {
  t.deepEqual(readOpt(opt({ size: 4096, extendedRcode: 1, version: 2, flags: 0x8000 }), 0), { version: 2, udpSize: 4096, dnssecOk: true, extendedRcode: 1 });
  t.deepEqual(readOpt(opt({ flags: 0x7fff }), 0), { version: 0, udpSize: 1232, dnssecOk: false, extendedRcode: 0 });
});

test('a size below 512 counts as 512', (t) => {
  for (const size of [0, 511, 512]) t.is(readOpt(opt({ size }), 0)?.udpSize, 512);
});

test('it may stand anywhere, but whole', (t) => {
  const record = opt({ options: option(3, '') });
  const message = Buffer.concat([Buffer.alloc(7), record]);
  t.not(readOpt(message, 7), undefined);
  for (let cut = 1; cut <= record.length; cut++) t.is(readOpt(message.subarray(0, message.length - cut), 7), undefined, `${cut} octets short`);
});

test('what is no OPT, or has an owner other than the root, is none', (t) => {
  const record = opt({});
  t.is(readOpt(Buffer.concat([Buffer.from('016100', 'hex'), record.subarray(1)]), 0), undefined);
  record.writeUInt16BE(42, 1);
  t.is(readOpt(record, 0), undefined);
});

const options: readonly (readonly [string, string, boolean])[] = [
  ['options without content', option(3, '') + option(0xfde9, ''), true],
  ['unknown options', option(0xfde9, 'aabbcc'), true],
  ['padding', option(12, '00'.repeat(300)), true],
  ['an option header that is cut', '000300', false],
  ['an option that is longer than the record', '00030001', false],
  ['a client cookie', option(10, '0102030405060708'), true],
  ['a client and the shortest server cookie', option(10, '00'.repeat(16)), true],
  ['a client and the longest server cookie', option(10, '00'.repeat(40)), true],
  ['a cookie that is too short', option(10, '00'.repeat(7)), false],
  ['a server cookie that is too short', option(10, '00'.repeat(15)), false],
  ['a cookie that is too long', option(10, '00'.repeat(41)), false],
  ['an IPv4 subnet', option(8, '00011800c00002'), true],
  ['an IPv6 subnet', option(8, '0002380020010db8000000'), true],
  ['no subnet', option(8, '00010000'), true],
  ['a subnet of no family', option(8, '00000000'), true],
  ['a subnet of no family with an address', option(8, '0000080001'), false],
  ['a subnet of an unknown family', option(8, '00031800c00002'), false],
  ['a subnet that is cut', option(8, '000118'), false],
  ['a subnet with fewer octets than its prefix needs', option(8, '00011800c000'), false],
  ['a subnet with more', option(8, '00011800c0000201'), false],
  ['an IPv4 subnet of 33 bits', option(8, '00012100c000020100'), false],
  ['a query’s subnet with a scope', option(8, '00011818c00002'), false],
];

for (const [what, bytes, good] of options) {
  test(`${what}: ${good ? 'fine' : 'refused'}`, (t) => t.is(readOpt(opt({ options: bytes }), 0) !== undefined, good));
}

test('what is written is read back, and takes as much room as was said', (t) => {
  fc.assert(fc.property(fc.integer({ min: 512, max: 0xffff }), fc.nat(255), fc.boolean(), fc.option(fc.tuple(fc.nat(0xffff), fc.string()), { nil: undefined }),
    (udpSize, extendedRcode, dnssecOk, explanation) => {
      const error = explanation && extendedError(...explanation);
      const bytes = Buffer.alloc(5 + octetsOfOpt(error), 0xff);
      t.is(writeOpt(bytes, 5, udpSize, extendedRcode, dnssecOk, error), bytes.length);
      t.deepEqual(readOpt(bytes, 5), { version: 0, udpSize, dnssecOk, extendedRcode });
    }), { numRuns: 200 });
});

test('an extended error is a code and a short text', (t) => {
  const bytes = Buffer.alloc(octetsOfOpt(extendedError(18, 'no')));
  writeOpt(bytes, 0, 1232, 0, false, extendedError(18, 'no'));
  t.is(bytes.toString('hex', optOctets), `000f00040012${Buffer.from('no').toString('hex')}`);
  t.is(extendedError(18, 'x'.repeat(1000)).text.length, 120);
});

test('no bytes make it throw or read past their end', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(45), (bytes, offset) => {
    t.true(readOpt(bytes, offset) === undefined || offset + optOctets <= bytes.length);
  }), { numRuns: 500 });
});
