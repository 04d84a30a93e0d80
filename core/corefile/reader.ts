/** Reads statements by the tables of `core/properties.ts`. Every function throws a ConfigError with all mistakes of what it was given. */
import assert from 'node:assert/strict';
import { whereabouts } from '../errors.js';
import type { Argument, FieldsOf, Form, KindOf, OptionsOf, Positional, Properties, SectionDefinition, ValuesOf } from '../properties.js';
import type { Token } from './lexer.js';
import { allOf, mistake } from './mistakes.js';
import type { Statement } from './statements.js';
import { propertySyntax } from './syntax.js';
import type { Value } from './values.js';
import { hint, quote, suggestion } from './wording.js';

/** One word as a value. */
export function readWord<T>(value: Value<T>, word: Token): T {
  try {
    return value.read(word.text, word.at);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw mistake(word.at, error.message);
  }
}

/** Whether the word is such a value. */
export function fits(value: Value<unknown>, word: Token): boolean {
  try {
    value.read(word.text, word.at);
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}

/** One line by its form. */
export function readLine<T>(form: Form<T>, line: Statement): T {
  const read = (): T => form.read(line);
  if (form.body !== undefined || line.body === undefined) return read();
  const { open } = line.body;
  const refuse = (): never => {
    throw mistake(open.at, `${quote(line.name.text)} takes no block`);
  };
  return allOf([read, refuse])[0]!;
}

/** The line of a property that may stand but once. */
export function onlyLine(lines: readonly Statement[]): Statement {
  const [first, second] = lines;
  if (second === undefined) return first!;
  const again = first!.name.text === second.name.text ? 'stands twice' : `excludes ${quote(first!.name.text)}`;
  throw mistake(second.name.at, `${quote(second.name.text)} ${again}; the first is at ${whereabouts(first!.name.at)}`);
}

/** A line that may bear one of several names. */
export function readKind<Table extends Readonly<Record<string, Form<object>>>>(table: Table, line: Statement): KindOf<Table> {
  const kind = line.name.text;
  // The line came here because its name is in the table; TypeScript can't follow a name through it.
  return { kind, ...readLine(table[kind]!, line) } as KindOf<Table>;
}

type Taken<Parts extends readonly Positional<unknown>[]> = { -readonly [Index in keyof Parts]: Parts[Index] extends Positional<infer T> ? T : never };

/** The words of a line, shared out among its parts. */
export function readWords<const Parts extends readonly Positional<unknown>[]>(
  line: Statement,
  syntax: string,
  parts: Parts,
  keywords: readonly string[] = [],
): Taken<Parts> {
  const expected = syntax === '' ? `${quote(line.name.text)} stands alone` : `expected: ${line.name.text} ${syntax}`;
  const { shares, surplus } = shareOut(line.words, parts);
  const tasks = parts.map((part, i) => (): unknown => {
    const share = shares[i]!;
    if (share.length < part.min) throw mistake(line.name.at, `something is missing behind ${quote(line.name.text)}; ${expected}`);
    return part.take(share);
  });
  const refuseSurplus = (): void => {
    if (surplus === undefined) return;
    throw mistake(surplus.at, `${quote(surplus.text)} is unexpected; ${expected}${suggestion(surplus.text, keywords)}`);
  };
  return allOf([...tasks, refuseSurplus]).slice(0, parts.length) as Taken<Parts>;
}

/** Gives each word to the first part that has room and that it fits; parts that lack words can't be passed over. */
function shareOut(words: readonly Token[], parts: readonly Positional<unknown>[]): { shares: readonly Token[][]; surplus: Token | undefined } {
  const shares: Token[][] = parts.map(() => []);
  let current = 0;
  for (const word of words) {
    const open: number[] = [];
    for (let i = current; i < parts.length; i++) {
      if (shares[i]!.length < parts[i]!.max) open.push(i);
      if (shares[i]!.length < parts[i]!.min) break;
    }
    // A word that fits nowhere goes to the first, which says what it expected.
    const chosen = open.find((i) => open.length === 1 || parts[i]!.fits(word)) ?? open[0];
    if (chosen === undefined) return { shares, surplus: word };
    shares[chosen]!.push(word);
    current = chosen;
  }
  return { shares, surplus: undefined };
}

/** A line of positional parts and clauses. */
export function readFields<Parts extends Readonly<Record<string, Positional<unknown>>>, Clauses extends Properties>(
  line: Statement,
  syntax: string,
  parts: Parts,
  clauses: Clauses,
): FieldsOf<Parts, Clauses> {
  const keywords = [...wordsOf(clauses).keys()];
  const [head, ...rest] = splitAtClauses(line, keywords);
  const readParts = (): object => {
    const values = readWords(head, syntax, Object.values(parts), keywords);
    return Object.fromEntries(Object.keys(parts).map((name, i) => [name, values[i]]));
  };
  const [positional, named] = allOf<object>([readParts, () => readProperties(clauses, rest, line.name)]);
  return { ...positional, ...named, at: line.name.at } as FieldsOf<Parts, Clauses>;
}

/** The line up to its first clause, then each clause as a line of its own. */
function splitAtClauses({ name, words }: Statement, clauses: readonly string[]): [Statement, ...Statement[]] {
  const starts = words.flatMap((word, i) => (!word.quoted && clauses.includes(word.text) ? [i] : []));
  const segments = starts.map((start, i) => ({ name: words[start]!, words: words.slice(start + 1, starts[i + 1]) }));
  return [{ name, words: words.slice(0, starts[0]) }, ...segments];
}

/** The first words of the lines of these properties, and which property each belongs to. */
function wordsOf(properties: Properties): ReadonlyMap<string, string> {
  const words = Object.entries(properties).flatMap(([key, property]) => [...property.forms(key).keys()].map((word) => [word, key] as const));
  const index = new Map(words);
  assert.equal(index.size, words.length, `two properties of one table begin with the same word: ${words.map(([word]) => word).join(' ')}`);
  return index;
}

/** The properties that stand in a block, or as clauses on a line. */
export function readProperties<Table extends Properties>(properties: Table, lines: readonly Statement[], owner: Token): ValuesOf<Table> {
  const index = wordsOf(properties);
  const linesOf = (key: string | undefined): Statement[] => lines.filter((line) => index.get(line.name.text) === key);
  const unknown = linesOf(undefined).map((line) => (): never => {
    throw mistake(line.name.at, `there is no property ${quote(line.name.text)}${hint(line.name.text, [...index.keys()])}`);
  });
  const known = Object.entries(properties).map(([key, property]) => (): [string, unknown] => {
    const own = linesOf(key);
    if (property.required && own.length === 0) throw mistake(owner.at, `${quote(owner.text)} lacks ${quote(propertySyntax(key, property))}`);
    return [key, property.collect(own)];
  });
  return Object.fromEntries(allOf<[string, unknown]>([...known, ...unknown])) as ValuesOf<Table>;
}

const nothing: Argument<undefined> = {
  syntax: '',
  keywords: [],
  read: (line) => void readWords(line, '', []),
};

/** A directive, or another line with braces. */
export function readSection<Arguments, Table extends Properties>(
  definition: SectionDefinition<Arguments, Table>,
  line: Statement,
): OptionsOf<Arguments, Table> {
  const properties: Properties = definition.properties ?? {};
  assert(!('args' in properties) && !('at' in properties), `${line.name.text}: 'args' and 'at' are no names for a property`);
  const [args, values] = allOf<unknown>([
    () => (definition.args ?? nothing).read(line),
    // Where no block is taken, `readLine` says so, and what is in it matters no more.
    () => readProperties(properties, definition.properties === undefined ? [] : (line.body?.statements ?? []), line.name),
  ]);
  return { ...(values as ValuesOf<Table>), args: args as Arguments, at: line.name.at };
}
