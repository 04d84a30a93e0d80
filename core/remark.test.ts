import test from 'ava';
import { TestClock } from '../testing/index.js';
import { limits } from './limits.js';
import { sparingly } from './remark.js';

test('of many remarks one a minute is made, and the others are counted', (t) => {
  const clock = new TestClock();
  const lines: string[] = [];
  const remark = sparingly(clock, (line) => lines.push(line));
  for (const word of ['a', 'b', 'c']) remark(() => word);
  t.deepEqual(lines, ['a']);
  clock.advance(limits.remarkMs - 1);
  remark(() => 'd');
  clock.advance(1);
  remark(() => 'e');
  t.deepEqual(lines, ['a', 'e (and 3 times more since it was last said)']);
  clock.advance(limits.remarkMs);
  remark(() => 'f');
  t.deepEqual(lines.at(-1), 'f');
});

test('what is not said is not written either', (t) => {
  const remark = sparingly(new TestClock(), () => undefined);
  remark(() => 'said');
  t.notThrows(() => remark(() => t.fail()));
});
