/**
 * Response policy zones (draft-vixie-dnsop-dns-rpz): in a zone file (RFC 1035 section 5) `name CNAME .` blocks a name, `*.name CNAME .` all
 * below it, and `CNAME rpz-passthru.` allows it. Owners are relative to the zone, or end with its name.
 */
import { below, itself } from '../../../core/lists/name-table.js';
import { code, skipBlanks, textOf, wordEnd } from './bytes.js';
import type { EntryReader, ParserFactory } from './entries.js';
import { leadsNowhere } from './hosts.js';

const [quote, semicolon, opening, closing, dollar] = ['"', ';', '(', ')', '$'].map(code);

export const rpzParser: ParserFactory = (reader) => {
  const file = new ZoneFile(reader);
  return (bytes, start, end) => file.read(bytes, start, end);
};

/** What a record does to the names of its owner. */
type Policy = 'block' | 'allow' | 'rewrite';

/** The targets of a CNAME that are policies; any other rewrites the answer. */
const targets: ReadonlyMap<string, Policy> = new Map([['.', 'block'], ['*.', 'block'], ['rpz-drop.', 'block'], ['rpz-passthru.', 'allow']]);

const isClass = (word: string): boolean => word === 'IN' || word === 'CH' || word === 'HS';
const isTtl = (word: string): boolean => /^\d/.test(word);

/** The state that goes from line to line of a zone file. Its names are texts in lower case without the final dot. */
class ZoneFile {
  readonly #reader: EntryReader;
  /** Open parentheses: the lines inside continue a record. */
  #depth = 0;
  /** The name of the zone, once known. */
  #apex: string | undefined;
  /** What relative names are relative to; the zone itself when the file does not say. */
  #origin: string | undefined;
  #owner = '';

  constructor(reader: EntryReader) {
    this.#reader = reader;
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    const continued = this.#depth > 0;
    const last = this.#contentEnd(bytes, start, end);
    const first = skipBlanks(bytes, start, last);
    if (continued || first === last) return;
    if (bytes[start] === dollar) this.#readControl(textOf(bytes, start, last).trim().split(/\s+/));
    else this.#readRecord(bytes, start, last);
  }

  /** Where a comment or the line ends; counts the parentheses that stand outside of quotes. */
  #contentEnd(bytes: Uint8Array, start: number, end: number): number {
    let quoted = false;
    for (let i = start; i < end; i++) {
      const octet = bytes[i];
      if (octet === quote) quoted = !quoted;
      else if (quoted) continue;
      else if (octet === semicolon) return i;
      else if (octet === opening) this.#depth++;
      else if (octet === closing) this.#depth = Math.max(0, this.#depth - 1);
    }
    return end;
  }

  #readControl([control = '', value = '']: string[]): void {
    if (control.toUpperCase() === '$ORIGIN') {
      this.#origin = this.#absolute(value);
      // Until the SOA says it, the first origin is the zone's.
      if (this.#origin !== '') this.#apex ??= this.#origin;
    } else if (control.toUpperCase() !== '$TTL') {
      this.#reader.sink.bad('the only controls that may stand in a list are $ORIGIN and $TTL');
    }
  }

  /** `[owner] [TTL] [class] type data`; without an owner, that of the record before. */
  #readRecord(bytes: Uint8Array, start: number, end: number): void {
    const ownerEnd = wordEnd(bytes, start, end);
    if (ownerEnd > start) this.#owner = textOf(bytes, start, ownerEnd).toLowerCase();
    let type = '';
    let typeEnd = ownerEnd;
    do {
      const word = skipBlanks(bytes, typeEnd, end);
      typeEnd = wordEnd(bytes, word, end);
      type = textOf(bytes, word, typeEnd).toUpperCase();
    } while (isClass(type) || isTtl(type));
    const data = skipBlanks(bytes, typeEnd, end);
    if (data === end) return this.#reader.sink.bad('a record was expected, as in: name CNAME .');
    if (type === 'SOA') this.#apex = this.#absolute(this.#owner) || this.#apex;
    const policy = policyOf(type, textOf(bytes, data, wordEnd(bytes, data, end)).toLowerCase());
    if (policy === 'rewrite') this.#reader.sink.bad('it rewrites answers and does not block');
    else if (policy !== undefined) this.#take(policy === 'allow');
  }

  /** Hands on the name that the owner stands for. */
  #take(allow: boolean): void {
    const name = this.#withoutApex(this.#owner);
    if (name === undefined) return;
    if (/(^|\.)rpz-[a-z-]+$/.test(name)) return this.#reader.sink.bad('it is about addresses or name servers and not about a name');
    const bytes = Buffer.from(name, 'latin1');
    this.#reader.pattern(bytes, 0, bytes.length, itself, below, allow);
  }

  /** The absolute form of a name in the file; the empty text for the root, and for what is relative to an unknown zone. */
  #absolute(name: string): string {
    const text = name.toLowerCase();
    if (text.endsWith('.')) return text.slice(0, -1);
    if (text === '@') return this.#origin ?? '';
    return this.#origin ? `${text}.${this.#origin}` : this.#origin === undefined ? '' : text;
  }

  /** An owner without the zone's name; `undefined` for the zone itself. */
  #withoutApex(owner: string): string | undefined {
    if (owner === '@' || owner === '') return undefined;
    if (!owner.endsWith('.') && this.#origin === this.#apex) return owner;
    const absolute = this.#absolute(owner) || owner;
    if (absolute === this.#apex) return undefined;
    return this.#apex !== undefined && absolute.endsWith(`.${this.#apex}`) ? absolute.slice(0, -this.#apex.length - 1) : absolute;
  }
}

/** What a record does to the names of its owner; `undefined` for those that are no policy (SOA, NS, TXT …). */
function policyOf(type: string, data: string): Policy | undefined {
  if (type === 'CNAME') return targets.get(data) ?? 'rewrite';
  if (type !== 'A' && type !== 'AAAA') return undefined;
  return leadsNowhere(Buffer.from(data, 'latin1'), 0, data.length) ? 'block' : 'rewrite';
}
