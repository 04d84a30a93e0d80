/** How one word of a configuration becomes a value. */
import { dirname, resolve } from 'node:path';
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { parseAddress, parseCidr, parseEndpoint } from '../address.js';
import type { Address, Cidr, Endpoint } from '../address.js';
import type { Position } from '../errors.js';
import { limits } from '../limits.js';
import { nameFromText } from '../name.js';
import type { Name } from '../name.js';
import { rcodeNumber, typeNumber } from '../wire/types.js';
import { quote, suggestion } from './wording.js';

/** A kind of word. */
export interface Value<T> {
  /** Its placeholder in a Syntax section (`SECONDS`), or the words themselves (`auto|off`). */
  readonly syntax: string;
  /** The words that it takes, where they are fixed. */
  readonly keywords: readonly string[];
  /**
   * Throws a RangeError that says what is wrong.
   * @param at where the word stands; a relative path counts from that file
   */
  read(text: string, at: Position): T;
}

/** A kind of word of a plugin's own; `read` throws a RangeError that says what is wrong with the text. */
export const value = <T>(syntax: string, read: (text: string, at: Position) => T): Value<T> => ({ syntax, keywords: [], read });

/** The same value under another placeholder: `named('SOURCE', cidr())`. */
export const named = <T>(syntax: string, { keywords, read }: Value<T>): Value<T> => ({ syntax, keywords, read });

/** What `parse` makes of the word; where that is undefined, the word is no `what`. */
const parsed = <T>(syntax: string, what: string, parse: (text: string) => T | undefined): Value<T> =>
  value(syntax, (text) => {
    const result = parse(text);
    if (result === undefined) throw new RangeError(`${quote(text)} is no ${what}`);
    return result;
  });

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

function inRange(text: string, number: number, { min = -Infinity, max = Infinity }: Range, show: (number: number) => string = String): number {
  if (number < min) throw new RangeError(`${text} is too small; the least is ${show(min)}`);
  if (number > max) throw new RangeError(`${text} is too large; the most is ${show(max)}`);
  return number;
}

/** Any text that is not empty. */
export const text = (): Value<string> =>
  value('TEXT', (word) => {
    if (word === '') throw new RangeError('the word is empty');
    return word;
  });

/** A whole decimal number. */
export const integer = ({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {}): Value<number> =>
  value('N', (word) => {
    if (!/^-?\d{1,16}$/.test(word)) throw new RangeError(`${quote(word)} is no whole number`);
    return inRange(word, Number(word), { min, max });
  });

const unitMs = new Map([['ms', 1], ['s', 1000], ['m', 60_000], ['h', 3_600_000], ['d', 86_400_000]]);

/** `1h30m` → whole milliseconds; undefined when it is no duration. */
function parseDuration(word: string): number | undefined {
  if (!/^(?:\d{1,12}(?:\.\d{1,9})?(?:ms|[smhd]))+$/.test(word)) return undefined;
  let total = 0;
  for (const [, number, unit] of word.matchAll(/([\d.]+)([a-z]+)/g)) total += Number(number) * unitMs.get(unit!)!;
  return Math.round(total);
}

/** Milliseconds as people write them: `1h30m`. */
export function textOfDuration(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, length] of [...unitMs].reverse()) {
    const count = unit === 'ms' ? rest : Math.floor(rest / length);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * length;
  }
  return parts.join('') || '0s';
}

/** `500ms 0.5s 10s 5m 1h30m 2d` (0 needs no unit) → milliseconds, as timers take them; hence the greatest is 24 days. */
export const duration = ({ min = 0, max = limits.timerMs }: Range = {}): Value<number> =>
  value('DURATION', (word) => {
    const ms = word === '0' ? 0 : parseDuration(word);
    if (ms === undefined) throw new RangeError(`${quote(word)} is no duration, such as 500ms, 10s, 5m, 1h30m or 2d`);
    return inRange(word, ms, { min, max }, textOfDuration);
  });

/** The greatest TTL (RFC 2181 section 8). */
const maxSeconds = 2 ** 31 - 1;

/** Whole seconds, as TTLs are: a bare number, or a duration. */
export const seconds = ({ min = 0, max = maxSeconds }: Range = {}): Value<number> =>
  value('SECONDS', (word) => {
    const number = /^\d{1,16}$/.test(word) ? Number(word) : (parseDuration(word) ?? NaN) / 1000;
    if (Number.isNaN(number)) throw new RangeError(`${quote(word)} is neither a number of seconds nor a duration, such as 10s, 5m or 1h`);
    if (!Number.isInteger(number)) throw new RangeError(`${word} is not a whole number of seconds`);
    return inRange(word, number, { min, max });
  });

