/**
 * Files → statements, with every `import` replaced by what it names: a snippet (`(name) { … }` at top level, anywhere in its file), a file, or
 * the files that match a pattern. `{args[0]}` in what is imported stands for a word behind `import NAME`.
 */
import { dirname, isAbsolute, join } from 'node:path';
import { messageOf, whereabouts } from '../errors.js';
import type { Mistake, Position } from '../errors.js';
import { limits } from '../limits.js';
import { isPattern } from './files.js';
import type { FileSource } from './files.js';
import { lex } from './lexer.js';
import type { Environment, Token } from './lexer.js';
import { structure } from './statements.js';
import type { Statement } from './statements.js';
import { quote, suggestion } from './wording.js';

/** A pattern that was imported; what it matches may change. */
export interface ImportedGlob {
  readonly pattern: string;
  readonly directory: string;
}

interface Snippet {
  readonly at: Position;
  readonly statements: readonly Statement[];
}

/** What surrounds the statements that are being expanded. */
interface Scope {
  /** The words behind `import`; undefined in the main file, where `{args[0]}` means nothing. */
  readonly args?: readonly string[];
  /** The `import` that led here. */
  readonly via?: Position;
  /** What is being imported now, outermost first. */
  readonly chain: readonly string[];
  readonly topLevel: boolean;
}

const snippetName = ({ name, words, body }: Statement): string | undefined =>
  !name.quoted && words.length === 0 && body !== undefined ? /^\((.+)\)$/.exec(name.text)?.[1] : undefined;

const argument = /\{args\[(\d{1,3})\]\}/g;

/** Reads a configuration and all that it imports. */
export class Importer {
  /** Every file read, in the order of reading. */
  readonly files = new Set<string>();
  readonly globs: ImportedGlob[] = [];
  readonly mistakes: Mistake[] = [];
  readonly #source: FileSource;
  readonly #env: Environment;
  readonly #snippets = new Map<string, Snippet>();
  #wordsLeft: number = limits.corefileWords;

  constructor(source: FileSource, env: Environment) {
    this.#source = source;
    this.#env = env;
  }

  /**
   * The statements of the main file.
   * @param text its text; undefined to read it
   */
  main(file: string, text?: string): Statement[] {
    const scope: Scope = { chain: [file], topLevel: true };
    if (text !== undefined) return this.#expandText(file, text, scope);
    return this.#importFile(file, scope, { file, line: 1, column: 1 });
  }

  #expandText(file: string, text: string, scope: Scope): Statement[] {
    this.files.add(file);
    if (text.length > limits.corefileCharacters) {
      this.#report({ file, line: 1, column: 1 }, `the file has ${text.length} characters; at most ${limits.corefileCharacters} are allowed`);
      return [];
    }
    const { tokens, mistakes } = lex(file, text, this.#env);
    const { statements, mistakes: braceMistakes } = structure(tokens);
    // An open quote swallows the braces behind it; that they are missed then says nothing new.
    for (const { at, problem } of mistakes.length > 0 ? mistakes : braceMistakes) this.#report(within(at, scope), problem);
    if (scope.topLevel) for (const statement of statements) this.#keepSnippet(statement, scope);
    return this.#expand(statements, scope);
  }

  #keepSnippet(statement: Statement, scope: Scope): void {
    const name = snippetName(statement);
    if (name === undefined) return;
    const at = within(statement.name.at, scope);
    const first = this.#snippets.get(name);
    if (first === undefined) this.#snippets.set(name, { at, statements: statement.body!.statements });
    else this.#report(at, `there are two snippets (${name}); the first is at ${whereabouts(first.at)}`);
  }

  #expand(statements: readonly Statement[], scope: Scope): Statement[] {
    return statements.flatMap((statement) => this.#expandStatement(statement, scope));
  }

  #expandStatement(raw: Statement, scope: Scope): Statement[] {
    if (this.#wordsLeft <= 0) return [];
    if (snippetName(raw) !== undefined) {
      if (!scope.topLevel) this.#report(within(raw.name.at, scope), `a snippet belongs at the top level, outside of all braces`);
      return [];
    }
    const name = this.#fill(raw.name, scope);
    const words = raw.words.map((word) => this.#fill(word, scope));
    this.#wordsLeft -= 1 + words.length;
    if (this.#wordsLeft <= 0) this.#report(name.at, `with its imports the configuration has more than ${limits.corefileWords} words`);
    if (name.text === 'import' && !name.quoted) return this.#import({ ...raw, name, words }, scope);
    if (raw.body === undefined) return [{ name, words }];
    const open = this.#fill(raw.body.open, scope);
    return [{ name, words, body: { open, statements: this.#expand(raw.body.statements, { ...scope, topLevel: false }) } }];
  }

  /** A word of an import, with `{args[0]}` replaced and the import in its position. */
  #fill(token: Token, scope: Scope): Token {
    const { args } = scope;
    if (args === undefined) return token;
    const at = within(token.at, scope);
    const text = token.text.replace(argument, (placeholder, index: string) => {
      const given = args[Number(index)];
      if (given === undefined) this.#report(at, `nothing is given for ${placeholder}; the import has ${args.length} arguments`);
      return given ?? '';
    });
    return { ...token, text, at };
  }

  #import({ name, words, body }: Statement, scope: Scope): Statement[] {
    const [target, ...args] = words;
    if (body !== undefined) this.#report(body.open.at, `'import' takes no block`);
    if (target === undefined || target.text === '') {
      this.#report(name.at, `something is missing behind 'import'; expected: import SNIPPET|FILE|PATTERN [ARGUMENT…]`);
      return [];
    }
    const inner = { args: args.map(({ text }) => text), via: name.at, topLevel: scope.topLevel };
    const snippet = this.#snippets.get(target.text);
    if (snippet !== undefined) {
      const chain = this.#enter(`(${target.text})`, target, scope);
      return chain === undefined ? [] : this.#expand(snippet.statements, { ...inner, chain });
    }
    return this.#filesOf(target).flatMap((file) => {
      const chain = this.#enter(file, target, scope);
      return chain === undefined ? [] : this.#importFile(file, { ...inner, chain }, target.at);
    });
  }

  /** The chain with one more link, unless that would make it a circle or too long. */
  #enter(link: string, target: Token, scope: Scope): readonly string[] | undefined {
    const chain = [...scope.chain, link];
    if (scope.chain.includes(link)) this.#report(target.at, `imports go in a circle: ${chain.slice(chain.indexOf(link)).join(' → ')}`);
    else if (chain.length > limits.corefileImportDepth) this.#report(target.at, `imports are nested more than ${limits.corefileImportDepth} deep`);
    else return chain;
    return undefined;
  }

  #filesOf(target: Token): readonly string[] {
    const directory = dirname(target.at.file);
    if (!isPattern(target.text)) return [isAbsolute(target.text) ? target.text : join(directory, target.text)];
    this.globs.push({ pattern: target.text, directory });
    return this.#source.glob(target.text, directory);
  }

  #importFile(file: string, scope: Scope, asked: Position): Statement[] {
    let text: string;
    try {
      text = this.#source.readFile(file);
    } catch (error) {
      const kind = scope.via === undefined ? 'no file' : 'neither a snippet nor a file';
      this.#report(asked, `${quote(file)} is ${kind} that can be read (${messageOf(error)})${suggestion(file, this.#snippets.keys())}`);
      return [];
    }
    return this.#expandText(file, text, scope);
  }

  #report(at: Position, problem: string): void {
    this.mistakes.push({ at, problem });
  }
}

const within = (at: Position, { via }: Scope): Position => (via === undefined ? at : { ...at, via });
