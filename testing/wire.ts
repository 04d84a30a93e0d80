/** DNS messages octet by octet, for tests: what no encoder would let through, and records as a zone file has them. */
import { parseAddress } from '../core/address.js';
import { classNumber, typeNumber } from '../core/wire/types.js';

/** The parts of a message; what is left out is empty. */
export interface WireMessage {
  readonly id?: number;
  /** All 16 bits; default RD. */
  readonly flags?: number;
  readonly questions?: readonly Buffer[];
  readonly answers?: readonly Buffer[];
  readonly authorities?: readonly Buffer[];
  readonly additionals?: readonly Buffer[];
  /** What the header claims the four sections to hold, when it is to lie. */
  readonly counts?: readonly [number, number, number, number];
  /** Octets behind the last record. */
  readonly trailing?: Buffer;
}

export const uint16 = (value: number): Buffer => Buffer.of((value >> 8) & 255, value & 255);

export const uint32 = (value: number): Buffer => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
};

/** Puts a message together, true or not. */
export function wireMessage({ id = 0x1234, flags = 0x0100, trailing = Buffer.alloc(0), ...sections }: WireMessage): Buffer {
  const parts = [sections.questions ?? [], sections.answers ?? [], sections.authorities ?? [], sections.additionals ?? []];
  const counts = sections.counts ?? parts.map(({ length }) => length);
  return Buffer.concat([uint16(id), uint16(flags), ...counts.map(uint16), ...parts.flat(), trailing]);
}

/** Labels as they are, of any octets and any length, and the root behind them. */
export const wireLabels = (...labels: readonly (string | Buffer)[]): Buffer => Buffer.concat([
  ...labels.map((label) => Buffer.concat([Buffer.of(label.length & 255), typeof label === 'string' ? Buffer.from(label, 'latin1') : label])),
  Buffer.of(0),
]);

/** A name in the case in which it is written; `\.` and `\DDD` are one octet (RFC 1035 section 5.1). The final dot may be left out. */
export function wireName(text: string): Buffer {
  const labels = [...text.matchAll(/(?:\\\d{3}|\\.|[^.\\])+/g)].map(([label]) => unescape(label));
  return wireLabels(...labels);
}

const unescape = (text: string): Buffer =>
  Buffer.from(text.replace(/\\(\d{3}|.)/g, (_, what: string) => (what.length === 3 ? String.fromCharCode(Number(what)) : what)), 'latin1');

/** A question. @param name as people write it, or its octets */
export function wireQuestion(name: string | Buffer, type: number | string = 1, qclass: number | string = 1): Buffer {
  const number = typeof qclass === 'number' ? qclass : classNumber(qclass);
  if (number === undefined) throw new RangeError(`'${qclass}' is no class`);
  return Buffer.concat([typeof name === 'string' ? wireName(name) : name, uint16(numberOfType(type)), uint16(number)]);
}

/** What a record says beside its data. */
export interface WireRecordOptions {
  readonly ttl?: number;
  readonly class?: number;
  /** Where the length lies. */
  readonly rdlength?: number;
}

/** A pointer to the question's name. */
export const toQuestion = Buffer.of(0xc0, 12);

/** A record of any data. @param owner as people write it, or its octets */
export function wireRecord(owner: string | Buffer, type: number | string, rdata: Buffer, options: WireRecordOptions = {}): Buffer {
  const { ttl = 300, class: rrClass = 1, rdlength = rdata.length } = options;
  const name = typeof owner === 'string' ? wireName(owner) : owner;
  return Buffer.concat([name, uint16(numberOfType(type)), uint16(rrClass), uint32(ttl), uint16(rdlength), rdata]);
}

/** An OPT record with these options. */
export const wireOpt = (options: readonly Buffer[] = [], { size = 1232, ttl = 0, rdlength }: { size?: number; ttl?: number; rdlength?: number } = {}): Buffer =>
  wireRecord(Buffer.of(0), 41, Buffer.concat(options), { class: size, ttl, ...(rdlength !== undefined && { rdlength }) });

/** An option of an OPT record. @param length where it lies */
export const wireOption = (code: number, data: Buffer = Buffer.alloc(0), length: number = data.length): Buffer =>
  Buffer.concat([uint16(code), uint16(length), data]);

function numberOfType(type: number | string): number {
  const number = typeof type === 'number' ? type : typeNumber(type);
  if (number === undefined) throw new RangeError(`'${type}' is no type of record`);
  return number;
}

/**
 * A record as a zone file has it: `www.example.org. 300 IN A 192.0.2.1`. Data of types without a form of their own here is written as
 * `\# LENGTH HEX` (RFC 3597 section 5). Throws a RangeError that says what is wrong.
 */
export function recordFromText(text: string): Buffer {
  const [owner = '', ttl = '', rrClass = '', type = '', ...data] = text.trim().match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  const seconds = /^\d+$/.test(ttl) ? Number(ttl) : -1;
  if (!owner.endsWith('.') || seconds < 0 || seconds > 0xffff_ffff || classNumber(rrClass) === undefined || data.length === 0) {
    throw new RangeError(`'${text.trim()}' is no record; expected NAME. TTL IN TYPE DATA`);
  }
  return wireRecord(owner, type, rdataOf(type.toUpperCase(), data, text), { ttl: seconds, class: classNumber(rrClass)! });
}

function rdataOf(type: string, words: readonly string[], text: string): Buffer {
  const bad = (): RangeError => new RangeError(`'${words.join(' ')}' is no data of ${type}, in '${text.trim()}'`);
  const numberAt = (i: number, width: (value: number) => Buffer): Buffer => {
    if (!/^\d+$/.test(words[i] ?? '')) throw bad();
    return width(Number(words[i]));
  };
  const nameAt = (i: number): Buffer => {
    if (!words[i]?.endsWith('.')) throw bad();
    return wireName(words[i]);
  };
  if (words[0] === '\\#') return Buffer.from(words.slice(2).join(''), 'hex');
  switch (type) {
    case 'A':
    case 'AAAA': {
      const octets = addressData(type, words[0]!);
      if (octets === undefined) throw bad();
      return octets;
    }
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'DNAME':
      return nameAt(0);
    case 'MX':
      return Buffer.concat([numberAt(0, uint16), nameAt(1)]);
    case 'SRV':
      return Buffer.concat([numberAt(0, uint16), numberAt(1, uint16), numberAt(2, uint16), nameAt(3)]);
    case 'SOA':
      return Buffer.concat([nameAt(0), nameAt(1), ...[2, 3, 4, 5, 6].map((i) => numberAt(i, uint32))]);
    case 'TXT':
      return Buffer.concat(words.map((word) => {
        const octets = unescape(word.replace(/^"(.*)"$/, '$1'));
        return Buffer.concat([Buffer.of(octets.length), octets]);
      }));
    default:
      throw bad();
  }
}

function addressData(type: 'A' | 'AAAA', text: string): Buffer | undefined {
  const address = parseAddress(text);
  const isColoned = text.includes(':');
  if (address === undefined || isColoned !== (type === 'AAAA')) return undefined;
  // An IPv4-mapped address is its IPv4 form to the server; as AAAA data it has 16 octets.
  return isColoned && address.bits === 32 ? Buffer.concat([Buffer.from('00000000000000000000ffff', 'hex'), address.octets]) : Buffer.from(address.octets);
}
