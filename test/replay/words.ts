/** The words of a step, read one by one. What is wrong with them is a RangeError; who runs the scenario says where. */
import { parseEndpoint, textOfEndpoint } from '../../core/address.js';
import { integer, qtype, type Value } from '../../core/properties.js';
import { typeText } from '../../core/wire/types.js';
import type { Step } from './scenario.js';

export class Words {
  readonly verb: string;
  readonly #rest: string[];

  constructor({ words: [verb = '', ...rest] }: Step) {
    this.verb = verb;
    this.#rest = rest;
  }

  next(what: string): string {
    const word = this.#rest.shift();
    if (word === undefined) throw new RangeError(`'${this.verb}' lacks ${what}`);
    return word;
  }

  read<T>(what: string, { read }: Value<T>): T {
    return read(this.next(what), { file: '', line: 1, column: 1 });
  }

  /** A server as `ADDRESS:PORT`. */
  server(): string {
    const word = this.next('the server');
    const endpoint = parseEndpoint(word, 53);
    if (endpoint === undefined) throw new RangeError(`'${word}' is no server's address`);
    return textOfEndpoint(endpoint);
  }

  /** A type of record, as it is usually written. */
  type(): string {
    return typeText(this.read('a type', qtype()));
  }

  /** The words that begin with a plus sign, of those that may stand here. */
  flags<const Flag extends string>(...known: readonly Flag[]): ReadonlySet<Flag> {
    const found = new Set<Flag>();
    while (this.#rest[0]?.startsWith('+') === true) {
      const word = this.#rest.shift()!;
      const flag = known.find((each) => `+${each}` === word);
      if (flag === undefined) throw new RangeError(`'${word}' is none of ${known.map((each) => `+${each}`).join(', ')}`);
      found.add(flag);
    }
    return found;
  }

  /** `times N`, or once. */
  times(): number {
    if (this.#rest[0] !== 'times') return 1;
    this.#rest.shift();
    return this.read('how often', integer({ min: 1, max: 10_000 }));
  }

  end(): void {
    if (this.#rest.length > 0) throw new RangeError(`'${this.#rest[0]}' is one word too many`);
  }
}
