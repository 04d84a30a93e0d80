import test from 'ava';
import { at } from '../errors.js';
import { limits } from '../limits.js';
import { lex } from './lexer.js';
import { structure } from './statements.js';
import type { Statement } from './statements.js';

const show = ({ name, words, body }: Statement): string =>
  [name, ...words].map(({ text }) => text).join(' ') + (body === undefined ? '' : ` {${body.statements.map(show).join('; ')}}`);

function structureOf(text: string): { readonly shape: string; readonly mistakes: readonly string[] } {
  const { statements, mistakes } = structure(lex('Corefile', text, {}).tokens);
  return { shape: statements.map(show).join('; '), mistakes: mistakes.map((mistake) => `${at(mistake.at)}: ${mistake.problem}`) };
}

test('a statement is a line, and perhaps a block', (t) => {
  t.deepEqual(structureOf('. a {\n b c {\n d\n }\n e\n}\nf'), { shape: '. a {b c {d}; e}; f', mistakes: [] });
});

test('a block may be empty, and may stand on one line', (t) => {
  t.deepEqual(structureOf('a {\n}\nb { }\nc { d { e f } }\ng { h\ni }'), { shape: 'a {}; b {}; c {d {e f}}; g {h; i}', mistakes: [] });
});

test('a quoted brace is a word', (t) => {
  t.deepEqual(structureOf('a "{" b "}"'), { shape: 'a { b }', mistakes: [] });
});

test('flush left files are fine while their braces match', (t) => {
  t.deepEqual(structureOf('. {\nb {\nc\n}\n}'), { shape: '. {b {c}}', mistakes: [] });
  t.deepEqual(structureOf('    . {\n  b {\n c\n}\n        }'), { shape: '. {b {c}}', mistakes: [] });
});

test('where braces do not match, indentation tells which one is missing', (t) => {
  t.deepEqual(structureOf('a {\n  b {\n    c\n  d\n}\ne {\n  f\n}'), {
    shape: 'a {b {c}; d}; e {f}', mistakes: ['Corefile:2:5: this \'{\' is never closed'],
  });
  t.deepEqual(structureOf('a {\n  b\n    c\n  }\n  d\n}'), {
    shape: 'a {b; c; d}', mistakes: ['Corefile:4:3: this \'}\' closes nothing; a \'{\' is missing before it'],
  });
  t.deepEqual(structureOf('a {\n  b\nc {\n  d\n}'), { shape: 'a {b}; c {d}', mistakes: ['Corefile:1:3: this \'{\' is never closed'] });
});

test('without indentation, what is open at the end was never closed', (t) => {
  t.deepEqual(structureOf('a {\nb {\nc\n}'), { shape: 'a {b {c}}', mistakes: ['Corefile:1:3: this \'{\' is never closed'] });
});

test('nesting is bounded, and what is too deep is left out', (t) => {
  const deep = 10_000;
  const { shape, mistakes } = structureOf('a { '.repeat(deep) + '}'.repeat(deep).split('').join(' '));
  t.true(mistakes[0]!.endsWith(`braces are nested more than ${limits.corefileNesting} deep`));
  t.is(shape.split('{').length - 1, limits.corefileNesting);
});
