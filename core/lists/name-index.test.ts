import test from 'ava';
import fc from 'fast-check';
import { isWithin, labelsOf, nameFromText, nameOfLabels, root, textOfName, type Name } from '../name.js';
import type { Random } from '../runtime.js';
import { systemRandom } from '../runtime.js';
import { NameIndex, NameIndexBuilder } from './name-index.js';
import { below, itself, zone, type Coverage } from './name-table.js';
import { createSuffixHash, extendHash } from './suffix-hash.js';

const secret = createSuffixHash(systemRandom());

type Entry = readonly [name: string, coverage: Coverage];

const wireOf = (name: Name): Buffer => Buffer.from(name, 'latin1');

/** An index of these lists. */
function indexOf(lists: readonly (readonly Entry[])[], withSecret = secret): NameIndex {
  const builder = new NameIndexBuilder(withSecret, 0);
  for (const list of lists) {
    builder.beginList();
    for (const [text, coverage] of list) builder.add(wireOf(nameFromText(text)), nameFromText(text).length, coverage);
  }
  return new NameIndex(builder.finish());
}

/** The text of the entry that covers a name. */
function match(index: NameIndex, text: string): string | undefined {
  const entry = index.matchName(nameFromText(text));
  return entry === -1 ? undefined : textOfName(index.nameOf(entry));
}

test('an entry for a name covers that name alone', (t) => {
  const index = indexOf([[['ads.example.com', itself]]]);
  t.is(match(index, 'ads.example.com'), 'ads.example.com');
  t.is(match(index, 'x.ads.example.com'), undefined);
  t.is(match(index, 'example.com'), undefined);
  t.is(match(index, 'xads.example.com'), undefined);
});

test('an entry for what is below a name does not cover the name', (t) => {
  const index = indexOf([[['example.com', below]]]);
  t.is(match(index, 'a.b.example.com'), 'example.com');
  t.is(match(index, 'example.com'), undefined);
  t.is(match(index, 'badexample.com'), undefined);
});

test('of several entries the nearest is found', (t) => {
  const index = indexOf([[['com', below], ['example.com', zone], ['www.example.com', itself]]]);
  t.is(match(index, 'www.example.com'), 'www.example.com');
  t.is(match(index, 'mail.example.com'), 'example.com');
  t.is(match(index, 'a.www.example.com'), 'example.com');
  t.is(match(index, 'example.org'), undefined);
  t.is(match(index, 'other.com'), 'com');
});

test('a name listed twice stays with its first list and covers what either said', (t) => {
  const index = indexOf([[['first.example', itself]], [['a.example', itself]], [], [['a.example', below], ['b.example', zone]]]);
  t.is(index.size, 3);
  t.is(match(index, 'x.a.example'), 'a.example');
  t.is(match(index, 'a.example'), 'a.example');
  t.is(index.listOf(index.matchName(nameFromText('a.example'))), 1);
  t.is(index.listOf(index.matchName(nameFromText('first.example'))), 0);
  t.is(index.listOf(index.matchName(nameFromText('y.b.example'))), 3);
});

test('case does not matter, on either side', (t) => {
  const builder = new NameIndexBuilder(secret, 0);
  builder.beginList();
  builder.add(Buffer.from('\x03AdS\x07Example\0', 'latin1'), 13, itself);
  const index = new NameIndex(builder.finish());
  t.is(match(index, 'ads.example'), 'ads.example');
  const asked = Buffer.from('....\x03aDs\x07eXAMPLE\0....', 'latin1');
  t.not(index.match(asked, 4, 17), -1);
});

test('a dot inside a label parts no labels', (t) => {
  const index = indexOf([[['b.example', zone]]]);
  t.is(index.matchName(nameOfLabels(['a.b', 'example'])), -1);
  t.not(index.matchName(nameOfLabels(['a', 'b', 'example'])), -1);
});

