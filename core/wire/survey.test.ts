import test from 'ava';
import fc from 'fast-check';
import packet, { type Answer } from 'dns-packet';
import { negativeTtl, smallestTtl, surveyResponse } from './survey.js';
import { type } from './layout.js';

interface Parts {
  readonly answers?: Answer[];
  readonly authorities?: Answer[];
  readonly additionals?: Answer[];
  readonly flags?: number;
  readonly qtype?: packet.RecordType;
}

const response = ({ flags = 0, qtype = 'A', ...sections }: Parts): Buffer =>
  packet.encode({ type: 'response', id: 7, flags, questions: [{ name: 'www.example.org', type: qtype }], ...sections });

const address: Answer = { type: 'A', name: 'www.example.org', ttl: 300, data: '192.0.2.1' };
const soa: Answer = {
  type: 'SOA', name: 'example.org', ttl: 900,
  data: { mname: 'ns.example.org', rname: 'host.example.org', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 60 },
};

test('a response is surveyed: its records, its OPT, its kind', (t) => {
  const bytes = response({ answers: [address], additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] } as unknown as Answer] });
  const survey = surveyResponse(bytes)!;
  t.is(survey.kind, 'positive');
  t.is(survey.records.length, 1);
  t.is(survey.records[0]!.type, type.a);
  t.deepEqual(survey.opt, { start: bytes.length - 11, end: bytes.length });
  t.is(survey.end, bytes.length);
});

test('kinds follow RFC 2308', (t) => {
  const kind = (parts: Parts): string | undefined => surveyResponse(response(parts))?.kind;
  t.is(kind({ authorities: [soa] }), 'nodata');
  t.is(kind({}), 'nodata');
  t.is(kind({ flags: 3, authorities: [soa] }), 'nxdomain');
  t.is(kind({ flags: 2 }), 'failure');
  t.is(kind({ answers: [{ type: 'CNAME', name: 'www.example.org', ttl: 5, data: 'a.example.net' }], authorities: [soa] }), 'nodata');
  t.is(kind({ authorities: [{ type: 'NS', name: 'org', ttl: 5, data: 'ns.example.org' }] }), 'referral');
});

test('an extended RCODE takes its upper bits from the OPT record', (t) => {
  const bytes = response({ additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 1, flags: 0, options: [] } as unknown as Answer] });
  t.is(surveyResponse(bytes)!.rcode, 16);
});

test('the smallest TTL counts, and one with the top bit set is 0', (t) => {
  const ttl = (...ttls: number[]): number | undefined => {
    const bytes = response({ answers: ttls.map((each) => ({ ...address, ttl: each })) });
    return smallestTtl(bytes, surveyResponse(bytes)!);
  };
  t.is(ttl(300, 10), 10);
  t.is(ttl(300, 0x80000000), 0);
  t.is(ttl(0xffffffff), 0);
  t.is(ttl(0x7fffffff), 0x7fffffff);
  t.is(ttl(), undefined);
});

test('a negative answer lives as long as its SOA says: the smaller of TTL and MINIMUM', (t) => {
  const bytes = response({ flags: 3, authorities: [soa] });
  t.is(negativeTtl(bytes, surveyResponse(bytes)!), 60);
  const bare = response({ flags: 3 });
  t.is(negativeTtl(bare, surveyResponse(bare)!), undefined);
});

test('RDATA whose length lies is refused: others would read the message differently', (t) => {
  const bytes = response({ answers: [address] });
  for (const length of [0, 3, 5, 16, 5000]) {
    const forged = Buffer.concat([bytes, Buffer.alloc(16)]);
    forged.writeUInt16BE(length, bytes.length - 6);
    t.is(surveyResponse(forged), undefined, `RDLENGTH ${length}`);
  }
});

test('pointers that loop, point forward, into the header or past the end are refused', (t) => {
  const bytes = response({ answers: [{ type: 'CNAME', name: 'www.example.org', ttl: 5, data: 'a' }] });
  // The owner of the only record, replaced by a pointer of our choice.
  const owner = 33;
  for (const target of [owner, owner + 1, 0, 6, 11, 0x3fff]) {
    const forged = Buffer.concat([bytes.subarray(0, owner), Buffer.from([0xc0 | (target >> 8), target & 255]), bytes.subarray(owner + 17)]);
    t.is(surveyResponse(forged), undefined, `target ${target}`);
  }
  const honest = Buffer.concat([bytes.subarray(0, owner), Buffer.from([0xc0, 12]), bytes.subarray(owner + 17)]);
  t.not(surveyResponse(honest), undefined);
});

test('a message of nothing but pointers to pointers is refused within its budget of hops', (t) => {
  const chain = Buffer.alloc(65_535);
  response({}).copy(chain);
  chain.writeUInt16BE(5000, 6);
  for (let offset = 33; offset + 2 <= 16_000; offset += 2) chain.writeUInt16BE(0xc000 | (offset - 2), offset);
  t.is(surveyResponse(chain), undefined);
});

test('two OPT records, or one outside the additional section, are refused', (t) => {
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] } as unknown as Answer;
  t.is(surveyResponse(response({ additionals: [opt, opt] })), undefined);
  t.is(surveyResponse(response({ answers: [opt] })), undefined);
});

test('counts that the length can not hold are refused before the walk', (t) => {
  const bytes = response({ answers: [address] });
  bytes.writeUInt16BE(65_535, 6);
  t.is(surveyResponse(bytes), undefined);
});

const sample = response({
  answers: [address, { ...address, type: 'AAAA', data: '2001:db8::1' }], authorities: [soa], additionals: [{ ...address, name: 'x.example.org' }],
});

test('cut anywhere, a response is malformed', (t) => {
  for (let length = 0; length < sample.length; length++) t.is(surveyResponse(sample.subarray(0, length)), undefined, `${length}`);
});

test('whatever the octets, the survey ends, and what it accepts lies inside the message', (t) => {
  const flips = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), flips), (input) => {
    const bytes = input instanceof Uint8Array ? Buffer.from(input) : Buffer.from(sample);
    if (!(input instanceof Uint8Array)) for (const [offset, octet] of input) bytes[offset] = octet;
    const survey = surveyResponse(bytes);
    for (const rr of survey?.records ?? []) t.true(rr.owner >= 17 && rr.ttlAt + 6 === rr.rdata && rr.rdata <= rr.end && rr.end <= bytes.length);
  }));
  t.pass();
});
