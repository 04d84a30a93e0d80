/** Names and addresses of the administrator's own: answered at once, and by nobody else. */
import { parseAddress, type Address } from '../../core/address.js';
import { isNameText, nameFromText, reverseNameOf, textOfName, type Name } from '../../core/name.js';
import { createReply, type Reply } from '../../core/reply.js';
import { flag, rcode, type } from '../../core/wire/layout.js';
import { addressBody, denialSoa, pointerBody } from '../../core/wire/records.js';

/** One record, and where it was read. */
export interface StaticRecord {
  readonly name: Name;
  readonly address: Address;
  readonly file: string;
  readonly line: number;
}

/** What a file's text says, line by line. */
export interface StaticFile {
  readonly records: readonly StaticRecord[];
  /** `FILE:LINE: what is wrong`, for every line that was skipped. */
  readonly errors: readonly string[];
}

/**
 * Reads `NAME ADDRESS…` lines, or `ADDRESS NAME…` as in a hosts file; each line tells by its first word. `#` begins a comment.
 */
export function readStaticFile(file: string, text: string): StaticFile {
  const records: StaticRecord[] = [];
  const errors: string[] = [];
  for (const [i, raw] of text.replace(/^\uFEFF/, '').split(/\r?\n/).entries()) {
    const words = raw.replace(/#.*/, '').split(/\s+/).filter((word) => word !== '');
    if (words.length === 0) continue;
    const problem = readLine(words, (name, address) => records.push({ name, address, file, line: i + 1 }));
    if (problem !== undefined) errors.push(`${file}:${i + 1}: ${problem}`);
  }
  return { records, errors };
}

/** Hands on the records of a line, or returns what is wrong with it; then it hands on none. */
function readLine(words: readonly string[], add: (name: Name, address: Address) => void): string | undefined {
  const [first = '', ...rest] = words;
  const hostsOrder = parseAddress(first) !== undefined;
  const names = hostsOrder ? rest : [first];
  const addresses = hostsOrder ? [first] : rest;
  if (rest.length === 0) return `'${first}' stands alone; expected NAME ADDRESS, or ADDRESS NAME`;
  const badAddress = addresses.find((word) => parseAddress(word) === undefined);
  if (badAddress !== undefined) return `'${badAddress}' is no address`;
  const badName = names.find((word) => !isNameText(word));
  if (badName !== undefined) return `'${badName}' is no domain name`;
  for (const name of names) for (const address of addresses) add(nameFromText(name), parseAddress(address)!);
  return undefined;
}

/** All answers, made once: what a query costs is one look-up. */
export class StaticTable {
  readonly #byName = new Map<Name, ReadonlyMap<number, Reply>>();
  readonly #nodata: Reply;
  readonly #sources = new Map<Name, StaticRecord>();

  /**
   * @param ttl of every record, in seconds
   * @param ptr whether every address answers for its name
   */
  constructor(records: readonly StaticRecord[], ttl: number, ptr: boolean) {
    this.#nodata = createReply(rcode.noError, 'static', { flags: flag.aa, authorities: 1, body: denialSoa(ttl) });
    const addresses = new Map<Name, Address[]>();
    const pointers = new Map<Name, Name[]>();
    for (const record of records) {
      add(addresses, record.name, record.address, (a, b) => a.text === b.text);
      if (!this.#sources.has(record.name)) this.#sources.set(record.name, record);
      if (!ptr) continue;
      const reverse = reverseNameOf(record.address);
      add(pointers, reverse, record.name, (a, b) => a === b);
      if (!this.#sources.has(reverse)) this.#sources.set(reverse, record);
    }
    for (const [name, list] of addresses) this.#byName.set(name, addressReplies(list, ttl));
    for (const [name, names] of pointers) {
      const reply = createReply(rcode.noError, 'static', { flags: flag.aa, answers: names.length, body: pointerBody(names, ttl) });
      this.#byName.set(name, new Map([...(this.#byName.get(name) ?? []), [type.ptr, reply]]));
    }
  }

  /** The answer, empty for another type of a known name; `undefined` for a name that is not here. */
  find(name: Name, qtype: number): Reply | undefined {
    const replies = this.#byName.get(name);
    return replies && (replies.get(qtype) ?? this.#nodata);
  }

  /** Where a name was first read, for people. */
  sourceOf(name: Name): string | undefined {
    const record = this.#sources.get(name);
    return record && `${record.file}:${record.line} (${textOfName(record.name)} ${record.address.text})`;
  }

  get size(): number {
    return this.#byName.size;
  }
}

function add<Key, Value>(table: Map<Key, Value[]>, key: Key, value: Value, equal: (a: Value, b: Value) => boolean): void {
  const list = table.get(key);
  if (list === undefined) table.set(key, [value]);
  else if (!list.some((known) => equal(known, value))) list.push(value);
}

function addressReplies(addresses: readonly Address[], ttl: number): Map<number, Reply> {
  const replies = new Map<number, Reply>();
  for (const [qtype, bits] of [[type.a, 32], [type.aaaa, 128]] as const) {
    const own = addresses.filter((address) => address.bits === bits);
    if (own.length > 0) replies.set(qtype, createReply(rcode.noError, 'static', { flags: flag.aa, answers: own.length, body: addressBody(own, ttl) }));
  }
  return replies;
}
