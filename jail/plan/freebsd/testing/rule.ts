/** Rules of ipfw(8), read as its manual writes them (RULE FORMAT), as far as ours go; whatever else there is, is a mistake. */
import { parseAddress, parseCidr } from '../../../../core/address.js';

export interface Rule {
  readonly number: number;
  readonly set: number;
  readonly action: string;
  /** `nat 1`, `fwd 192.0.2.1`, `skipto 40`, `unreach port` */
  readonly argument?: string;
  readonly protocol: string;
  readonly from: End;
  readonly to: End;
  readonly options: readonly Option[];
}

export interface End {
  readonly not: boolean;
  /** `any`, `me`, `table(x)`, an address or a network. */
  readonly what: string;
  readonly ports: readonly string[];
}

export interface Option {
  readonly not: boolean;
  readonly name: string;
  readonly value?: string;
}

const bare = new Set(['allow', 'deny', 'reset', 'reass']);
const withArgument: Readonly<Record<string, (word: string) => boolean>> = {
  nat: (word) => /^\d+$/.test(word), fwd: (word) => parseAddress(word) !== undefined, skipto: (word) => /^\d+$/.test(word),
  unreach: (word) => ['port', 'host', 'net', 'filter-prohib'].includes(word),
};
const protocols = new Set(['ip', 'ip6', 'tcp', 'udp', 'icmp', 'gre']);
const bareOptions = new Set(['in', 'out', 'verrevpath']);
const valued = new Set(['recv', 'xmit', 'via', 'icmptypes', 'dst-ip']);

class Words {
  constructor(words: readonly string[]) {
    this.#words = [...words];
  }
  readonly #words: string[];
  next(): string {
    const word = this.#words.shift();
    if (word === undefined) throw new Error('the rule ends too soon');
    return word;
  }
  take(word: string): boolean {
    if (this.#words[0] !== word) return false;
    this.#words.shift();
    return true;
  }
  must(word: string): void {
    if (!this.take(word)) throw new Error(`expected '${word}', not '${this.#words[0] ?? ''}'`);
  }
  peek(): string | undefined {
    return this.#words[0];
  }
}

/** Reads what stands behind `add`. Throws an Error that says what is wrong. */
export function parseRule(list: readonly string[]): Rule {
  const words = new Words(list);
  const number = Number(words.next());
  if (!(number >= 1 && number <= 65_534)) throw new Error('a rule has a number from 1 to 65534');
  const set = words.take('set') ? Number(words.next()) : 0;
  if (!(set >= 0 && set <= 31)) throw new Error('a set has a number from 0 to 31');
  const action = words.next();
  const check = withArgument[action];
  if (check === undefined && !bare.has(action)) throw new Error(`no action: ${action}`);
  const argument = check === undefined ? undefined : words.next();
  if (argument !== undefined && check?.(argument) !== true) throw new Error(`${action} ${argument}`);
  words.take('log');
  const protocol = words.next();
  if (!protocols.has(protocol)) throw new Error(`no protocol: ${protocol}`);
  words.must('from');
  const from = parseEnd(words, protocol);
  words.must('to');
  const to = parseEnd(words, protocol);
  const options = parseOptions(words);
  return { number, set, action, ...(argument !== undefined && { argument }), protocol, from, to, options };
}

function parseEnd(words: Words, protocol: string): End {
  const not = words.take('not');
  const what = words.next();
  if (!/^(any|me|table\([\w-]+\))$/.test(what) && parseCidr(what) === undefined) throw new Error(`no address: ${what}`);
  const ports = /^\d+(,\d+)*$/.test(words.peek() ?? '') ? words.next().split(',') : [];
  if (ports.length > 0 && protocol !== 'tcp' && protocol !== 'udp') throw new Error(`${protocol} has no ports`);
  return { not, what, ports };
}

function parseOptions(words: Words): Option[] {
  const options: Option[] = [];
  while (words.peek() !== undefined) {
    const not = words.take('not');
    const name = words.next();
    if (!bareOptions.has(name) && !valued.has(name)) throw new Error(`no option: ${name}`);
    options.push({ not, name, ...(valued.has(name) && { value: words.next() }) });
  }
  const names = options.filter(({ not }) => !not).map(({ name }) => name);
  // "out is required (and in is invalid) whenever xmit is used."
  if (options.some(({ name }) => name === 'xmit') && !names.includes('out')) throw new Error('xmit without out');
  if (names.includes('in') && names.includes('out')) throw new Error('in and out');
  return options;
}

/** Tables that a rule names, and of what type they must be. */
export const tablesOf = ({ from, to, options }: Rule): readonly { readonly name: string; readonly type: string }[] => [
  ...[from.what, to.what].map((what) => ({ what, type: 'addr' })),
  ...options.map(({ name, value = '' }) => ({ what: value, type: name === 'dst-ip' ? 'addr' : 'iface' })),
].flatMap(({ what, type }) => {
  const name = /^table\((.+)\)$/.exec(what)?.[1];
  return name === undefined ? [] : { name, type };
});
