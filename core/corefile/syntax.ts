/** Writes the tables of `core/properties.ts` as a README's Syntax section has them, and lists their words. */
import type { Form, Positional, Properties, Property, SectionDefinition } from '../properties.js';
import type { Value } from './values.js';

/** `SECONDS`, `[TTL 3600]`, `CIDR…`, `[ZONE…]`, `auto|off` (the default first). */
export function positionalSyntax(value: Value<unknown>, name: string, min: number, max: number, defaults: readonly (string | number)[]): string {
  const literal = value.keywords.length > 0;
  const shown = defaults.map(String);
  // Words that stand for themselves show their default by their order.
  const ordered = [...shown, ...value.keywords.filter((word) => !shown.includes(word))];
  const words = `${literal ? ordered.join('|') : name}${max > 1 ? '…' : ''}`;
  const text = [words, ...(literal ? [] : shown)].join(' ');
  return min === 0 ? `[${text}]` : text;
}

/** `CIDR to ADDRESS…`, `[type QTYPE…] [net CIDR…]`. */
export function fieldsSyntax(parts: Readonly<Record<string, Positional<unknown>>>, clauses: Properties): string {
  const positional = Object.entries(parts).map(([key, part]) => part.syntaxAs(key.toUpperCase()));
  const named = Object.entries(clauses).map(([key, clause]) => (clause.required ? propertySyntax(key, clause) : `[${propertySyntax(key, clause)}]`));
  return [...positional, ...named].join(' ');
}

/** The lines of a property on one line: `immediate|verify [TIMEOUT]`. */
export const propertySyntax = (key: string, property: Property<unknown>): string =>
  [...property.forms(key)].map(([word, form]) => headOf(word, form)).join('|');

type Described = Pick<Form<unknown>, 'syntax' | 'body'>;

const headOf = (word: string, form: Described): string => (form.syntax === '' ? word : `${word} ${form.syntax}`);

function describeForm(word: string, form: Described): string[] {
  const head = headOf(word, form);
  if (form.body === undefined) return [head];
  return [`${head} {`, ...formsOf(form.body).flatMap(([inner, innerForm]) => describeForm(inner, innerForm)).map((line) => `    ${line}`), '}'];
}

const formsOf = (properties: Properties): [string, Form<unknown>][] => Object.entries(properties).flatMap(([key, property]) => [...property.forms(key)]);

/** A directive as in the Syntax section of its README. */
export function describeSyntax(definition: { readonly name: string } & SectionDefinition<unknown, Properties>): string {
  const { name, args, properties } = definition;
  return describeForm(name, { syntax: args?.syntax ?? '', ...(properties === undefined ? {} : { body: properties }) }).join('\n');
}

/** The fixed words among these clauses and in them. */
export const keywordsOf = (clauses: Properties): string[] => formsOf(clauses).flatMap(([word, form]) => [word, ...form.keywords]);

/** The words that may stand in a directive or property, for completion. */
export interface Vocabulary {
  /** On its line. */
  readonly keywords: readonly string[];
  /** Between its braces. */
  readonly properties: ReadonlyMap<string, Vocabulary>;
}

/** The words that a directive takes. */
export const vocabularyOf = ({ args, properties }: SectionDefinition<unknown, Properties>): Vocabulary => ({
  keywords: args?.keywords ?? [],
  properties: bodyVocabulary(properties),
});

const bodyVocabulary = (properties: Properties = {}): ReadonlyMap<string, Vocabulary> =>
  new Map(formsOf(properties).map(([word, form]) => [word, { keywords: form.keywords, properties: bodyVocabulary(form.body) }]));
