/** A configuration file → its blocks, still as words. What the words mean is for `bind` and the host. */
import type { Mistake, Position } from '../errors.js';
import { either, fields, one, text } from '../properties.js';
import { fileSystem } from './files.js';
import type { FileSource } from './files.js';
import { Importer } from './importer.js';
import type { ImportedGlob } from './importer.js';
import type { Environment, Token } from './lexer.js';
import { attempt } from './mistakes.js';
import { readLine } from './reader.js';
import type { Statement } from './statements.js';
import { quote } from './wording.js';

/** `ADDRESS[, ADDRESS…] { directives }` */
export interface Block {
  /** One word an address, without commas. */
  readonly addresses: readonly Token[];
  readonly at: Position;
  readonly directives: readonly Statement[];
}

/** `plugin MODULE [before NAME|after NAME]` */
const externalPlugin = fields(
  { module: one(text()) },
  { place: either({ before: fields({ name: one(text()) }), after: fields({ name: one(text()) }) }) },
);
export type ExternalPlugin = ReturnType<typeof externalPlugin.read>;

export interface ParsedCorefile {
  readonly blocks: readonly Block[];
  /** Modules to load before the blocks can be bound; a relative path counts from `at.file`. */
  readonly plugins: readonly ExternalPlugin[];
  /** Every file that was read, the main one first. */
  readonly files: readonly string[];
  /** The patterns among the imports: a new file may match them. */
  readonly globs: readonly ImportedGlob[];
  /** With mistakes, the rest is what could be made of it; good for finding more, not for running. */
  readonly mistakes: readonly Mistake[];
}

export interface ParseOptions {
  /** The path of the file; stands in positions, and imports count from its directory. */
  readonly file: string;
  /** Its text, where it is in memory. */
  readonly text?: string;
  /** For `{$NAME}`. */
  readonly env: Environment;
  /** Where files are read. Default: the file system. */
  readonly source?: FileSource;
}

/** Parses a Corefile and all that it imports; never throws for what is in it. */
export function parseCorefile({ file, text: given, env, source = fileSystem }: ParseOptions): ParsedCorefile {
  const importer = new Importer(source, env);
  const statements = joinAddresses(importer.main(file, given));
  const mistakes: Mistake[] = [];
  const blocks: Block[] = [];
  const plugins: ExternalPlugin[] = [];
  let reported = false;
  for (const statement of statements) {
    const { name, words, body } = statement;
    const isPlugin = body === undefined && name.text === 'plugin' && !name.quoted;
    if (isPlugin) plugins.push(...attempt(() => readLine(externalPlugin, statement), mistakes));
    else if (body !== undefined) blocks.push({ addresses: splitAddresses([name, ...words], body.open, mistakes), at: name.at, directives: body.statements });
    // A file without braces at all is one mistake, not one a line.
    else if (!reported) mistakes.push({ at: name.at, problem: `${quote(name.text)} opens no block; expected: ADDRESS… { DIRECTIVES }` });
    reported = body === undefined && !isPlugin;
  }
  return { blocks, plugins, files: [...importer.files], globs: importer.globs, mistakes: [...importer.mistakes, ...mistakes] };
}

/** Addresses go on in the next line after a comma. */
function joinAddresses(statements: readonly Statement[]): Statement[] {
  const joined: Statement[] = [];
  for (const statement of statements) {
    const last = joined.at(-1);
    const goesOn = last !== undefined && last.body === undefined && [last.name, ...last.words].at(-1)!.text.endsWith(',');
    if (goesOn) joined[joined.length - 1] = { ...statement, name: last.name, words: [...last.words, statement.name, ...statement.words] };
    else joined.push(statement);
  }
  return joined;
}

/** Splits words at their commas. */
function splitAddresses(words: readonly Token[], open: Token, mistakes: Mistake[]): Token[] {
  if (words.at(-1)!.text.endsWith(',')) mistakes.push({ at: open.at, problem: `an address was expected behind the comma, not '{'` });
  return words.flatMap((word) =>
    [...word.text.matchAll(/[^,]+/g)].map(({ 0: address, index }) => ({ ...word, text: address, at: { ...word.at, column: word.at.column + index } })));
}
