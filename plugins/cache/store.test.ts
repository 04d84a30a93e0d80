import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../core/limits.js';
import { nameFromText } from '../../core/name.js';
import { createReply } from '../../core/reply.js';
import { keyOfQuestion, octetsOf, pack, type Entry } from './entry.js';
import { Share, Store } from './store.js';

const keyOf = (name: string): string => keyOfQuestion({ name: nameFromText(name), type: 1, dnssecOk: false, checkingDisabled: false, route: '' });

/** An answer of so many octets. */
const entryFor = (name: string, octets = 16, kind: Entry['kind'] = 'positive'): Entry => ({
  key: keyOf(name), packed: pack(createReply(0, 'forward', { answers: 1, body: Buffer.alloc(octets, name) })), kind, targets: [], failure: undefined,
  storedAt: 0, expiresAt: 0, hits: 0, lastHit: 0, refreshing: false, retryAt: 0, served: undefined,
});

test('a share holds as many entries as it was told, and counts those that had to go', (t) => {
  const share = new Share(3);
  for (const name of ['a', 'b', 'c']) share.set(entryFor(name));
  share.get(keyOf('a'));
  share.set(entryFor('d'));
  t.deepEqual([...share.values()].map(({ key }) => key), [keyOf('d'), keyOf('a'), keyOf('c')]);
  t.is(share.evictions, 1);
});

test('a share of large answers ends at its bytes: the least recently used go, as many as must', (t) => {
  const share = new Share(10);
  const large = entryFor('large', 8000);
  for (let i = 0; i < 10; i++) share.set(entryFor(`small${i}`));
  share.set(large);
  share.set(entryFor('another', 8000));
  t.deepEqual([...share.values()].slice(0, 2).map(({ key }) => key), [keyOf('another'), keyOf('large')]);
  t.true(share.bytes <= 10 * limits.cacheBytesPerEntry);
  // The next one would go beyond it.
  share.set(entryFor('third', 8000));
  t.is(share.peek(keyOf('large')), undefined);
  t.true(share.evictions > 0);
});

test('what is larger than all of its share is not kept', (t) => {
  const share = new Share(2);
  share.set(entryFor('large', 3 * limits.cacheBytesPerEntry));
  t.is(share.size, 0);
  t.is(share.bytes, 0);
});

test('neither bound is ever crossed, and the bytes are those of what is there', (t) => {
  const step = fc.record({ name: fc.integer({ min: 0, max: 40 }), octets: fc.integer({ min: 0, max: 9000 }), remove: fc.boolean() });
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
    const share = new Share(capacity);
    for (const { name, octets, remove } of steps) {
      if (remove) share.delete(keyOf(`n${name}`));
      else share.set(entryFor(`n${name}`, octets));
      t.true(share.size <= capacity && share.bytes <= capacity * limits.cacheBytesPerEntry);
      t.is(share.bytes, [...share.values()].reduce((sum, entry) => sum + octetsOf(entry), 0));
    }
  }), { numRuns: 60 });
});

test('a share that shrinks keeps what was used last', (t) => {
  const share = new Share(10);
  for (let i = 0; i < 10; i++) share.set(entryFor(`n${i}`));
  share.resize(2);
  t.deepEqual([...share.values()].map(({ key }) => key), [keyOf('n9'), keyOf('n8')]);
});

test('an answer takes the place of a denial of the same question, and the other way round', (t) => {
  const store = new Store(5, 5);
  store.put(entryFor('a', 16, 'nxdomain'));
  store.put(entryFor('a'));
  t.deepEqual([store.success.size, store.denial.size], [1, 0]);
  store.put(entryFor('a', 0, 'nodata'));
  t.deepEqual([store.success.size, store.denial.size], [0, 1]);
});

test('a name is forgotten by itself, with all below it, or for where it leads', (t) => {
  const store = new Store(9, 9);
  const fill = (): void => {
    for (const name of ['example.org', 'www.example.org', 'wwwexample.org']) store.put(entryFor(name));
    store.put({ ...entryFor('alias.test'), targets: [nameFromText('www.example.org')] });
  };
  fill();
  t.is(store.forget(nameFromText('example.org'), false), 1);
  fill();
  t.is(store.forget(nameFromText('example.org'), true), 3);
  t.deepEqual([...store.entries()].map(({ key }) => key), [keyOf('wwwexample.org')]);
});

test('the replies that are kept ready are bounded, and large ones are not among them', (t) => {
  const { ready } = new Store(1, 1);
  const entries = Array.from({ length: limits.cacheReadyReplies + 100 }, (_, i) => entryFor(`n${i}`));
  const replies = entries.map((entry) => ready.of(entry));
  t.is(entries.filter(({ served }) => served !== undefined).length, limits.cacheReadyReplies);
  t.is(ready.of(entries.at(-1)!), replies.at(-1)!);
  // What left its place is as it was: nobody writes where a reply has been.
  t.true(replies.every(({ body }, i) => body.equals(Buffer.alloc(16, `n${i}`))));
  const large = entryFor('large', limits.cacheReadyOctets);
  t.is(ready.of(large).body.length, limits.cacheReadyOctets);
  t.is(large.served, undefined);
  ready.clear();
  t.true(entries.every(({ served }) => served === undefined));
});
