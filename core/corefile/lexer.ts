/**
 * The text of a configuration file → its words.
 *
 * The rules are those of CoreDNS (Caddyfile version 1): white space separates, `"…"` keeps spaces and line breaks (only `\"` is an escape),
 * `#` at the start of a word begins a comment, and `{$NAME}` or `{%NAME%}` inside a word is an environment variable.
 */
import type { Mistake, Position } from '../errors.js';

/** One word of a configuration. */
export interface Token {
  /** Without its quotes, variables replaced. */
  readonly text: string;
  readonly at: Position;
  /** Written in quotes: it is text, never a brace or a keyword. */
  readonly quoted: boolean;
  /** It is the first word on its line. */
  readonly first: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a file consists of; with mistakes, the tokens are what could be made of it. */
export interface Lexed {
  readonly tokens: readonly Token[];
  readonly mistakes: readonly Mistake[];
}

const variable = /\{\$([^{}\s]+)\}|\{%([^{}%\s]+)%\}/g;

const replaceVariables = (text: string, env: Environment): string =>
  text.replace(variable, (_, dollar: string | undefined, percent: string | undefined) => {
    const name = dollar ?? percent ?? '';
    return (Object.hasOwn(env, name) ? env[name] : undefined) ?? '';
  });

/** Where the gap that begins here ends: white space and comments. */
function endOfGap(text: string, start: number): number {
  const gap = /\s+|#[^\n]*/y;
  for (gap.lastIndex = start; gap.test(text);) start = gap.lastIndex;
  return start;
}

/** Where the word that begins here ends: at white space. */
function endOfWord(text: string, start: number): number {
  const word = /\S+/y;
  word.lastIndex = start;
  word.test(text);
  return word.lastIndex;
}

/** Where the quote that opens here closes; the text's length if it never does. A backslash takes the next character with it. */
function endOfQuote(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return Math.min(end, text.length);
}

/** In quotes a backslash stands for itself, except before a quote. */
const unescape = (text: string): string => text.replace(/\\([^])/g, (pair, character: string) => (character === '"' ? '"' : pair));

/** Tells line and column of ever later offsets. */
function positions(file: string, text: string): (offset: number) => Position {
  const lines = text.split('\n');
  let line = 0;
  let start = 0;
  return (offset) => {
    while (offset > start + lines[line]!.length) start += lines[line++]!.length + 1;
    return { file, line: line + 1, column: offset - start + 1, source: lines[line]! };
  };
}

/**
 * Splits a text into words; never throws.
 * @param file the name that goes into positions
 * @param env what `{$NAME}` stands for; an unset variable is empty
 */
export function lex(file: string, text: string, env: Environment): Lexed {
  const source = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const positionOf = positions(file, source);
  const tokens: Token[] = [];
  const mistakes: Mistake[] = [];
  for (let end = 0; ;) {
    const start = endOfGap(source, end);
    if (start === source.length) return { tokens, mistakes };
    const at = positionOf(start);
    const first = end === 0 || source.slice(end, start).includes('\n');
    const quoted = source[start] === '"';
    end = quoted ? endOfQuote(source, start) : endOfWord(source, start);
    if (quoted && end === source.length) mistakes.push({ at, problem: 'this quote is never closed' });
    const word = quoted ? unescape(source.slice(start + 1, end)) : source.slice(start, end);
    tokens.push({ text: replaceVariables(word, env), at, quoted, first });
    if (quoted) end = Math.min(end + 1, source.length);
  }
}
