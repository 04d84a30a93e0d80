/** What a client gets in place of a blocked name's records. */
import { parseAddress, type Address } from '../../core/address.js';
import { value, type Value } from '../../core/properties.js';
import { createReply, type Reply } from '../../core/reply.js';
import { extendedError } from '../../core/wire/edns.js';
import { ede, rcode, type } from '../../core/wire/layout.js';
import { addressBody, denialSoa } from '../../core/wire/records.js';

/** Addresses, or a response code without records. */
export type Answer = readonly Address[] | number;

const addressesOf = (...texts: readonly string[]): readonly Address[] => texts.map((text) => parseAddress(text)!);

const loopback = addressesOf('127.0.0.1', '::1');

/** The words of `answer` that are no addresses. */
const named: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['loopback', loopback],
  ['null', addressesOf('0.0.0.0', '::')],
  ['nxdomain', rcode.nxDomain],
  ['nodata', rcode.noError],
  ['refused', rcode.refused],
]);

/** One word behind `answer`. */
export const answerWord = (): Value<Answer> =>
  value([...named.keys(), 'ADDRESS'].join('|'), (word) => {
    const address = parseAddress(word);
    const answer = address === undefined ? named.get(word) : [address];
    if (answer === undefined) throw new RangeError(`'${word}' is none of ${[...named.keys()].join(', ')}, and no IP address`);
    return answer;
  });

/** What all words together say; `loopback` without any. Throws a RangeError when they don't go together. */
export function combineAnswers(words: readonly Answer[]): Answer {
  const [first = loopback, ...more] = words;
  if (more.length === 0) return first;
  return words.flatMap((word) => {
    if (typeof word === 'number') throw new RangeError('an answer without addresses stands alone');
    return word;
  });
}

/** The replies of one `blocklist`: each made once for each list. */
export class Replies {
  readonly #answer: Answer;
  readonly #types: readonly number[];
  readonly #ttl: number;
  readonly #byList = new Map<string, ReadonlyMap<number, Reply>>();

  /**
   * @param types for which there are addresses; all others get an empty answer
   * @param ttl in seconds
   */
  constructor(answer: Answer, types: readonly number[], ttl: number) {
    this.#answer = answer;
    this.#types = types;
    this.#ttl = ttl;
  }

  /** The answer for a name that is blocked by the list of this name. */
  for(list: string, qtype: number): Reply {
    let replies = this.#byList.get(list);
    if (replies === undefined) {
      replies = this.#make(list);
      this.#byList.set(list, replies);
    }
    return replies.get(qtype) ?? replies.get(otherTypes)!;
  }

  #make(list: string): ReadonlyMap<number, Reply> {
    const error = extendedError(ede.blocked, `blocked by ${list}`);
    // With an SOA record, caches know for how long to keep a denial (RFC 2308 section 5); a refusal is none.
    const denial = (code: number): Reply =>
      createReply(code, 'blocklist', { error, ...(code !== rcode.refused && { authorities: 1, body: denialSoa(this.#ttl) }) });
    if (typeof this.#answer === 'number') return new Map([[otherTypes, denial(this.#answer)]]);
    const replies = new Map([[otherTypes, denial(rcode.noError)]]);
    for (const qtype of this.#types) {
      const addresses = this.#answer.filter(({ bits }) => bits === (qtype === type.a ? 32 : 128));
      if (addresses.length === 0) continue;
      const body = addressBody(addresses, this.#ttl);
      replies.set(qtype, createReply(rcode.noError, 'blocklist', { answers: addresses.length, body, error }));
    }
    return replies;
  }
}

/** Stands for all types that have no answer of their own; no query asks for type 0 (RFC 6895 section 3.1). */
const otherTypes = 0;
