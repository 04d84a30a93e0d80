/** Reads a YAML file into a plain tree in which every node knows its place, so that whoever judges the content can point at it. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type ParsedNode, type Scalar } from 'yaml';
import { ConfigError, describeMistake, type Mistake, type Position } from './errors.js';
import { limits } from './limits.js';

/** A scalar as text: numbers and booleans as they were written. */
export interface YamlText {
  readonly kind: 'text';
  readonly at: Position;
  readonly text: string;
}

export type Yaml =
  | YamlText
  | { readonly kind: 'nothing'; readonly at: Position }
  | { readonly kind: 'list'; readonly at: Position; readonly items: readonly Yaml[] }
  | { readonly kind: 'map'; readonly at: Position; readonly entries: readonly (readonly [key: YamlText, value: Yaml])[] };

/** What was found on the way: mistakes make the file unusable, warnings do not. */
export class Findings {
  readonly #mistakes: Mistake[] = [];
  readonly #warnings: Mistake[] = [];
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#lines = text.split(/\r?\n/);
  }

  mistake(at: Position, problem: string): undefined {
    this.#mistakes.push({ at: { ...at, source: this.#lines[at.line - 1] ?? '' }, problem });
  }

  warn(at: Position, problem: string): void {
    this.#warnings.push({ at, problem });
  }

  /** `FILE:LINE:COLUMN: …`, from the top of the file on. */
  warnings(): string[] {
    return this.#warnings.sort(byPlace).map(describeMistake);
  }

  /** From the top of the file on. */
  get mistakes(): readonly Mistake[] {
    return this.#mistakes.sort(byPlace);
  }

  throwIfMistaken(): void {
    if (this.#mistakes.length > 0) throw new ConfigError(this.mistakes);
  }
}

const byPlace = (a: Mistake, b: Mistake): number => a.at.line - b.at.line || a.at.column - b.at.column;

/**
 * Reads one YAML document.
 * @param file the name to report
 * @param findings collects every mistake; the tree is only whole when there is none
 */
export function readYaml(text: string, file: string, findings: Findings): Yaml {
  const counter = new LineCounter();
  const place = (offset: number): Position => {
    const { line, col } = counter.linePos(offset);
    return { file, line, column: col };
  };
  if (Buffer.byteLength(text) > limits.yamlBytes) {
    findings.mistake({ file, line: 1, column: 1 }, `the file is larger than ${limits.yamlBytes} bytes; that is no configuration`);
    findings.throwIfMistaken();
  }
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  // What follows the first error of a line is mostly its echo.
  const errors = new Map(document.errors.toReversed().map(({ pos, message }) => [place(pos[0]).line, { at: place(pos[0]), message }]));
  for (const { at, message } of errors.values()) findings.mistake(at, message);
  for (const { pos, message } of document.warnings) findings.warn(place(pos[0]), message);
  findings.throwIfMistaken();
  return new TreeBuilder(place, findings).build(document.contents);
}

/**
 * An alias becomes a reference to the tree it names. It may not name a tree that holds aliases itself: no configuration needs that, and it
 * is what makes nine lines of YAML stand for a billion nodes.
 */
class TreeBuilder {
  readonly #place: (offset: number) => Position;
  readonly #findings: Findings;
  readonly #anchors = new Map<string, { readonly tree: Yaml; readonly holdsAlias: boolean }>();
  #aliases = 0;

  constructor(place: (offset: number) => Position, findings: Findings) {
    this.#place = place;
    this.#findings = findings;
  }

  build(node: ParsedNode | null): Yaml {
    if (isAlias(node)) return this.#resolve(node.source, this.#place(node.range[0]));
    const before = this.#aliases;
    const tree = this.#convert(node);
    if (node?.anchor !== undefined) this.#anchors.set(node.anchor, { tree, holdsAlias: this.#aliases > before });
    return tree;
  }

  #convert(node: ParsedNode | null): Yaml {
    const at = this.#place(node?.range[0] ?? 0);
    if (isSeq(node)) return { kind: 'list', at, items: node.items.map((item) => this.build(item)) };
    if (isMap(node)) return { kind: 'map', at, entries: node.items.flatMap(({ key, value }) => this.#entry(key, value)) };
    return isScalar(node) && node.value !== null ? { kind: 'text', at, text: textOf(node) } : { kind: 'nothing', at };
  }

  #entry(key: ParsedNode, value: ParsedNode | null): (readonly [YamlText, Yaml])[] {
    const name = this.build(key);
    const tree = this.build(value);
    if (name.kind === 'text') return [[name, value === null ? { kind: 'nothing', at: name.at } : tree]];
    this.#findings.mistake(name.at, 'a key has to be a plain word');
    return [];
  }

  #resolve(anchor: string, at: Position): Yaml {
    this.#aliases++;
    const found = this.#anchors.get(anchor);
    if (found?.holdsAlias === false) return found.tree;
    this.#findings.mistake(at, `*${anchor} names something that holds aliases itself; write it out`);
    return { kind: 'nothing', at };
  }
}

const textOf = ({ value, source }: Scalar): string => (typeof value === 'string' ? value : (source ?? String(value)));
