/**
 * Words → statements. Everything in a configuration file (a server block, a snippet, a directive, a property) has one shape: a name, words
 * behind it on the same line, and perhaps more statements in braces. What they mean is decided later; here only the braces are matched.
 */
import type { Mistake } from '../errors.js';
import { limits } from '../limits.js';
import type { Token } from './lexer.js';
import { quote } from './wording.js';

export interface Statement {
  readonly name: Token;
  /** What follows the name on its line. */
  readonly words: readonly Token[];
  readonly body?: Body;
}

export interface Body {
  /** The brace that opens it. */
  readonly open: Token;
  readonly statements: readonly Statement[];
}

export interface Structured {
  readonly statements: readonly Statement[];
  readonly mistakes: readonly Mistake[];
}

interface Draft {
  readonly name: Token;
  readonly words: Token[];
  body?: { readonly open: Token; readonly statements: Draft[] };
}

const isBrace = (token: Token, brace: '{' | '}'): boolean => !token.quoted && token.text === brace;

/** `cache{` at the end of a line. */
const isGlued = (token: Token, next: Token | undefined): boolean =>
  !token.quoted && token.text.length > 1 && token.text.endsWith('{') && (next === undefined || next.first);

/** Groups words into statements; never throws. */
export function structure(tokens: readonly Token[]): Structured {
  const strict = new Builder(tokens, false).build();
  // Where braces don't match, the first brace that is missed is rarely the one that is missing; the writer's indentation tells better.
  return strict.balanced ? strict : new Builder(tokens, true).build();
}

class Builder {
  readonly #tokens: readonly Token[];
  readonly #trustIndentation: boolean;
  readonly #mistakes: Mistake[] = [];
  readonly #top: Draft[] = [];
  /** The statements whose braces are open, the innermost last. */
  readonly #open: Draft[] = [];
  #balanced = true;

  constructor(tokens: readonly Token[], trustIndentation: boolean) {
    this.#tokens = tokens;
    this.#trustIndentation = trustIndentation;
  }

  build(): Structured & { readonly balanced: boolean } {
    this.#tokens.forEach((token, i) => {
      if (this.#trustIndentation && token.first) this.#closeIndented(token);
      const previous = this.#tokens[i - 1];
      if (isBrace(token, '{')) this.#openBrace(token);
      else if (isBrace(token, '}')) this.#closeBrace(token);
      else if (isGlued(token, this.#tokens[i + 1])) this.#splitGlued(token, previous);
      else this.#addWord(token, previous);
    });
    for (const draft of this.#open) this.#neverClosed(draft);
    return { statements: this.#top, mistakes: this.#mistakes, balanced: this.#balanced };
  }

  get #siblings(): Draft[] {
    return this.#open.at(-1)?.body?.statements ?? this.#top;
  }

  #addWord(token: Token, previous: Token | undefined): void {
    const behindBrace = previous !== undefined && (isBrace(previous, '{') || isBrace(previous, '}'));
    if (behindBrace && previous.text === '}' && !token.first) this.#report(token, `${quote(token.text)} stands behind a '}'; it belongs on a line of its own`);
    if (token.first || behindBrace) this.#siblings.push({ name: token, words: [] });
    else this.#siblings.at(-1)!.words.push(token);
  }

  #splitGlued(token: Token, previous: Token | undefined): void {
    this.#report(token, `a space is missing before the '{'`);
    this.#addWord({ ...token, text: token.text.slice(0, -1) }, previous);
    this.#openBrace({ ...token, text: '{', first: false });
  }

  #openBrace(token: Token): void {
    const last = this.#siblings.at(-1);
    const owner = last?.body === undefined ? last : undefined;
    if (owner === undefined) this.#report(token, `this '{' opens nothing; a name was expected before it`);
    else if (token.first) this.#report(token, `this '{' belongs at the end of the line that it opens a block for`);
    const tooDeep = this.#open.length === limits.corefileNesting;
    if (tooDeep) this.#report(token, `braces are nested more than ${limits.corefileNesting} deep`);
    // What belongs nowhere is collected by a statement that belongs nowhere.
    const opener: Draft = owner === undefined || tooDeep ? { name: token, words: [] } : owner;
    opener.body = { open: token, statements: [] };
    this.#open.push(opener);
  }

  #closeBrace(token: Token): void {
    const opener = this.#open.at(-1);
    const indented = this.#trustIndentation && token.first && opener !== undefined && token.at.column > opener.name.at.column;
    if (opener !== undefined && !indented) {
      this.#open.pop();
    } else {
      this.#balanced = false;
      this.#report(token, `this '}' closes nothing; a '{' is missing before it`);
    }
  }

  /** A line that begins no further right than an indented block's own line is not in that block any more. */
  #closeIndented(token: Token): void {
    for (let opener = this.#open.at(-1); opener !== undefined; opener = this.#open.at(-1)) {
      const { column } = opener.name.at;
      const isIndented = (opener.body?.statements[0]?.name.at.column ?? 0) > column;
      const isOutside = isBrace(token, '}') ? token.at.column < column : token.at.column <= column;
      if (!isIndented || !isOutside) return;
      this.#neverClosed(opener);
      this.#open.pop();
    }
  }

  #neverClosed(draft: Draft): void {
    this.#balanced = false;
    this.#report(draft.body!.open, `this '{' is never closed`);
  }

  #report({ at }: Token, problem: string): void {
    this.#mistakes.push({ at, problem });
  }
}
