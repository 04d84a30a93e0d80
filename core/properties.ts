/**
 * How a directive states, as data, what it takes. From one such table the core parses, checks, fills in defaults, reports mistakes with
 * their place, types the options of `setup`, and writes the Syntax section. No plugin sees a word of a Corefile.
 *
 *     args: fields({ from: one(name()), to: many(endpoint(53)) }),                          forward FROM TO… {
 *     properties: {
 *       ttl: one(seconds(), { default: 1 }),                 options.ttl: number                ttl SECONDS 1
 *       exempt: many(cidr()),                                options.exempt: readonly Cidr[]    exempt CIDR…
 *       only_a: flag(),                                      options.only_a: boolean            only_a
 *       prefetch: fields({ amount: one(integer()), every: optional(duration(), { default: '1m' }) }),   prefetch AMOUNT [EVERY 1m]
 *       url: repeated(fields({ urls: many(url()) }, { every: one(duration(), { default: '24h' }) })),   url URLS… [every DURATION 24h]
 *       rules: group({ allow: rule, block: rule }),          lines of several names in one ordered list
 *       upstream: repeated(section({ args: one(text()), properties: { … } })),                          upstream TEXT { … }
 *     }
 *
 * The vocabulary, from small to large:
 *
 *   value     one word                  seconds(), cidr(), oneOf('a', 'b') …: `corefile/values.ts`
 *   argument  the words of one line     one, optional, many, flag, and fields, which names several of them
 *   property  all the lines of a name   an argument (once, a list adds up), required, repeated, group, either
 *   section   a line with braces        args and properties again; a directive is one
 *
 * In `fields(positional, clauses)` the clauses are properties too: `to ADDRESS…` in `from CIDR to ADDRESS…` is a property whose name stands
 * in the middle of a line. Clauses may come in any order; a word in quotes is never one.
 */
import type { Position } from './errors.js';
import { allOf } from './corefile/mistakes.js';
import { fits, onlyLine, readFields, readKind, readLine, readSection, readWord, readWords } from './corefile/reader.js';
import type { Token } from './corefile/lexer.js';
import type { Statement } from './corefile/statements.js';
import { fieldsSyntax, keywordsOf, positionalSyntax } from './corefile/syntax.js';
import type { Value } from './corefile/values.js';

export * from './corefile/values.js';
export { describeSyntax, vocabularyOf } from './corefile/syntax.js';
export type { Vocabulary } from './corefile/syntax.js';

/** How one line is read: the words behind its name, and what is in its braces. */
export interface Form<T> {
  /** The words as in a Syntax section, without the line's name: `CIDR to ADDRESS…`. */
  readonly syntax: string;
  /** The fixed words that may stand in the line. */
  readonly keywords: readonly string[];
  /** What may stand in its braces. */
  readonly body?: Properties;
  /** Throws a ConfigError with every mistake of the line. */
  read(line: Statement): T;
}

/** How the words behind a directive or a property become a value. */
export interface Argument<T> extends Form<T> {
  readonly body?: never;
}

/** An argument that may be one of several on a line, told apart by their order. */
export interface Positional<T> extends Argument<T> {
  /** How many words it takes. */
  readonly min: number;
  readonly max: number;
  /** Its syntax under the name that it bears in `fields`. */
  syntaxAs(name: string): string;
  fits(word: Token): boolean;
  /** @param words between `min` and `max` of them */
  take(words: readonly Token[]): T;
}

/** What the lines of a property make together. */
export interface Property<T> {
  /** Its line must not be left out. */
  readonly required: boolean;
  /** How each of its lines is read, by the line's first word; `key` is the name of the option. */
  forms(key: string): ReadonlyMap<string, Form<unknown>>;
  /**
   * @param lines in file order; perhaps none
   * @throws ConfigError with every mistake in them
   */
  collect(lines: readonly Statement[]): T;
}

export type Properties = Readonly<Record<string, Property<unknown>>>;

export type ValuesOf<Table> = { readonly [Key in keyof Table]: Table[Key] extends Property<infer T> ? T : never };

/** What `setup` gets: each property under its name, the words behind the directive, and where it stands. */
export type OptionsOf<Arguments, Table> = ValuesOf<Table> & { readonly args: Arguments; readonly at: Position };

/** What holds when nothing is given, as one would write it in the Corefile. */
export type Default = string | number;

const nowhere: Position = { file: '', line: 1, column: 1 };
const readDefault = <T>(value: Value<T>, given: Default): T => value.read(String(given), nowhere);

/** A property whose line stands at most once. */
const once = <T, Absent>(form: Form<T>, absent: Absent): Property<T | Absent> => ({
  required: false,
  forms: (key) => new Map([[key, form]]),
  collect: (lines) => (lines.length === 0 ? absent : readLine(form, onlyLine(lines))),
});

/** An argument of `min` to `max` words of one kind. */
function positional<T>(value: Value<unknown>, min: number, max: number, defaults: readonly Default[], take: (words: readonly Token[]) => T): Positional<T> {
  const syntaxAs = (name: string): string => positionalSyntax(value, name, min, max, defaults);
  const self: Positional<T> = {
    syntax: syntaxAs(value.syntax),
    keywords: value.keywords,
    min,
    max,
    syntaxAs,
    fits: (word) => fits(value, word),
    take,
    read: (line) => readWords(line, self.syntax, [self])[0],
  };
  return self;
}