const unitBytes = new Map([['', 1], ['B', 1], ['KiB', 2 ** 10], ['MiB', 2 ** 20], ['GiB', 2 ** 30]]);

/** `512 64KiB 1MiB 2GiB` → bytes. */
export const size = ({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {}): Value<number> =>
  value('SIZE', (word) => {
    const [, number, unit = ''] = /^(\d{1,15})([A-Za-z]*)$/.exec(word) ?? [];
    const factor = unitBytes.get(unit);
    if (number === undefined || factor === undefined) throw new RangeError(`${quote(word)} is no size, such as 512, 64KiB, 1MiB or 2GiB`);
    return inRange(word, Number(number) * factor, { min, max });
  });

/** `10%` → 10. */
export const percent = (): Value<number> =>
  value('PERCENT%', (word) => {
    if (!/^\d{1,3}%$/.test(word)) throw new RangeError(`${quote(word)} is no percentage, such as 10%`);
    return inRange(word, Number(word.slice(0, -1)), { min: 0, max: 100 }, (number) => `${number}%`);
  });

/** A network; a bare address is a /32 or /128. */
export const cidr = (): Value<Cidr> => parsed('CIDR', 'network, such as 192.0.2.0/24, 2001:db8::/32 or an address', parseCidr);

export const address = (): Value<Address> => parsed('ADDRESS', 'IP address', parseAddress);

/** `ADDRESS` or `ADDRESS:PORT`. */
export const endpoint = (defaultPort: number): Value<Endpoint> =>
  parsed('ADDRESS', `address, such as 192.0.2.1, 192.0.2.1:${defaultPort} or [2001:db8::1]:${defaultPort}`, (word) => parseEndpoint(word, defaultPort));

/** A domain name. */
export const name = (): Value<Name> => value('NAME', nameFromText);

/** A type of record, `AAAA` or `TYPE28` (RFC 3597 section 5), or `ANY` → its number. */
export const qtype = (): Value<number> => parsed('QTYPE', 'record type, such as A, AAAA or TYPE65', typeNumber);

/** A response code, `NXDOMAIN` → its number. */
export const rcode = (): Value<number> => parsed('RCODE', 'response code, such as SERVFAIL, NXDOMAIN or REFUSED', rcodeNumber);

/** One of these words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words): Value<Words[number]> {
  const read = (word: string): Words[number] => {
    if (words.includes(word)) return word;
    throw new RangeError(`${quote(word)} is not one of ${words.join(', ')}${suggestion(word, words)}`);
  };
  return { syntax: words.join('|'), keywords: words, read };
}

/** A file or directory, made absolute; a relative one counts from the file in which it is written. */
export const path = (): Value<string> =>
  value('PATH', (word, at) => {
    if (word === '' || word.includes('\0')) throw new RangeError(`${quote(word)} is no path`);
    return resolve(dirname(at.file), word);
  });

/** A regular expression that is found anywhere in a text, in time linear in the text's length. */
export interface Regexp {
  readonly source: string;
  test(text: string): boolean;
}

/** RE2 syntax (https://github.com/google/re2/wiki/Syntax), compiled once. */
export const regexp = ({ ignoreCase = false }: { readonly ignoreCase?: boolean } = {}): Value<Regexp> =>
  value('REGEXP', (source) => {
    try {
      const compiled = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
      return { source, test: (subject) => compiled.test(subject) };
    } catch (error) {
      if (!(error instanceof RE2JSSyntaxException)) throw error;
      throw new RangeError(whyNoRegexp(source, error.message));
    }
  });

function whyNoRegexp(source: string, reason: string): string {
  if (/\(\?<?[=!]/.test(source)) return `${quote(source)} looks ahead or behind, which can't be done in linear time; write it without (?= (?! (?<= (?<!`;
  if (/\\(?:[1-9]|k<)/.test(source)) return `${quote(source)} refers back to a group, which can't be done in linear time; write it without`;
  return `${quote(source)} is no regular expression: ${reason.replace('error parsing regexp: ', '')}`;
}

/** An absolute URL of one of these schemes. */
export const url = (...schemes: readonly string[]): Value<URL> => {
  const allowed = schemes.length === 0 ? ['http', 'https'] : schemes;
  return parsed('URL', `URL that begins with ${allowed.map((scheme) => `${scheme}://`).join(' or ')}`, (word) => {
    const result = URL.canParse(word) ? new URL(word) : undefined;
    return result !== undefined && allowed.includes(result.protocol.slice(0, -1)) ? result : undefined;
  });
};
