import test from 'ava';
import fc from 'fast-check';
import { lex } from './lexer.js';

const words = (text: string, env = {}): string[] => lex('Corefile', text, env).tokens.map((token) => token.text);
const places = (text: string): string[] => lex('Corefile', text, {}).tokens.map(({ at }) => `${at.line}:${at.column}`);

test('white space separates words', (t) => {
  t.deepEqual(words(' a\tb\u00a0c\n\n  d '), ['a', 'b', 'c', 'd']);
  t.deepEqual(words(''), []);
  t.deepEqual(words('\n \n'), []);
});

test('a byte order mark and CRLF leave no trace', (t) => {
  t.deepEqual(words('\uFEFFa b\r\nc "d\r\ne" f\r\n'), ['a', 'b', 'c', 'd\ne', 'f']);
  t.deepEqual(places('\uFEFFa\r\n b\r\n'), ['1:1', '2:2']);
});

test('a comment begins where a word could', (t) => {
  t.deepEqual(words('#a b\nc#d #e\n"#f"#g\n#'), ['c#d', '#f']);
});

test('quotes keep spaces and line breaks; only a quote is escaped', (t) => {
  t.deepEqual(words('"a b" "c\nd" "" "e\\"f" "\\d\\\\"'), ['a b', 'c\nd', '', 'e"f', '\\d\\\\']);
});

test('a quote ends its word, and inside a word it is a character', (t) => {
  t.deepEqual(words('"a"b c"d e"'), ['a', 'b', 'c"d', 'e"']);
});

test('a quote that is never closed is a mistake where it opens', (t) => {
  for (const text of ['a "b', 'a "', 'a "b\\"', 'a "b\nc\\']) {
    const { mistakes } = lex('Corefile', text, {});
    t.like(mistakes, [{ at: { line: 1, column: 3, source: text.split('\n')[0]! }, problem: 'this quote is never closed' }]);
  }
});

test('positions count from 1, and lines of quotes count too', (t) => {
  t.deepEqual(places('a  b\n\n c "d\n  e" f\ng'), ['1:1', '1:4', '3:2', '3:4', '4:6', '5:1']);
});

test('the first word of a line is known; what follows a quote over lines is on the same line', (t) => {
  const first = lex('Corefile', 'a b\nc "d\ne" f\n# x\ng', {}).tokens.filter((token) => token.first);
  t.deepEqual(first.map(({ text }) => text), ['a', 'c', 'g']);
});

test('environment variables are replaced in the middle of words, once, and unset ones are empty', (t) => {
  const env = { A: 'one', SPACED: 'x y', NESTED: '{$A}', EMPTY: undefined };
  t.deepEqual(words('a{$A}b {%A%} "{$SPACED}" {$SPACED} {$NESTED} {$EMPTY}. {$constructor}', env), ['aoneb', 'one', 'x y', 'x y', '{$A}', '.', '']);
  t.deepEqual(words('{$} {A} {%%} {$A', env), ['{$}', '{A}', '{%%}', '{$A']);
});

const text = fc.string({ unit: fc.constantFrom(...'ab{}"\\#$% \t\r\n\uFEFFé', '{$A}'), maxLength: 60 });

test('property: any text has an end, and every word is where its position says', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (source) => {
    const lines = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n').split('\n');
    const { tokens, mistakes } = lex('Corefile', source, {});
    for (const { at, text: word, quoted } of tokens) {
      const line = lines[at.line - 1];
      if (line === undefined || at.source !== line) return false;
      const rest = line.slice(at.column - 1);
      if (quoted ? !rest.startsWith('"') : !/\{[$%]/.test(rest) && !rest.startsWith(word)) return false;
    }
    return mistakes.length <= 1;
  }), { numRuns: 2000 }));
});

test('property: words put in quotes come back as they were', (t) => {
  // A backslash at the end would escape the closing quote, and one before a quote would be taken for an escape.
  const word = fc.string({ unit: fc.constantFrom(...'ab{}"# \t\n\u00e9.\\'), maxLength: 20 }).filter((value) => !/\\(?:$|")|\\\\/.test(value));
  t.notThrows(() => fc.assert(fc.property(fc.array(word), (values) => {
    const source = values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(' ');
    const { tokens, mistakes } = lex('Corefile', source, {});
    return mistakes.length === 0 && JSON.stringify(tokens.map((token) => token.text)) === JSON.stringify(values);
  })));
});
