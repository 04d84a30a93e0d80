/** A YAML file that is judged by a schema: its values, and the place of each. */
import type { z } from 'zod';
import type { Mistake, Position } from '../../core/errors.js';
import { Findings, readYaml, type Yaml } from '../../core/yaml.js';

/** From the top of a file down: keys, and numbers of list items. */
export type Path = readonly PropertyKey[];

export class Document {
  readonly #tree: Yaml;
  readonly #findings: Findings;

  /** Throws a ConfigError when the text is no YAML. */
  constructor(file: string, text: string) {
    this.#findings = new Findings(text);
    this.#tree = readYaml(text, file, this.#findings);
    this.#findings.throwIfMistaken();
  }

  get mistakes(): readonly Mistake[] {
    return this.#findings.mistakes;
  }

  /** The place of a value, or of the nearest thing above it that is there. */
  placeOf(path: Path): Position {
    return this.#walk(path).at;
  }

  /** The place of a key. */
  placeOfKey(path: Path): Position {
    const { tree, rest } = this.#walk(path.slice(0, -1));
    const key = rest.length === 0 && tree.kind === 'map' ? tree.entries.find(([{ text }]) => text === path.at(-1)) : undefined;
    return key?.[0].at ?? this.placeOf(path);
  }

  /** The word that stands there, whatever is wrong with the rest. */
  textAt(path: Path): string | undefined {
    const { tree, rest } = this.#walk(path);
    return rest.length === 0 && tree.kind === 'text' ? tree.text : undefined;
  }

  mistake(path: Path, problem: string): void {
    this.#findings.mistake(this.placeOf(path), problem);
  }

  /** What the schema makes of it; undefined after mistakes. */
  read<T extends z.ZodType>(schema: T): z.output<T> | undefined {
    const result = schema.safeParse(this.#plainOf(this.#tree));
    for (const issue of result.error?.issues ?? []) this.#report(issue);
    return this.#findings.mistakes.length === 0 ? result.data : undefined;
  }

  /** Words stay text; a key without a value is as if it were not there. */
  #plainOf(tree: Yaml): unknown {
    if (tree.kind === 'text') return tree.text;
    if (tree.kind === 'list') return tree.items.map((item) => this.#plainOf(item));
    if (tree.kind !== 'map') return undefined;
    // Schemas pass over this one name in silence.
    for (const [{ text, at }] of tree.entries) if (text === '__proto__') this.#findings.mistake(at, `${text} is no name`);
    return Object.fromEntries(tree.entries.map(([{ text }, value]) => [text, this.#plainOf(value)]));
  }

  #report(issue: z.core.$ZodIssue): void {
    const { path, message } = issue;
    if (issue.code === 'unrecognized_keys') {
      for (const [i, problem] of message.split('\n').entries()) this.#findings.mistake(this.placeOfKey([...path, issue.keys[i]!]), problem);
    } else if (issue.code === 'invalid_key') {
      this.#findings.mistake(this.placeOfKey(path), issue.issues[0]?.message ?? message);
    } else if (this.#isThere(path)) {
      this.mistake(path, message);
    } else {
      this.#findings.mistake(this.placeOfKey(path), path.length === 0 ? 'there is nothing in it' : `${String(path.at(-1))} is missing`);
    }
  }

  #isThere(path: Path): boolean {
    const { tree, rest } = this.#walk(path);
    return rest.length === 0 && tree.kind !== 'nothing';
  }

  #walk(path: Path): { tree: Yaml; at: Position; rest: Path } {
    let tree = this.#tree;
    let at = tree.at;
    for (const [i, key] of path.entries()) {
      const found = childOf(tree, key);
      if (found === undefined) return { tree, at, rest: path.slice(i) };
      ({ tree, at } = found);
    }
    return { tree, at, rest: [] };
  }
}

function childOf(tree: Yaml, key: PropertyKey): { tree: Yaml; at: Position } | undefined {
  if (tree.kind === 'list' && typeof key === 'number') return tree.items[key] && { tree: tree.items[key], at: tree.items[key].at };
  const entry = tree.kind === 'map' ? tree.entries.find(([{ text }]) => text === key) : undefined;
  // A block of keys begins below its own key, which is the better place to point at.
  return entry && { tree: entry[1], at: entry[1].kind === 'text' ? entry[1].at : entry[0].at };
}
