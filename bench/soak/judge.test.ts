import test from 'ava';
import { judge, lastHalf, slopeOf, type Point } from './judge.js';

const pointsOf = (values: readonly number[]): Point[] => values.map((value, i) => ({ seconds: 10 * i, value }));
const series = (values: readonly number[], allowed = 1) => ({ what: 'heap', unit: 'MiB', allowed, points: pointsOf(values) });

test('the slope is that of most pairs, whatever one of the points says', (t) => {
  t.is(slopeOf(pointsOf([1, 2, 3, 4, 5])), 0.1);
  t.is(slopeOf(pointsOf([1, 2, 300, 4, 5])), 0.1);
  t.is(slopeOf(pointsOf([7, 7, 7])), 0);
});

test('without two points in time there is no slope', (t) => {
  t.is(slopeOf([]), 0);
  t.is(slopeOf(pointsOf([5])), 0);
  t.is(slopeOf([{ seconds: 1, value: 1 }, { seconds: 1, value: 9 }]), 0);
});

test('what fills up in the first half does not grow', (t) => {
  const verdict = judge(series([10, 40, 70, 90, 99, 100, 100, 101, 100, 100]));
  t.false(verdict.grows);
});

test('what grows steadily grows, however slowly, once it is more than allowed', (t) => {
  const values = Array.from({ length: 40 }, (_, i) => 100 + i / 10);
  const verdict = judge(series(values));
  t.true(verdict.grows);
  t.is(Number(verdict.growth.toFixed(6)), 1.9);
  t.false(judge(series(values, 2)).grows);
});

test('what becomes less does not grow', (t) => {
  t.false(judge(series([9, 8, 7, 6, 5, 4])).grows);
});

test('of an odd number of points the middle one belongs to the last half', (t) => {
  t.deepEqual(lastHalf(pointsOf([1, 2, 3])).map(({ value }) => value), [2, 3]);
});
