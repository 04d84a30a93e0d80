import test from 'ava';
import fc from 'fast-check';
import { closest, editDistance, hint, quote } from './wording.js';

test('the edit distance counts inserts, deletes, replacements and swaps', (t) => {
  const cases = [['', '', 0], ['a', '', 1], ['cache', 'cache', 0], ['cahce', 'cache', 1], ['forwrad', 'forward', 1], ['kitten', 'sitting', 3]] as const;
  for (const [from, to, distance] of cases) {
    t.is(editDistance(from, to), distance, `${from} ${to}`);
  }
});

test('property: the edit distance is symmetric and bounded by the lengths', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
    const distance = editDistance(a, b);
    const bounded = distance <= Math.max(a.length, b.length) && distance >= Math.abs(a.length - b.length);
    return bounded && distance === editDistance(b, a) && (distance === 0) === (a === b);
  })));
});

test('only what is close is suggested, whatever its case', (t) => {
  const known = ['cache', 'forward', 'log', 'source-policy-forward'];
  t.is(closest('Cahce', known), 'cache');
  t.is(closest('lgo', known), 'log');
  t.is(closest('source-forward', known), undefined);
  t.is(closest('source-policy-foward', known), 'source-policy-forward');
  t.is(closest('kubernetes', known), undefined);
  t.is(closest('x', ['y']), undefined);
  t.is(closest('', known), undefined);
  t.is(closest('x'.repeat(1_000_000), known), undefined);
});

test('without a likely meaning, the known words are listed', (t) => {
  t.is(hint('cahce', ['log', 'cache']), '; did you mean \'cache\'?');
  t.is(hint('kubernetes', ['log', 'cache']), '; known: cache, log');
  t.is(hint('kubernetes', []), '');
});

test('what is quoted stays on one line, short, and harmless to a terminal', (t) => {
  t.is(quote('a b'), '\'a b\'');
  t.is(quote('a\nb\x1b[2J'), '\'a\\x0ab\\x1b[2J\'');
  t.is(quote('x'.repeat(100)), `'${'x'.repeat(80)}…'`);
});
