/** Rules on names: the first in the file that holds decides. Domains are looked up; only what is left is matched by expressions. */
import { parentOf, type Name } from '../../core/name.js';
import type { Regexp } from '../../core/properties.js';
import type { Query } from '../../core/query.js';
import { suffixOf, type Suffix } from './patterns.js';

/** A rule: a name is in one of these domains, or matches this expression. */
export interface NameRule<T> {
  readonly condition: Regexp | readonly Name[];
  readonly value: T;
}

interface Placed<T> {
  /** Its place among the rules. */
  readonly place: number;
  readonly value: T;
}

export class NameRules<T> {
  /** The rules on a domain's own name, and on the names below it; of two the first. */
  readonly #own = new Map<Name, Placed<T>>();
  readonly #below = new Map<Name, Placed<T>>();
  readonly #expressions: (Placed<T> & { readonly expression: Regexp })[] = [];

  constructor(rules: readonly NameRule<T>[]) {
    for (const [place, { condition, value }] of rules.entries()) {
      if ('source' in condition) this.#addPattern(condition, { place, value });
      else for (const zone of condition) this.#addSuffix({ zone, extent: 'both' }, { place, value });
    }
  }

  /** What the first rule that holds says. */
  find(query: Pick<Query, 'name' | 'text'>): T | undefined {
    let first = this.#own.get(query.name);
    if (this.#below.size > 0) {
      for (let zone = parentOf(query.name); zone !== undefined; zone = parentOf(zone)) {
        const found = this.#below.get(zone);
        if (found !== undefined && (first === undefined || found.place < first.place)) first = found;
      }
    }
    if (this.#expressions.length === 0) return first?.value;
    const { text } = query;
    for (const rule of this.#expressions) {
      if (first !== undefined && first.place < rule.place) break;
      if (rule.expression.test(text)) return rule.value;
    }
    return first?.value;
  }

  #addPattern(expression: Regexp, placed: Placed<T>): void {
    const suffix = suffixOf(expression.source);
    if (suffix === undefined) this.#expressions.push({ ...placed, expression });
    else this.#addSuffix(suffix, placed);
  }

  #addSuffix({ zone, extent }: Suffix, placed: Placed<T>): void {
    if (extent !== 'below it' && !this.#own.has(zone)) this.#own.set(zone, placed);
    if (extent !== 'the name' && !this.#below.has(zone)) this.#below.set(zone, placed);
  }
}