test('names of every length that there can be are found: 127 labels, labels of 63 octets', (t) => {
  const deep = Array.from({ length: 127 }, () => 'a').join('.');
  const long = [...Array.from({ length: 3 }, () => 'b'.repeat(63)), 'b'.repeat(61)].join('.');
  const index = indexOf([[[deep, itself], [long, itself], ['a', below]]]);
  t.is(match(index, deep), deep);
  t.is(match(index, long), long);
  t.is(match(index, deep.slice(2)), 'a');
});

test('the root is never covered, and an empty index covers nothing', (t) => {
  t.is(indexOf([]).matchName(root), -1);
  t.is(indexOf([[['example', zone]]]).matchName(root), -1);
  t.is(match(indexOf([]), 'example'), undefined);
});

test('names whose hashes are all equal are told apart by their octets', (t) => {
  const constant: Random = { uint16: () => 0, below: () => 0 };
  const names = Array.from({ length: 300 }, (_, i): Entry => [`n${i}.example`, i % 2 === 0 ? itself : below]);
  const index = indexOf([names], createSuffixHash(constant));
  for (const [i, [name]] of names.entries()) {
    t.is(match(index, name), i % 2 === 0 ? name : undefined);
    t.is(match(index, `x.${name}`), i % 2 === 0 ? undefined : name);
  }
  t.is(match(index, 'n300.example'), undefined);
});

test('a hash is extended label by label to the hash of the whole', (t) => {
  const name = wireOf(nameFromText('www.example.com'));
  const whole = extendHash(secret, 0, 0, name, 0, name.length - 1);
  const com = extendHash(secret, 0, 0, name, 12, 16);
  t.is(extendHash(secret, com, 4, name, 0, 12), whole);
});

test('an index finds its entries however often it had to grow', (t) => {
  const names = Array.from({ length: 20_000 }, (_, i): Entry => [`host${i}.example`, itself]);
  const index = indexOf([names.slice(0, 100), names.slice(100)]);
  t.is(index.size, names.length);
  t.true(names.every(([name]) => match(index, name) === name));
  t.is(index.listOf(index.matchName(nameFromText('host99.example'))), 0);
  t.is(index.listOf(index.matchName(nameFromText('host100.example'))), 1);
});

// Few labels, so that names are often above, below and equal to each other.
const label = fc.constantFrom('a', 'b', 'ab', 'a.b', 'A', 'xn--a', '\0', '\x01a', 'B'.repeat(60));
const anyName = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => nameOfLabels(labels));
const anyLists = fc.array(fc.array(fc.tuple(anyName, fc.constantFrom(itself, below, zone)), { maxLength: 12 }), { maxLength: 4 });

test('an index agrees with a search through all entries', (t) => {
  fc.assert(fc.property(anyLists, fc.array(anyName, { maxLength: 20 }), (lists, asked) => {
    const builder = new NameIndexBuilder(secret, 0);
    const naive = new Map<Name, { coverage: number; list: number }>();
    for (const [list, entries] of lists.entries()) {
      builder.beginList();
      for (const [name, coverage] of entries) {
        const known = naive.get(name);
        t.is(builder.add(wireOf(name), name.length, coverage), known === undefined);
        if (known === undefined) naive.set(name, { coverage, list });
        else known.coverage |= coverage;
      }
    }
    const index = new NameIndex(builder.finish());
    t.is(index.size, naive.size);
    for (const name of [...asked, ...naive.keys()]) {
      const covering = [...naive].filter(([entry, { coverage }]) => isWithin(name, entry) && (coverage & (entry === name ? itself : below)) !== 0);
      const nearest = covering.sort(([a], [b]) => labelsOf(b).length - labelsOf(a).length)[0];
      const entry = index.matchName(name);
      t.is(entry === -1 ? undefined : index.nameOf(entry), nearest?.[0]);
      if (nearest !== undefined) t.is(index.listOf(entry), nearest[1].list);
    }
  }), { numRuns: 300 });
});
