import test from 'ava';
import fc from 'fast-check';
import { Buckets, type BucketLink } from './buckets.js';
import { hashOf, placeOf } from './hash.js';

interface Member extends BucketLink<Member> {
  readonly text: string;
}

const memberOf = (text: string, hash = hashOf(text)): Member => ({ text, hash, nextInBucket: undefined });

function find(table: Buckets<Member>, text: string, hash = hashOf(text)): Member | undefined {
  let member = table.first(hash);
  while (member !== undefined && member.text !== text) member = member.nextInBucket;
  return member;
}

test('what was added is found until it is removed, however full the table and however few the hashes', (t) => {
  const steps = fc.array(fc.record({ text: fc.constantFrom(...'abcdefghijklmnop'), remove: fc.boolean() }), { maxLength: 60 });
  fc.assert(fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 5 }), steps, (capacity, hashes, all) => {
    const table = new Buckets<Member>(capacity);
    const known = new Map<string, Member>();
    const hash = (text: string): number => text.charCodeAt(0) % hashes;
    for (const { text, remove } of all) {
      const member = known.get(text);
      if (member === undefined) {
        const added = memberOf(text, hash(text));
        known.set(text, added);
        table.add(added);
      } else if (remove) {
        known.delete(text);
        table.remove(member);
      }
      for (const each of 'abcdefghijklmnop') t.is(find(table, each, hash(each)), known.get(each));
    }
  }), { numRuns: 100 });
});

test('a member that is out holds none of the others', (t) => {
  const table = new Buckets<Member>(1);
  const [one, other] = [memberOf('one'), memberOf('other')];
  table.add(one);
  table.add(other);
  table.remove(other);
  t.is(other.nextInBucket, undefined);
  t.is(find(table, 'one'), one);
});

test('names of one pattern are spread over the places of a table', (t) => {
  const count = 4096;
  const places = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    places[placeOf(hashOf(`\x04host\x05n${i}\x07example\x03org\0`), count)]!++;
  }
  // Of balls thrown at random into as many bins, the fullest bin has about seven, and two in three bins have one.
  t.true(Math.max(...places) <= 16);
  t.true(places.filter((n) => n > 0).length > count / 2);
});
