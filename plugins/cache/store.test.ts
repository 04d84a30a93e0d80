import test from 'ava';
import fc from 'fast-check';
import { hashOf } from '../../core/hash.js';
import { limits } from '../../core/limits.js';
import { nameFromText } from '../../core/name.js';
import { createReply } from '../../core/reply.js';
import { TestRandom } from '../../testing/random.js';
import type { AskedQuestion, Content } from './record.js';
import { Store } from './store.js';

function questionOf(text: string): AskedQuestion {
  const name = nameFromText(text);
  return { name, nameHash: hashOf(name), type: 1, dnssecOk: false, checkingDisabled: false };
}

/** An answer of so many octets. */
const contentOf = (fill: string, octets = 16, parts: Partial<Content> = {}): Content =>
  ({ reply: createReply(0, 'forward', { answers: 1, body: Buffer.alloc(octets, fill) }), kind: 'positive', lifeMs: 0, expiresAt: 0, ...parts });

const put = (store: Store, name: string, octets = 16, parts: Partial<Content> = {}): void =>
  void store.put(questionOf(name), '', contentOf(name, octets, parts));
const get = (store: Store, name: string): Buffer | undefined => store.get(questionOf(name), '')?.reply().body;
const namesIn = (store: Store): string[] => [...store.entries()].map(({ name }) => name.slice(1, -1));
const has = (store: Store, name: string): boolean => store.peek(questionOf(name), '') !== undefined;

test('a share holds as many entries as it was told, and counts those that had to go', (t) => {
  const store = new Store(3, 1);
  for (const name of ['a', 'b', 'c', 'd']) put(store, name);
  t.deepEqual(namesIn(store), ['b', 'c', 'd']);
  t.is(store.success.evictions, 1);
});

test('who was asked for stays when somebody has to go, until it is not asked for any more', (t) => {
  const store = new Store(3, 1);
  for (const name of ['a', 'b', 'c']) put(store, name);
  get(store, 'a');
  put(store, 'd');
  t.deepEqual(namesIn(store), ['c', 'a', 'd']);
  for (const name of ['e', 'f']) put(store, name);
  t.false(has(store, 'a'));
});

test('what everybody asks for outlives a flood of names that are asked for once', (t) => {
  const store = new Store(100, 1);
  for (let i = 0; i < 50; i++) put(store, `popular${i}`);
  for (let i = 0; i < 10_000; i++) {
    put(store, `n${i}`);
    if (i % 10 === 0) for (let each = 0; each < 50; each++) get(store, `popular${each}`);
  }
  t.is(namesIn(store).filter((name) => name.startsWith('popular')).length, 50);
});

test('where all are popular, one new answer is a bounded piece of work', (t) => {
  const capacity = 3 * limits.cacheEntriesPassed;
  const store = new Store(capacity, 1);
  for (let i = 0; i < capacity; i++) {
    put(store, `n${i}`);
    get(store, `n${i}`);
  }
  put(store, 'new');
  t.true(has(store, 'new'));
  t.is([...store.entries()].filter(({ isPopular }) => isPopular).length, capacity - limits.cacheEntriesPassed - 1);
});

test('a share of large answers ends at its bytes: as many go as must', (t) => {
  const store = new Store(10, 1);
  for (let i = 0; i < 10; i++) put(store, `small${i}`);
  for (const name of ['large', 'another', 'third']) put(store, name, 8000);
  t.deepEqual(namesIn(store), ['another', 'third']);
  t.true(store.success.bytes <= store.success.maxBytes);
});

test('what is larger than all of its share is not kept, and pushes nobody out', (t) => {
  const store = new Store(2, 1);
  put(store, 'small');
  put(store, 'large', 3 * limits.cacheBytesPerEntry);
  t.deepEqual(namesIn(store), ['small']);
});

test('neither bound is ever crossed, and what was put last is what is found', (t) => {
  const step = fc.record({
    name: fc.integer({ min: 0, max: 40 }), octets: fc.integer({ min: 0, max: 9000 }),
    what: fc.constantFrom('put', 'put', 'deny', 'get', 'remove', 'resize', 'clear'),
  });
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 120 }), (capacity, steps) => {
    const store = new Store(capacity, capacity);
    const last = new Map<string, string>();
    for (const [i, { name: number, octets, what }] of steps.entries()) {
      const name = `n${number}`;
      const { name: wire } = questionOf(name);
      if (what === 'remove') store.remove((each) => each.name === wire);
      else if (what === 'resize') store.resize(1 + (octets % 20), 1 + (number % 20));
      else if (what === 'clear') store.clear();
      else if (what !== 'get') {
        const text = `${i} `;
        const isNew = store.put(questionOf(name), '', contentOf(text, octets, { kind: what === 'deny' ? 'nxdomain' : 'positive' })) !== undefined;
        t.is(has(store, name), isNew);
        last.set(name, Buffer.alloc(octets, text).toString());
      }
      for (const share of [store.success, store.denial]) {
        t.true(share.size <= share.capacity && share.bytes <= share.maxBytes);
        t.is(share.size, [...share.entries()].length);
      }
      for (const { name: each } of store.entries()) t.is(get(store, each.slice(1, -1))!.toString(), last.get(each.slice(1, -1))!);
    }
  }), { numRuns: 60 });
});

