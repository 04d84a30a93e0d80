import test from 'ava';
import fc from 'fast-check';
import { hashOf } from '../../core/hash.js';
import { limits } from '../../core/limits.js';
import { nameFromText } from '../../core/name.js';
import { createReply } from '../../core/reply.js';
import { createEntry, pack, type AskedQuestion, type Content, type Entry } from './entry.js';
import { Store } from './store.js';

function questionOf(text: string): AskedQuestion {
  const name = nameFromText(text);
  return { name, nameHash: hashOf(name), type: 1, dnssecOk: false, checkingDisabled: false };
}

/** An answer of so many octets. */
function entryFor(name: string, octets = 16, parts: Partial<Content> = {}): Entry {
  const packed = pack(createReply(0, 'forward', { answers: 1, body: Buffer.alloc(octets, name) }));
  return createEntry(questionOf(name), '', { packed, kind: 'positive', targets: [], failure: undefined, lifeMs: 0, expiresAt: 0, ...parts });
}

const namesIn = (store: Store): string[] => [...store.entries()].map(({ name }) => name.slice(1, -1));
const has = (store: Store, name: string): boolean => store.peek(questionOf(name), '') !== undefined;

test('a share holds as many entries as it was told, and counts those that had to go', (t) => {
  const store = new Store(3, 1);
  for (const name of ['a', 'b', 'c', 'd']) store.put(entryFor(name));
  t.deepEqual(namesIn(store), ['b', 'c', 'd']);
  t.is(store.success.evictions, 1);
});

test('who was asked for stays when somebody has to go, until it is not asked for any more', (t) => {
  const store = new Store(3, 1);
  for (const name of ['a', 'b', 'c']) store.put(entryFor(name));
  store.get(questionOf('a'), '');
  store.put(entryFor('d'));
  t.deepEqual(namesIn(store), ['c', 'a', 'd']);
  for (const name of ['e', 'f']) store.put(entryFor(name));
  t.false(has(store, 'a'));
});

test('what everybody asks for outlives a flood of names that are asked for once', (t) => {
  const store = new Store(100, 1);
  for (let i = 0; i < 50; i++) store.put(entryFor(`popular${i}`));
  for (let i = 0; i < 10_000; i++) {
    store.put(entryFor(`n${i}`));
    if (i % 10 === 0) for (let each = 0; each < 50; each++) store.get(questionOf(`popular${each}`), '');
  }
  t.is(namesIn(store).filter((name) => name.startsWith('popular')).length, 50);
});

test('where all are popular, one new answer is a bounded piece of work', (t) => {
  const capacity = 3 * limits.cacheEntriesPassed;
  const store = new Store(capacity, 1);
  for (let i = 0; i < capacity; i++) {
    store.put(entryFor(`n${i}`));
    store.get(questionOf(`n${i}`), '');
  }
  store.put(entryFor('new'));
  t.true(has(store, 'new'));
  t.is([...store.entries()].filter(({ isPopular }) => isPopular).length, capacity - limits.cacheEntriesPassed - 1);
});

test('a share of large answers ends at its bytes: as many go as must', (t) => {
  const store = new Store(10, 1);
  for (let i = 0; i < 10; i++) store.put(entryFor(`small${i}`));
  for (const name of ['large', 'another', 'third']) store.put(entryFor(name, 8000));
  t.deepEqual(namesIn(store), ['another', 'third']);
  t.true(store.success.bytes <= store.success.maxBytes);
});

test('what is larger than all of its share is not kept, and pushes nobody out', (t) => {
  const store = new Store(2, 1);
  store.put(entryFor('small'));
  store.put(entryFor('large', 3 * limits.cacheBytesPerEntry));
  t.deepEqual(namesIn(store), ['small']);
});

test('neither bound is ever crossed, the bytes are those of what is there, and what was put last is what is found', (t) => {
  const step = fc.record({
    name: fc.integer({ min: 0, max: 40 }), octets: fc.integer({ min: 0, max: 9000 }), what: fc.constantFrom('put', 'deny', 'get', 'remove', 'resize'),
  });
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 80 }), (capacity, steps) => {
    const store = new Store(capacity, capacity);
    const last = new Map<string, Entry>();
    for (const { name: number, octets, what } of steps) {
      const name = `n${number}`;
      const entry = entryFor(name, octets, { kind: what === 'deny' ? 'nxdomain' : 'positive' });
      if (what === 'remove') store.remove((each) => each.name === entry.name);
      else if (what === 'resize') store.resize(1 + (octets % 20), 1 + (number % 20));
      else if (what === 'get') t.true([undefined, last.get(name)].includes(store.get(questionOf(name), '')));
      else {
        store.put(entry);
        last.set(name, entry);
      }
      for (const share of [store.success, store.denial]) {
        t.true(share.size <= share.capacity && share.bytes <= share.maxBytes);
        t.is(share.bytes, [...share.values()].reduce((sum, each) => sum + each.octets, 0));
      }
      for (const each of store.entries()) t.is(store.peek({ ...each, nameHash: hashOf(each.name) }, ''), each);
    }
  }), { numRuns: 60 });
});

test('an answer is found by all of its question and its route, and by nothing else', (t) => {
  const base = questionOf('example.org');
  const others: readonly (readonly [AskedQuestion, string])[] = [
    [base, ''], [base, 'vpn a'], [{ ...base, type: 28 }, ''], [{ ...base, dnssecOk: true }, ''], [{ ...base, checkingDisabled: true }, ''],
    [{ ...base, dnssecOk: true, checkingDisabled: true }, 'vpn a'], [questionOf('www.example.org'), ''],
  ];
  const store = new Store(10, 10);
  const content = { packed: '', kind: 'positive', targets: [], failure: undefined, lifeMs: 0, expiresAt: 0 } as const;
  const entries = others.map(([question, route]) => createEntry(question, route, content));
  for (const [i, [question, route]] of others.entries()) {
    t.is(store.peek(question, route), undefined);
    store.put(entries[i]!);
  }
  for (const [i, [question, route]] of others.entries()) t.is(store.peek(question, route), entries[i]);
});

test('a share that shrinks keeps what came last', (t) => {
  const store = new Store(10, 1);
  for (let i = 0; i < 10; i++) store.put(entryFor(`n${i}`));
  store.resize(2, 1);
  t.deepEqual(namesIn(store), ['n8', 'n9']);
  store.resize(5000, 1);
  t.true(has(store, 'n8') && has(store, 'n9') && !has(store, 'n7'));
});

test('an answer takes the place of a denial of the same question, and the other way round', (t) => {
  const store = new Store(5, 5);
  store.put(entryFor('a', 16, { kind: 'nxdomain' }));
  store.put(entryFor('a'));
  t.deepEqual([store.success.size, store.denial.size], [1, 0]);
  store.put(entryFor('a', 0, { kind: 'nodata' }));
  t.deepEqual([store.success.size, store.denial.size], [0, 1]);
});

test('a name is forgotten by itself, with all below it, or for where it leads', (t) => {
  const store = new Store(9, 9);
  const fill = (): void => {
    for (const name of ['example.org', 'www.example.org', 'wwwexample.org']) store.put(entryFor(name));
    store.put(entryFor('alias.test', 16, { targets: [nameFromText('www.example.org')] }));
  };
  fill();
  t.is(store.forget(nameFromText('example.org'), false), 1);
  fill();
  t.is(store.forget(nameFromText('example.org'), true), 3);
  t.deepEqual([...store.entries()].map(({ name }) => name), [nameFromText('wwwexample.org')]);
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
