import test from 'ava';
import { ConfigError, describeMistake, drawMistake, whereabouts } from './errors.js';

const place = { file: 'Corefile', line: 3, column: 6, source: '\tttl\tx' };

test('a mistake is one line that begins with its place', (t) => {
  t.is(describeMistake({ at: place, directive: 'ttl', problem: 'x is odd' }), 'Corefile:3:6: ttl: x is odd');
  t.is(describeMistake({ at: place, problem: 'x is odd' }), 'Corefile:3:6: x is odd');
  t.is(new ConfigError([{ at: place, problem: 'a' }, { at: place, problem: 'b' }]).message, 'Corefile:3:6: a\nCorefile:3:6: b');
});

test('it says by way of which imports the place came', (t) => {
  const inner = { file: 'inner', line: 1, column: 1, via: { file: 'outer', line: 2, column: 1, via: place } };
  t.is(whereabouts(inner), 'inner:1:1 (imported at outer:2:1, by Corefile:3:6)');
  t.is(describeMistake({ at: inner, problem: 'x is odd' }), 'inner:1:1: x is odd (imported at outer:2:1, by Corefile:3:6)');
});

test('a terminal sees the line and a caret, at any width of tabs', (t) => {
  t.is(drawMistake({ at: place, problem: 'x is odd' }), 'Corefile:3:6: x is odd\n    \tttl\tx\n    \t   \t^');
  t.is(drawMistake({ at: { file: 'Corefile', line: 1, column: 1 }, problem: 'gone' }), 'Corefile:1:1: gone');
});