test('a store that lives long, over many segments, is like a table', (t) => {
  const random = new TestRandom(7);
  const store = new Store(4000, 500);
  const last = new Map<string, number>();
  for (let i = 1; i <= 60_000; i++) {
    const name = `n${random.below(random.below(10) === 0 ? 20_000 : 3000)}`;
    const body = get(store, name);
    if (body !== undefined) t.is(body.readUInt32BE(0), last.get(name)!);
    if (body !== undefined && random.below(4) > 0) continue;
    const octets = Buffer.alloc(4 + random.below(random.below(50) === 0 ? 20_000 : 800));
    octets.writeUInt32BE(i, 0);
    const kind = random.below(10) === 0 ? 'nxdomain' : 'positive';
    if (store.put(questionOf(name), '', { ...contentOf(name), kind, reply: createReply(0, 'forward', { body: octets }) }) !== undefined) last.set(name, i);
  }
  t.true(store.success.evictions > 1000 && store.denial.evictions > 100);
  for (const share of [store.success, store.denial]) t.true(share.bytes <= share.maxBytes && share.size <= share.capacity);
});

test('what is replaced again and again takes no more and more memory', (t) => {
  const store = new Store(100_000, 1);
  for (let i = 0; i < 50; i++) put(store, `quiet${i}`);
  for (let i = 0; i < 200_000; i++) put(store, `busy${i % 50}`);
  t.is(store.success.size, 100);
  t.true(store.success.bytes <= 3 * limits.cacheSegmentBytes);
  t.is(store.success.evictions, 0);
  for (let i = 0; i < 50; i++) t.true(has(store, `quiet${i}`));
});

test('an answer is found by all of its question and its route, and by nothing else', (t) => {
  const base = questionOf('example.org');
  const others: readonly (readonly [AskedQuestion, string])[] = [
    [base, ''], [base, 'vpn a'], [{ ...base, type: 28 }, ''], [{ ...base, dnssecOk: true }, ''], [{ ...base, checkingDisabled: true }, ''],
    [{ ...base, dnssecOk: true, checkingDisabled: true }, 'vpn a'], [questionOf('www.example.org'), ''],
  ];
  const store = new Store(10, 10);
  for (const [i, [question, route]] of others.entries()) {
    t.is(store.peek(question, route), undefined);
    store.put(question, route, contentOf(String(i)));
  }
  for (const [i, [question, route]] of others.entries()) t.is(store.peek(question, route)!.reply().body.toString(), String(i).repeat(16));
});

test('an answer of a route whose name has other than Latin letters is not taken for that of another route', (t) => {
  const store = new Store(10, 10);
  const question = questionOf('example.org');
  // Both end in the same octet.
  store.put(question, 'vpn \u0141', contentOf('Polish'));
  t.is(store.peek(question, 'vpn \u0141'), undefined);
  t.is(store.peek(question, 'vpn A'), undefined);
  t.is(store.success.size, 0);
});

test('a share that shrinks keeps what came last', (t) => {
  const store = new Store(10, 1);
  for (let i = 0; i < 10; i++) put(store, `n${i}`);
  store.resize(2, 1);
  t.deepEqual(namesIn(store), ['n8', 'n9']);
  store.resize(5000, 1);
  t.true(has(store, 'n8') && has(store, 'n9') && !has(store, 'n7'));
});

test('an answer takes the place of a denial of the same question, and the other way round', (t) => {
  const store = new Store(5, 5);
  put(store, 'a', 16, { kind: 'nxdomain' });
  put(store, 'a');
  t.deepEqual([store.success.size, store.denial.size], [1, 0]);
  put(store, 'a', 0, { kind: 'nodata' });
  t.deepEqual([store.success.size, store.denial.size], [0, 1]);
});

test('a name is forgotten by itself, with all below it, or for where it leads', (t) => {
  const store = new Store(9, 9);
  const fill = (): void => {
    for (const name of ['example.org', 'www.example.org', 'wwwexample.org']) put(store, name);
    put(store, 'alias.test', 16, { reply: createReply(0, 'forward', { targets: [nameFromText('cdn.test'), nameFromText('www.example.org')] }) });
  };
  fill();
  t.is(store.forget(nameFromText('example.org'), false), 1);
  fill();
  t.is(store.forget(nameFromText('example.org'), true), 3);
  t.deepEqual([...store.entries()].map(({ name }) => name), [nameFromText('wwwexample.org')]);
});

test('the replies that are kept ready are bounded, and large ones are not among them', (t) => {
  const count = limits.cacheReadyReplies + 100;
  const store = new Store(2 * count, 1);
  const replyOf = (i: number) => store.ready.of(store.peek(questionOf(`n${i}`), '')!);
  for (let i = 0; i < count; i++) put(store, `n${i}`);
  const replies = Array.from({ length: count }, (_, i) => replyOf(i));
  // What left its place is as it was: nobody writes where a reply has been.
  t.true(replies.every(({ body }, i) => body.equals(Buffer.alloc(16, `n${i}`))));
  t.true(replies.every((reply, i) => i < 100 || replyOf(i) === reply));
  t.not(replyOf(0), replies[0]);
  put(store, 'large', limits.cacheReadyOctets);
  const large = () => store.ready.of(store.peek(questionOf('large'), '')!);
  t.is(large().body.length, limits.cacheReadyOctets);
  t.not(large(), large());
});

test('what is kept ready is an entry’s own, also when others have come to its place, and when it is another one', (t) => {
  const store = new Store(2, 1);
  put(store, 'a');
  const ready = store.ready.of(store.get(questionOf('a'), '')!);
  put(store, 'b');
  // Here a is moved: it was asked for.
  put(store, 'c');
  t.is(store.ready.of(store.peek(questionOf('a'), '')!), ready);
  put(store, 'a', 20);
  t.is(store.ready.of(store.peek(questionOf('a'), '')!).body.length, 20);
  store.ready.clear();
  t.is(store.ready.of(store.peek(questionOf('c'), '')!).body.toString(), 'c'.repeat(16));
});
