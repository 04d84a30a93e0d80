/**
 * Packets on their way through a stack, as ipfw(8) judges and libalias(3) translates them: so that rules can be tried where no FreeBSD is. With
 * `one_pass` off: what was translated goes on to the next rule.
 */
import { contains, parseAddress, parseCidr, type Address } from '../../../../core/address.js';
import type { End, Option, Rule } from './rule.js';
import type { Stack } from './state.js';

export interface Packet {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'gre';
  readonly from: string;
  readonly to: string;
  /** Ports; of ICMP the first is the identifier of an echo. */
  readonly ports: readonly [from: number, to: number];
  readonly icmpType?: number;
}

/** What becomes of a packet. */
export type Fate =
  | { readonly kind: 'leaves'; readonly by: string; readonly packet: Packet }
  | { readonly kind: 'arrives'; readonly packet: Packet }
  | { readonly kind: 'dropped' | 'refused' | 'unroutable' };

interface Link {
  readonly nat: string;
  readonly protocol: string;
  readonly inside: string;
  readonly outside: string;
  readonly alias: string;
}

type Way = { readonly recv?: string; readonly xmit?: string };

/** A stack with the flows that its translations know. */
export class Passage {
  constructor(stack: Stack) {
    this.#stack = stack;
  }
  readonly #stack: Stack;
  readonly #links: Link[] = [];

  /** A packet that comes in by an interface. */
  receive(recv: string, packet: Packet): Fate {
    const judged = this.#judge(packet, { recv });
    if (judged.kind !== 'passes') return judged;
    if (this.#stack.has(judged.packet.to)) return { kind: 'arrives', packet: judged.packet };
    return this.#leave(judged.packet, judged.next, recv);
  }

  /** A packet of a program in this stack. */
  send(packet: Packet): Fate {
    return this.#leave(packet, undefined, undefined);
  }

  #leave(packet: Packet, next: string | undefined, recv: string | undefined): Fate {
    const route = this.#stack.routeTo(parseAddress(next ?? packet.to)!);
    if (route === undefined || route.isRejected) return { kind: 'unroutable' };
    const judged = this.#judge(packet, { ...(recv !== undefined && { recv }), xmit: route.interface });
    return judged.kind === 'passes' ? { kind: 'leaves', by: route.interface, packet: judged.packet } : judged;
  }

  #judge(first: Packet, way: Way): { readonly kind: 'passes'; readonly packet: Packet; readonly next?: string } | { readonly kind: 'dropped' | 'refused' } {
    let packet = first;
    let from = 0;
    for (const rule of this.#stack.rules) {
      if (rule.number < from || !this.#matches(rule, packet, way)) continue;
      if (rule.action === 'allow') return { kind: 'passes', packet };
      if (rule.action === 'fwd') return { kind: 'passes', packet, next: rule.argument! };
      if (rule.action === 'deny') return { kind: 'dropped' };
      if (rule.action === 'reset' || rule.action === 'unreach') return { kind: 'refused' };
      if (rule.action === 'skipto') from = Number(rule.argument);
      if (rule.action !== 'nat') continue;
      const translated = this.#translate(rule.argument!, packet, way.xmit === undefined);
      if (translated === undefined) return { kind: 'dropped' };
      packet = translated;
    }
    // The default of a host on which vpnjail has loaded ipfw; in a VPN's jail a rule of its own stands before it.
    return { kind: 'passes', packet };
  }

  #matches({ protocol, from, to, options }: Rule, packet: Packet, way: Way): boolean {
    if (protocol !== 'ip' && protocol !== packet.protocol) return false;
    return this.#isAt(from, packet.from, packet.ports[0]) && this.#isAt(to, packet.to, packet.ports[1])
      && options.every((option) => this.#fits(option, packet, way) !== option.not);
  }

