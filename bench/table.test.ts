import test from 'ava';
import { aligned, between, gridOf } from './table.js';

const table = [['path', 'answers/s'], ['cached', '7'], ['no', '12,345']];

test('on a terminal columns have one width, and lines end with their last letter', (t) => {
  t.is(aligned(table), 'path    answers/s\ncached  7\nno      12,345');
});

test('a page has a grid with a head', (t) => {
  t.is(gridOf(table), '| path | answers/s |\n| --- | --- |\n| cached | 7 |\n| no | 12,345 |');
});

test('results go between the marks of a page, and the rest of it stays', (t) => {
  const page = 'before\n<!-- results -->\nold\n<!-- end of results -->\nafter\n';
  const changed = between(page, 'new');
  t.is(changed, 'before\n<!-- results -->\n\nnew\n\n<!-- end of results -->\nafter\n');
  t.is(between(changed, 'new'), changed);
  t.throws(() => between('no marks', 'new'), { message: /has no '<!-- results -->'/ });
});
