import test from 'ava';
import { pictureOf } from './picture.js';

const series = (what: string, values: readonly number[]) => ({ what, unit: 'MiB', allowed: 1, points: values.map((value, i) => ({ seconds: 12 * i, value })) });

test('each series is drawn in a strip, and what grows in another colour', (t) => {
  const picture = pictureOf([series('heap', [5, 5, 5, 5]), series('resident memory', [5, 10, 15, 20])]);
  t.is(picture.match(/<polyline/g)?.length, 4);
  t.regex(picture, /heap: 5\.0 MiB[^]*#2f855a[^]*resident memory: 20\.0 MiB[^]*#c53030/);
  t.notRegex(picture, /NaN|Infinity/);
});

test('a run that sampled nothing, or once, is drawn all the same', (t) => {
  for (const values of [[], [3]]) t.notRegex(pictureOf([series('heap', values)]), /NaN|Infinity/);
});