  #isAt({ not, what, ports }: End, address: string, port: number): boolean {
    return this.#isAddress(what, parseAddress(address)!) !== not && (ports.length === 0 || ports.includes(String(port)));
  }

  #isAddress(what: string, address: Address): boolean {
    const table = /^table\((.+)\)$/.exec(what)?.[1];
    if (table !== undefined) return [...this.#stack.tables.get(table)!.entries].some((entry) => contains(parseCidr(entry)!, address));
    return what === 'any' || (what === 'me' ? this.#stack.has(address.text) : contains(parseCidr(what)!, address));
  }

  #fits({ name, value = '' }: Option, packet: Packet, { recv, xmit }: Way): boolean {
    const table = /^table\((.+)\)$/.exec(value)?.[1];
    const names = table === undefined ? new Set([value]) : this.#stack.tables.get(table)!.entries;
    const isOne = (own: string | undefined): boolean => own !== undefined && names.has(own);
    switch (name) {
      case 'in': return xmit === undefined;
      case 'out': return xmit !== undefined;
      case 'recv': return isOne(recv);
      case 'xmit': return isOne(xmit);
      case 'via': return isOne(xmit ?? recv);
      case 'icmptypes': return value.split(',').includes(String(packet.icmpType));
      case 'dst-ip': return this.#isAddress(value, parseAddress(packet.to)!);
      default: return this.#stack.routeTo(parseAddress(packet.from)!)?.interface === recv; // verrevpath
    }
  }

  /** Undefined for a packet that is refused. */
  #translate(nat: string, packet: Packet, isIncoming: boolean): Packet | undefined {
    const config = this.#stack.nats.get(nat);
    if (config === undefined) return undefined;
    return isIncoming ? this.#comesIn(nat, config, packet) : this.#goesOut(nat, config, packet);
  }

  #comesIn(nat: string, config: readonly string[], packet: Packet): Packet | undefined {
    const [source, target] = ends(packet);
    const known = this.#links.find((link) => link.nat === nat && link.protocol === packet.protocol && link.alias === target && link.outside === source);
    if (known !== undefined) return withEnds(packet, source, known.inside);
    const leads = redirects(config, this.#aliasOf(config));
    const inside = leads.get(`${packet.protocol} ${target}`) ?? leads.get(packet.protocol);
    if (inside === undefined) return config.includes('deny_in') ? undefined : packet;
    const end = inside.includes(':') ? inside : `${inside}:${packet.ports[1]}`;
    this.#links.push({ nat, protocol: packet.protocol, inside: end, outside: source, alias: target });
    return withEnds(packet, source, end);
  }

  #goesOut(nat: string, config: readonly string[], packet: Packet): Packet {
    const [source, target] = ends(packet);
    const known = this.#links.find((link) => link.nat === nat && link.protocol === packet.protocol && link.inside === source && link.outside === target);
    const alias = known?.alias ?? `${this.#aliasOf(config)}:${packet.ports[0]}`;
    if (known === undefined) this.#links.push({ nat, protocol: packet.protocol, inside: source, outside: target, alias });
    return withEnds(packet, alias, target);
  }

  #aliasOf([kind, where = '']: readonly string[]): string {
    return kind === 'ip' ? where : this.#stack.interfaces.get(where)?.addresses[0]?.address ?? '0.0.0.0';
  }
}

/** An echo has one identifier, whoever asks. */
const ends = ({ from, to, ports: [near, far], protocol }: Packet): readonly [string, string] =>
  (protocol === 'icmp' ? [`${from}:${near}`, `${to}:${near}`] : [`${from}:${near}`, `${to}:${far}`]);

function withEnds(packet: Packet, source: string, target: string): Packet {
  const [[from = '', near = ''], [to = '', far = '']] = [source.split(':'), target.split(':')];
  return { ...packet, from, to, ports: packet.protocol === 'icmp' ? packet.ports : [Number(near), Number(far)] };
}

/** From `PROTOCOL ADDRESS:PORT`, or a protocol, to where it leads. */
function redirects(config: readonly string[], alias: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [i, word] of config.entries()) {
    const [protocol = '', target = '', asked = ''] = config.slice(i + 1);
    if (word === 'redirect_port') found.set(`${protocol} ${asked.includes(':') ? asked : `${alias}:${asked}`}`, target);
    if (word === 'redirect_proto') found.set(protocol, target);
  }
  return found;
}
