/** Reads the keys of a YAML map: what can't be used is reported, with its place, and left out. */
import { parseAddress, type Address } from '../../../core/address.js';
import { hint, quote } from '../../../core/corefile/wording.js';
import type { Position } from '../../../core/errors.js';
import type { Findings, Yaml, YamlText } from '../../../core/yaml.js';

/** Keys that mean nothing (any more), with what to say of each. */
export type Idle = Readonly<Record<string, string>>;

export class Fields<Key extends string> {
  /** Where the map stands. */
  readonly at: Position;
  readonly #values = new Map<string, Yaml>();
  readonly #findings: Findings;

  /** @param what it is, for messages: `the site host1` */
  constructor(tree: Yaml, what: string, keys: readonly Key[], findings: Findings, idle: Idle = {}) {
    this.at = tree.at;
    this.#findings = findings;
    if (tree.kind !== 'map') findings.mistake(tree.at, `${what}: expected a map of keys, such as ${keys[0]}`);
    for (const [{ text, at }, value] of tree.kind === 'map' ? tree.entries : []) {
      const remark = Object.hasOwn(idle, text) ? idle[text] : undefined;
      if (remark !== undefined) findings.warn(at, `${text} ${remark}`);
      else if (!(keys as readonly string[]).includes(text)) findings.mistake(at, `there is no key ${quote(text)} in ${what}${hint(text, keys)}`);
      else if (value.kind !== 'nothing') this.#values.set(text, value);
    }
  }

  /** The place of a key's value, or of the map. */
  placeOf(key: Key): Position {
    return this.#values.get(key)?.at ?? this.at;
  }

  tree(key: Key): Yaml | undefined {
    return this.#values.get(key);
  }

  text(key: Key): YamlText | undefined {
    const value = this.#values.get(key);
    if (value === undefined || value.kind === 'text') return value;
    return this.#findings.mistake(value.at, `${key}: expected a text`);
  }

  /** A number, whole unless `fraction` says otherwise. */
  number(key: Key, fallback: number, { min = 0, max = 1_000_000, fraction = false } = {}): number {
    const value = this.#values.get(key);
    if (value === undefined) return fallback;
    const number = value.kind === 'text' && (fraction ? /^\d+(?:\.\d+)?$/ : /^-?\d+$/).test(value.text) ? Number(value.text) : NaN;
    if (number >= min && number <= max) return number;
    return this.#findings.mistake(value.at, `${key}: expected a ${fraction ? '' : 'whole '}number from ${min} to ${max}`) ?? fallback;
  }

  /** Seconds, as milliseconds; fractions are fine. */
  seconds(key: Key, fallback: number, min = 0): number {
    return Math.round(this.number(key, fallback, { min, fraction: true }) * 1000);
  }

  /** An address that must be there. */
  address(key: Key): Address | undefined {
    const text = this.#required(key);
    if (text === undefined) return undefined;
    return parseAddress(text.text) ?? this.#findings.mistake(text.at, `${key}: ${quote(text.text)} is no IP address`);
  }

  port(key: Key): number | undefined {
    const text = this.#required(key);
    if (text === undefined) return undefined;
    const port = /^\d{1,5}$/.test(text.text) ? Number(text.text) : 0;
    return port >= 1 && port <= 65_535 ? port : this.#findings.mistake(text.at, `${key}: ${quote(text.text)} is no port, a number from 1 to 65535`);
  }

  oneOf<const Word extends string>(key: Key, words: readonly Word[], fallback: Word): Word {
    const text = this.text(key);
    if (text === undefined) return fallback;
    const found = words.find((word) => word === text.text);
    return found ?? this.#findings.mistake(text.at, `${key}: ${quote(text.text)} is not one of ${words.join(', ')}${hint(text.text, words)}`) ?? fallback;
  }

  #required(key: Key): YamlText | undefined {
    if (!this.#values.has(key)) return this.#findings.mistake(this.at, `${key} is missing`);
    return this.text(key);
  }
}

/** The items of a list that are texts. */
export function textsOf(tree: Yaml | undefined, what: string, findings: Findings): YamlText[] {
  if (tree === undefined || tree.kind === 'nothing') return [];
  if (tree.kind !== 'list') return findings.mistake(tree.at, `${what}: expected a list`) ?? [];
  return tree.items.flatMap((item) => (item.kind === 'text' ? item : (findings.mistake(item.at, `${what}: expected a list of plain words`) ?? [])));
}

/** The entries of a map. */
export function entriesOf(tree: Yaml | undefined, what: string, findings: Findings): readonly (readonly [YamlText, Yaml])[] {
  if (tree === undefined || tree.kind === 'nothing') return [];
  return tree.kind === 'map' ? tree.entries : (findings.mistake(tree.at, `${what}: expected a map`) ?? []);
}
