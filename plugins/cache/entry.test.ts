import test from 'ava';
import fc from 'fast-check';
import { nameOfLabels } from '../../core/name.js';
import { createReply } from '../../core/reply.js';
import { createEntry, pack, replyOf, type Content } from './entry.js';

const contentOf = (parts: Partial<Content>): Content =>
  ({ packed: pack(createReply(0, 'forward')), kind: 'positive', targets: [], failure: undefined, lifeMs: 0, expiresAt: 0, ...parts });

const uint16 = fc.nat(0xffff);

/** Bytes of an entry with this content, for a name of so many octets. */
function octetsOf(parts: Partial<Content>, octetsOfName = 5): number {
  const name = nameOfLabels(['n'.repeat(octetsOfName - 2)]);
  return createEntry({ name, nameHash: 0, type: 1, dnssecOk: false, checkingDisabled: false }, '', contentOf(parts)).octets;
}

test('what is packed comes back as it was', (t) => {
  const parts = fc.record({
    flags: uint16, answers: uint16, authorities: uint16, additionals: uint16,
    ttls: fc.array(uint16, { maxLength: 40 }), body: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(fc.property(parts, fc.nat(0xfff), (given, rcode) => {
    t.deepEqual(replyOf(contentOf({ packed: pack(createReply(rcode, 'forward', given)) })), createReply(rcode, 'cache', { ...given, kind: 'positive' }));
  }), { numRuns: 200 });
});

test('the largest reply of all is packed whole', (t) => {
  const ttls = Array.from({ length: 65_535 / 11 }, (_, i) => 5 + 11 * i);
  const body = Buffer.alloc(65_535, 7);
  const reply = replyOf(contentOf({ packed: pack(createReply(0, 'forward', { answers: ttls.length, ttls, body })) }));
  t.deepEqual(reply.body, body);
  t.deepEqual(reply.ttls, ttls);
});

test('an entry is packed apart from the message that it came in', (t) => {
  const message = Buffer.alloc(100, 1);
  const packed = pack(createReply(0, 'forward', { body: message.subarray(50) }));
  message.fill(2);
  t.deepEqual(replyOf(contentOf({ packed })).body, Buffer.alloc(50, 1));
});

test('all that an entry holds is in its size', (t) => {
  const least = octetsOf({});
  const target = nameOfLabels(['www', 'example', 'org']);
  t.is(octetsOf({}, 55), least + 50);
  t.true(octetsOf({ targets: [target, target] }) >= least + 2 * target.length);
  t.true(octetsOf({ failure: 'no route to host' }) >= least + 16);
  t.is(octetsOf({ packed: pack(createReply(0, 'forward', { body: Buffer.alloc(1000), ttls: [6] })) }), least + 1002);
});
