import test from 'ava';
import fc from 'fast-check';
import { addressOfOctets, parseAddress } from '../address.js';
import { nameFromText } from '../name.js';
import { someAddress } from './addresses.js';
import { putUint16, type } from './layout.js';
import { addressBody, recordBody } from './records.js';

/** All addresses that a judge gets to see who condemns none. */
function seenIn(records: Buffer, count: number): string[] {
  const seen: string[] = [];
  someAddress(records, count, (octets) => {
    seen.push(addressOfOctets(octets).text);
    return false;
  });
  return seen;
}

const param = (key: number, value: Uint8Array): Buffer => {
  const head = Buffer.alloc(4);
  putUint16(head, 0, key);
  putUint16(head, 2, value.length);
  return Buffer.concat([head, value]);
};
const octetsOf = (...texts: string[]): Buffer => Buffer.concat(texts.map((text) => parseAddress(text)!.octets));
const service = (target: string, ...params: Buffer[]): Buffer => Buffer.concat([Buffer.from([0, 1]), Buffer.from(nameFromText(target), 'latin1'), ...params]);

test('addresses are found, among other records, whoever owns them', (t) => {
  const records = Buffer.concat([
    recordBody(type.cname, 60, Buffer.from(nameFromText('cdn.example'), 'latin1')),
    addressBody([parseAddress('192.0.2.1')!, parseAddress('2001:db8::1')!], 60),
    recordBody(type.txt, 60, Buffer.from([4, 10, 0, 0, 1])),
    recordBody(type.a, 60, octetsOf('192.0.2.2'), nameFromText('cdn.example')),
  ]);
  t.deepEqual(seenIn(records, 5), ['192.0.2.1', '2001:db8::1', '192.0.2.2']);
  t.deepEqual(seenIn(records, 2), ['192.0.2.1'], 'so many records, and no more');
});

test('hints of services are addresses too', (t) => {
  for (const rrType of [type.https, type.svcb]) {
    const rdata = service('svc.example', param(1, Buffer.from('\x02h2')), param(4, octetsOf('192.0.2.1', '192.0.2.2')), param(6, octetsOf('2001:db8::1')));
    t.deepEqual(seenIn(recordBody(rrType, 60, rdata), 1), ['192.0.2.1', '192.0.2.2', '2001:db8::1']);
  }
  t.deepEqual(seenIn(recordBody(type.https, 60, service('.', param(6, octetsOf('2001:db8::1')))), 1), ['2001:db8::1']);
});

test('the first that is condemned decides', (t) => {
  let judged = 0;
  t.true(someAddress(addressBody(['192.0.2.1', '192.0.2.2'].map((text) => parseAddress(text)!), 60), 2, () => ++judged > 0));
  t.is(judged, 1);
});

test('no octets lead it astray', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(5), (records, count) => {
    someAddress(records, count, (octets) => {
      t.true(octets.length <= records.length);
      return false;
    });
  }), { numRuns: 2000 });
  const whole = recordBody(type.https, 60, service('a.example', param(4, octetsOf('192.0.2.1'))));
  for (let length = 0; length < whole.length; length++) t.deepEqual(seenIn(whole.subarray(0, length), 1), []);
});
