import test from 'ava';
import packet, { type Answer } from 'dns-packet';
import fc from 'fast-check';
import { surveyResponse } from './survey.js';
import { textOfRecords } from './text.js';

const header = packet.encode({ type: 'response', questions: [{ type: 'A', name: 'example.org' }] });

/** The lines of a message with these records as answers. */
function linesOf(bytes: Buffer): readonly string[] | undefined {
  const survey = surveyResponse(bytes);
  return survey && textOfRecords(bytes, survey);
}

const textOf = (answer: Answer): string =>
  linesOf(packet.encode({ type: 'response', questions: [{ type: 'A', name: 'example.org' }], answers: [answer] }))![0]!;

/** The line of a record of this type (and class) with this RDATA, owned by the name asked for. */
function textOfRaw(type: number, rdata: string, klass = 1): string {
  const data = Buffer.from(rdata, 'hex');
  const fixed = Buffer.alloc(12);
  [0xc00c, type, klass, 0, 60, data.length].forEach((field, i) => fixed.writeUInt16BE(field, 2 * i));
  const bytes = Buffer.concat([header, fixed, data]);
  bytes.writeUInt16BE(1, 6);
  return linesOf(bytes)![0]!;
}

test('records look as in a zone file', (t) => {
  const soa = { mname: 'ns.example.org', rname: 'host.example.org', serial: 2026112201, refresh: 2, retry: 3, expire: 4, minimum: 4_294_967_295 };
  t.is(textOf({ type: 'A', name: 'WWW.example.org', ttl: 42, data: '192.0.2.1' }), 'www.example.org. 42 IN A 192.0.2.1');
  t.is(textOf({ type: 'AAAA', name: 'example.org', ttl: 0, data: '2001:db8::1' }), 'example.org. 0 IN AAAA 2001:db8::1');
  t.is(textOf({ type: 'CNAME', name: 'a.example.org', ttl: 1, data: 'b.example.org' }), 'a.example.org. 1 IN CNAME b.example.org.');
  t.is(textOf({ type: 'NS', name: '.', ttl: 1, data: '.' }), '. 1 IN NS .');
  t.is(textOf({ type: 'PTR', name: '1.2.0.192.in-addr.arpa', ttl: 1, data: 'a.example' }), '1.2.0.192.in-addr.arpa. 1 IN PTR a.example.');
  t.is(textOf({ type: 'MX', name: 'example.org', ttl: 1, data: { preference: 10, exchange: 'mx.example.org' } }), 'example.org. 1 IN MX 10 mx.example.org.');
  const service = { priority: 1, weight: 2, port: 53, target: 'a.example' };
  t.is(textOf({ type: 'SRV', name: 's.example.org', ttl: 1, data: service }), 's.example.org. 1 IN SRV 1 2 53 a.example.');
  t.is(textOf({ type: 'SOA', name: 'example.org', ttl: 1, data: soa }), 'example.org. 1 IN SOA ns.example.org. host.example.org. 2026112201 2 3 4 4294967295');
});

test('an SOA record’s names may be compressed', (t) => {
  t.is(textOfRaw(6, `c00c 0161c00c ${'00000001'.repeat(5)}`.replaceAll(' ', '')), 'example.org. 60 IN SOA example.org. a.example.org. 1 1 1 1 1');
});

test('texts are quoted, and nothing in them can pass for something else', (t) => {
  const data = ['one two', 'a"b\\c\n\x7fé', ''];
  t.is(textOf({ type: 'TXT', name: 'example.org', ttl: 1, data }), 'example.org. 1 IN TXT "one two" "a\\"b\\\\c\\010\\127\\195\\169" ""');
});

test('what has no form of its own is written as unknown', (t) => {
  t.is(textOfRaw(65_280, 'aabb'), 'example.org. 60 IN TYPE65280 \\# 2 aabb');
  t.is(textOfRaw(65_280, ''), 'example.org. 60 IN TYPE65280 \\# 0');
  t.is(textOfRaw(65, '00010000010003026832'), 'example.org. 60 IN HTTPS \\# 10 00010000010003026832');
  t.is(textOfRaw(1, 'c0000201', 4), 'example.org. 60 HS A 192.0.2.1');
});

test('a text whose lengths lie is written as unknown', (t) => {
  t.is(textOfRaw(16, '0561'), 'example.org. 60 IN TXT \\# 2 0561');
});

test('an IPv4-mapped address does not pass for an A record', (t) => {
  t.is(textOfRaw(28, `${'00'.repeat(10)}ffffc0000201`), 'example.org. 60 IN AAAA ::ffff:192.0.2.1');
  t.is(textOfRaw(28, `${'00'.repeat(15)}01`), 'example.org. 60 IN AAAA ::1');
});

test('a TTL with its top bit set counts as 0', (t) => {
  t.is(textOf({ type: 'A', name: 'a', ttl: 0x80000001, data: '192.0.2.1' }), 'a. 0 IN A 192.0.2.1');
});

test('whatever a survey accepts can be written, a line a record, printable', (t) => {
  const types = fc.constantFrom(1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 65, 999);
  fc.assert(fc.property(types, fc.uint8Array({ maxLength: 30 }), (type, rdata) => {
    const fixed = Buffer.alloc(12);
    [0xc00c, type, 1, 0, 60, rdata.length].forEach((field, i) => fixed.writeUInt16BE(field, 2 * i));
    const bytes = Buffer.concat([header, fixed, rdata]);
    bytes.writeUInt16BE(1, 6);
    for (const line of linesOf(bytes) ?? []) t.regex(line, /^[ -~]+$/);
  }), { numRuns: 1000 });
});