/** Exactly one word. As a property it is undefined, or the default, when its line is left out; a line without the word is a mistake. */
export function one<T>(value: Value<T>): Positional<T> & Property<T | undefined>;
export function one<T>(value: Value<T>, options: { readonly default: Default }): Property<T>;
export function one<T>(value: Value<T>, options?: { readonly default: Default }): Property<T | undefined> {
  const argument = positional(value, 1, 1, [], ([word]) => readWord(value, word!));
  if (options === undefined) return { ...argument, ...once(argument, undefined) };
  const syntax = positionalSyntax(value, value.syntax, 1, 1, [options.default]);
  return once({ ...argument, syntax }, readDefault(value, options.default));
}

/** One word that may be left out: then the default, or undefined. */
export function optional<T>(value: Value<T>): Positional<T | undefined>;
export function optional<T>(value: Value<T>, options: { readonly default: Default }): Positional<T>;
export function optional<T>(value: Value<T>, options?: { readonly default: Default }): Positional<T | undefined> {
  const absent = options === undefined ? undefined : readDefault(value, options.default);
  return positional(value, 0, 1, options === undefined ? [] : [options.default], ([word]) => (word === undefined ? absent : readWord(value, word)));
}

/**
 * Words up to the end of the line or the next clause; none only with `min: 0`, and then the default, or an empty list. As a property it may
 * stand on several lines, which add up.
 */
export function many<T>(
  value: Value<T>,
  options: { readonly min?: number; readonly default?: readonly Default[] } = {},
): Positional<readonly T[]> & Property<readonly T[]> {
  const { min = 1, default: defaults = [] } = options;
  const absent = defaults.map((given) => readDefault(value, given));
  const argument = positional(value, min, Infinity, defaults, (words) =>
    words.length === 0 ? absent : allOf(words.map((word) => () => readWord(value, word))));
  return {
    ...argument,
    required: false,
    forms: (key) => new Map([[key, argument]]),
    collect: (lines) => (lines.length === 0 ? absent : allOf(lines.map((line) => () => readLine(argument, line))).flat()),
  };
}

/** A line that is there or not. */
export function flag(): Argument<true> & Property<boolean> {
  const argument: Argument<true> = {
    syntax: '',
    keywords: [],
    read(line) {
      readWords(line, '', []);
      return true;
    },
  };
  return { ...argument, ...once(argument, false) };
}

type Positionals = Readonly<Record<string, Positional<unknown>>>;

/** Several values on one line, by name, and where the line stands. */
export type FieldsOf<Parts, Clauses> = { readonly [Key in keyof Parts]: Parts[Key] extends Positional<infer T> ? T : never } & ValuesOf<Clauses> & {
  readonly at: Position;
};

/**
 * Several values on one line: the positional ones first, in their order, then the clauses, each begun by its name, in any order. A word that
 * does not fit where it may be left out goes to the next place that it fits.
 */
export function fields<const Parts extends Positionals = {}, const Clauses extends Properties = {}>(
  parts: Parts = {} as Parts,
  clauses: Clauses = {} as Clauses,
): Argument<FieldsOf<Parts, Clauses>> & Property<FieldsOf<Parts, Clauses> | undefined> {
  const argument: Argument<FieldsOf<Parts, Clauses>> = {
    syntax: fieldsSyntax(parts, clauses),
    keywords: [...Object.values(parts).flatMap((part) => part.keywords), ...keywordsOf(clauses)],
    read: (line) => readFields(line, argument.syntax, parts, clauses),
  };
  return { ...argument, ...once(argument, undefined) };
}

/** A property that must not be left out. */
export const required = <T>(property: Property<T>): Property<Exclude<T, undefined>> =>
  // What is not left out is never the `undefined` that stands for what is.
  ({ forms: property.forms, collect: property.collect, required: true }) as Property<Exclude<T, undefined>>;

/** A property that may stand on several lines: the list of what each of them says. */
export const repeated = <T>(form: Form<T>): Property<readonly T[]> => ({
  required: false,
  forms: (key) => new Map([[key, form]]),
  collect: (lines) => allOf(lines.map((line) => () => readLine(form, line))),
});

type Forms = Readonly<Record<string, Form<object>>>;

/** A line of a group: its name as `kind`, and what it says. */
export type KindOf<Table> = { [Key in keyof Table]: Table[Key] extends Form<infer T> ? { readonly kind: Key } & T : never }[keyof Table];

/** Lines of several names whose order matters: one list of them all, in file order. */
export const group = <const Table extends Forms>(table: Table): Property<readonly KindOf<Table>[]> => ({
  required: false,
  forms: () => new Map(Object.entries(table)),
  collect: (lines) => allOf(lines.map((line) => () => readKind(table, line))),
});

/** At most one line, of one of several names. */
export const either = <const Table extends Forms>(table: Table): Property<KindOf<Table> | undefined> => ({
  required: false,
  forms: () => new Map(Object.entries(table)),
  collect: (lines) => (lines.length === 0 ? undefined : readKind(table, onlyLine(lines))),
});

/** What a directive, or a line with braces, takes. */
export interface SectionDefinition<Arguments, Table> {
  readonly args?: Argument<Arguments>;
  readonly properties?: Table;
}

/** A line with properties of its own between braces. */
export function section<Arguments = undefined, const Table extends Properties = {}>(
  definition: SectionDefinition<Arguments, Table>,
): Form<OptionsOf<Arguments, Table>> & Property<OptionsOf<Arguments, Table> | undefined> {
  const form: Form<OptionsOf<Arguments, Table>> = {
    syntax: definition.args?.syntax ?? '',
    keywords: definition.args?.keywords ?? [],
    ...(definition.properties === undefined ? {} : { body: definition.properties }),
    read: (line) => readSection(definition, line),
  };
  return { ...form, ...once(form, undefined) };
}
