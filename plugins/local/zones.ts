/** The names that RFCs reserve, and what a server that forwards has to do about them. */
import { parseAddress, parseCidr } from '../../core/address.js';
import { isWithin, nameFromText, parentOf, reverseNameOf, reverseZonesOf, type Name } from '../../core/name.js';
import { createReply, type Reply } from '../../core/reply.js';
import { flag, rcode, type } from '../../core/wire/layout.js';
import { addressBody, emptyZoneSoa, emptyZoneTtl, pointerBody, recordBody } from '../../core/wire/records.js';

/**
 * What is said in a zone:
 * - `loopback`: every name has the loopback's addresses;
 * - `void`: no name exists, the zone's own neither;
 * - `empty`: the zone exists, and nothing below it (RFC 6303 section 3);
 * - `mute`: every name exists, and none has data.
 */
type Kind = 'loopback' | 'void' | 'empty' | 'mute';

interface Special {
  readonly kind: Kind;
  /** Names, or networks whose reverse zones are meant. */
  readonly zones: readonly string[];
  /** What asks for it, for people. */
  readonly source: string;
}

/**
 * Not here: `example` and its sisters, which are to be resolved as any name (RFC 6761 section 6.5), and `ipv4only.arpa`, whose answer belongs to
 * the network behind the upstream: it tells clients of that network's NAT64 (RFC 8880 section 5).
 */
const specials: readonly Special[] = [
  { kind: 'loopback', zones: ['localhost'], source: 'RFC 6761 section 6.3' },
  { kind: 'void', zones: ['test'], source: 'RFC 6761 section 6.2' },
  { kind: 'void', zones: ['invalid'], source: 'RFC 6761 section 6.4' },
  { kind: 'void', zones: ['local'], source: 'RFC 6762 section 22.1' },
  { kind: 'void', zones: ['onion'], source: 'RFC 7686 section 2' },
  { kind: 'empty', zones: ['home.arpa'], source: 'RFC 8375 section 4' },
  { kind: 'mute', zones: ['resolver.arpa'], source: 'RFC 9462 section 8.2' },
  { kind: 'empty', zones: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], source: 'RFC 6303 section 4.1' },
  {
    kind: 'empty', source: 'RFC 6303 section 4.2',
    zones: ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '255.255.255.255'],
  },
  { kind: 'empty', zones: ['::', '::1'], source: 'RFC 6303 section 4.3' },
  { kind: 'empty', zones: ['fd00::/8'], source: 'RFC 6303 section 4.4' },
  { kind: 'empty', zones: ['fe80::/10'], source: 'RFC 6303 section 4.5' },
  { kind: 'empty', zones: ['2001:db8::/32'], source: 'RFC 6303 section 4.6' },
  { kind: 'empty', zones: ['100.64.0.0/10'], source: 'RFC 7793' },
];

const loopback = [parseAddress('127.0.0.1')!, parseAddress('::1')!] as const;
const localhost = nameFromText('localhost');
const arpa = nameFromText('arpa');

/** The zone of a name, or the reverse zones of a network. Throws a RangeError for what is neither. */
export function zonesOf(word: string): readonly Name[] {
  const cidr = parseCidr(word);
  return cidr === undefined ? [nameFromText(word)] : reverseZonesOf(cidr.network, cidr.prefix);
}

/** A zone that is served here. */
export class LocalZone {
  readonly name: Name;
  /** The RFC that asks for it. */
  readonly source: string;
  readonly #kind: Kind;
  readonly #nodata: Reply;
  readonly #nxdomain: Reply;
  /** The names that have records of their own, and those above them up to the zone, by type. */
  readonly #records = new Map<Name, Map<number, Reply>>();

  constructor(name: Name, kind: Kind, source: string) {
    this.name = name;
    this.source = source;
    this.#kind = kind;
    const soa = emptyZoneSoa(name);
    this.#nodata = createReply(rcode.noError, 'local', { flags: flag.aa, authorities: 1, body: soa });
    this.#nxdomain = createReply(rcode.nxDomain, 'local', { flags: flag.aa, authorities: 1, body: soa });
    if (kind === 'void') return;
    if (kind === 'empty') {
      this.#add(name, type.soa, soa);
      this.#add(name, type.ns, recordBody(type.ns, emptyZoneTtl, Buffer.from(name, 'latin1')));
    }
    for (const address of loopback) {
      if (kind === 'loopback') this.#add(name, address.bits === 32 ? type.a : type.aaaa, addressBody([address], emptyZoneTtl));
      else if (isWithin(reverseNameOf(address), name)) this.#add(reverseNameOf(address), type.ptr, pointerBody([localhost], emptyZoneTtl));
    }
  }

  /** The answer; `undefined` for what is the parent zone's to say. */
  answer(name: Name, qtype: number): Reply | undefined {
    // Where the zone is cut off is known above the cut (RFC 4035 section 3.1.4.1), and validating clients ask (RFC 8375 section 4, point 4).
    if (qtype === type.ds && name === this.name && isWithin(name, arpa)) return undefined;
    const records = this.#records.get(this.#kind === 'loopback' ? this.name : name);
    if (records === undefined) return this.#kind === 'mute' ? this.#nodata : this.#nxdomain;
    return records.get(qtype) ?? this.#nodata;
  }

  #add(owner: Name, rrType: number, body: Buffer): void {
    for (let name: Name | undefined = owner; name !== undefined && isWithin(name, this.name); name = parentOf(name)) {
      if (!this.#records.has(name)) this.#records.set(name, new Map());
    }
    this.#records.get(owner)!.set(rrType, createReply(rcode.noError, 'local', { flags: flag.aa, answers: 1, body }));
  }
}

/** All of them, by name. */
export function localZones(): ReadonlyMap<Name, LocalZone> {
  const all = specials.flatMap(({ kind, zones, source }) => zones.flatMap(zonesOf).map((name) => new LocalZone(name, kind, source)));
  return new Map(all.map((zone) => [zone.name, zone]));
}
