import test from 'ava';
import packet from 'dns-packet';
import { parseAddress } from '../address.js';
import { nameFromText, root } from '../name.js';
import { type } from './layout.js';
import { encodeRecords } from './library.js';
import { addressBody, denialSoa, pointerBody, recordBody } from './records.js';

/** Decodes records as the answers to a question for `name`. */
function decoded(body: Buffer, count: number, name = 'www.example.org'): unknown[] {
  const message = Buffer.concat([packet.encode({ type: 'response', questions: [{ type: 'A', name }] }), body]);
  message.writeUInt16BE(count, 6);
  return packet.decode(message).answers!.map((record) => {
    const { name: owner, ttl, type: kind, class: of, data } = record as packet.StringAnswer;
    return [owner, ttl, of, kind, data];
  });
}

test('addresses of both families, owned by the name asked for', (t) => {
  const body = addressBody([parseAddress('192.0.2.1')!, parseAddress('2001:db8::1')!], 300);
  t.deepEqual(decoded(body, 2), [['www.example.org', 300, 'IN', 'A', '192.0.2.1'], ['www.example.org', 300, 'IN', 'AAAA', '2001:db8::1']]);
  t.deepEqual(decoded(body, 2, '.').map((record) => (record as unknown[])[0]), ['.', '.']);
});

test('pointers to names, the root among them', (t) => {
  const body = pointerBody([nameFromText('a.Example'), root], 2 ** 31 - 1);
  t.deepEqual(decoded(body, 2), [['www.example.org', 2 ** 31 - 1, 'IN', 'PTR', 'a.example'], ['www.example.org', 2 ** 31 - 1, 'IN', 'PTR', '.']]);
});

test('a denial of whatever name is asked for, with the seconds for which it may be kept', (t) => {
  for (const name of ['www.example.org', '.']) {
    const timers = { serial: 1, refresh: 3600, retry: 1200, expire: 604_800, minimum: 60 };
    t.deepEqual(decoded(denialSoa(60), 1, name), [[name, 60, 'IN', 'SOA', { mname: name, rname: 'nobody.invalid', ...timers }]]);
  }
});

test('any type with any data', (t) => {
  t.is(recordBody(65_280, 1, Buffer.from('aabb', 'hex')).toString('hex'), 'c00cff00000100000001' + '0002aabb');
  t.is(recordBody(type.txt, 0, Buffer.alloc(0)).length, 12);
});

test('records of others are encoded without compression, so that they fit behind any question', (t) => {
  const body = encodeRecords([
    { type: 'CNAME', name: 'www.example.org', ttl: 60, data: 'example.org' }, { type: 'TXT', name: 'example.org', ttl: 60, data: 'hello' },
  ]);
  t.false(body.includes(0xc0));
  t.deepEqual(decoded(body, 2, 'elsewhere.example').map((record) => (record as unknown[])[0]), ['www.example.org', 'example.org']);
});
