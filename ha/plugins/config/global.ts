/** The file that all sites share: who they are, what each can run, and who is to have what. */
import { addressOfOctets, contains, parseCidr, type Address } from '../../../core/address.js';
import { hint, quote } from '../../../core/corefile/wording.js';
import { at as textOfPosition, type Position } from '../../../core/errors.js';
import type { Findings, Yaml, YamlText } from '../../../core/yaml.js';
import { entriesOf, Fields, textsOf } from './fields.js';
import type { LocalVpn, SiteEntry } from '../../settings.js';

/** A site, with what is needed to make the addresses of its VPNs. */
export interface Site extends SiteEntry {
  readonly at: Position;
  readonly numbers: readonly { readonly number: number; readonly at: Position }[];
  readonly localBase: Address;
}

export interface Global {
  /** Where the sites stand. */
  readonly at: Position;
  /** Of all sites, even of those that can't be used. */
  readonly names: readonly string[];
  readonly sites: readonly Site[];
  readonly priorities: ReadonlyMap<string, readonly string[]>;
  readonly anycastBase: Address | undefined;
}

/** Whoever has more sessions than that has them elsewhere. */
const numberMax = 65_535;

/** A VPN's number is its name. */
export const idOf = (number: number): string => `dynvpn${number}`;

/** Reads the tree; every mistake and warning goes to `findings`. */
export function readGlobal(tree: Yaml, findings: Findings): Global {
  const file = new Fields(tree, 'the global file', ['sites', 'replica_priority', 'vpn_anycast_addr_base'], findings, {
    anycast_addr: 'is of an older dynvpn and has no effect; addresses are vpn_anycast_addr_base plus the number of the VPN',
  });
  const anycastBase = file.address('vpn_anycast_addr_base');
  const entries = entriesOf(file.tree('sites'), 'sites', findings);
  if (entries.length === 0) findings.mistake(file.placeOf('sites'), 'there are no sites in it');
  const sites = entries.flatMap(([name, value]) => readSite(name, value, findings) ?? []);
  checkSites(sites, findings);
  const names = entries.map(([name]) => name.text);
  return { at: file.placeOf('sites'), names, sites, priorities: readPriorities(file.tree('replica_priority'), names, sites, findings), anycastBase };
}

function readSite({ text: id, at }: YamlText, tree: Yaml, findings: Findings): Site | undefined {
  const keys = ['peer_addr', 'peer_port', 'gateway_addr', 'vpn_local_addr_base', 'vpn'] as const;
  const site = new Fields(tree, `the site ${id}`, keys, findings);
  const [address, port] = [site.address('peer_addr'), site.port('peer_port')];
  const [gateway, localBase] = [site.address('gateway_addr'), site.address('vpn_local_addr_base')];
  const numbers = textsOf(site.tree('vpn'), `${id}: vpn`, findings).flatMap((item) => readNumber(item, findings) ?? []);
  for (const [i, { number, at: place }] of numbers.entries()) {
    if (numbers.findIndex((each) => each.number === number) < i) findings.mistake(place, `${id}: ${number} stands here twice`);
  }
  if (address === undefined || port === undefined || gateway === undefined || localBase === undefined) return undefined;
  return { id, at, peer: { address, port }, gateway, localBase, numbers, vpns: numbers.map(({ number }) => idOf(number)) };
}

/** `3` and `dynvpn3` are the same. */
function readNumber({ text, at }: YamlText, findings: Findings): Site['numbers'][number] | undefined {
  const [, digits] = /^(?:dynvpn)?(\d{1,5})$/.exec(text) ?? [];
  if (digits !== undefined && Number(digits) <= numberMax) return { number: Number(digits), at };
  return findings.mistake(at, `${quote(text)} is no number of a VPN, from 0 to ${numberMax}`);
}

/** Two sites can't listen at one place. */
function checkSites(sites: readonly Site[], findings: Findings): void {
  const seen = new Map<string, Site>();
  for (const site of sites) {
    const key = `${site.peer.address.text} ${site.peer.port}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, site);
    else findings.mistake(site.at, `${site.id} has the peer_addr and peer_port of ${first.id}, at ${textOfPosition(first.at)}`);
  }
}

function readPriorities(tree: Yaml | undefined, names: readonly string[], sites: readonly Site[], findings: Findings): Map<string, readonly string[]> {
  const priorities = new Map<string, readonly string[]>();
  const known = [...new Set(sites.flatMap(({ vpns }) => vpns))];
  for (const [key, list] of entriesOf(tree, 'replica_priority', findings)) {
    const vpn = key.text;
    if (!known.includes(vpn)) findings.warn(key.at, `replica_priority: no site has a VPN ${quote(vpn)}${hint(vpn, known)}; the list has no effect`);
    const seen = new Set<string>();
    for (const { text, at } of textsOf(list, vpn, findings)) {
      const lacksIt = known.includes(vpn) && sites.some(({ id, vpns }) => id === text && !vpns.includes(vpn));
      if (!names.includes(text)) findings.mistake(at, `${vpn}: there is no site ${quote(text)}${hint(text, names)}`);
      else if (seen.has(text)) findings.mistake(at, `${vpn}: ${text} stands here twice`);
      else if (lacksIt) findings.warn(at, `${text} is in the list of ${vpn}, but has no such VPN`);
      seen.add(text);
    }
    priorities.set(vpn, [...seen]);
  }
  return priorities;
}

/** The VPNs of a site with their addresses. One without a list of priorities is worth a warning. */
export function vpnsOf(site: Site, { anycastBase, priorities }: Global, findings: Findings): LocalVpn[] {
  return site.numbers.flatMap(({ number, at }) => {
    const id = idOf(number);
    const local = plus(site.localBase, number);
    const anycast = anycastBase && plus(anycastBase, number);
    const leaves = (key: string, base: Address): void =>
      findings.mistake(at, `${id}: ${key} ${base.text} + ${number} leaves the /${prefixOf(base)} of that address`);
    if (local === undefined) leaves('vpn_local_addr_base', site.localBase);
    if (anycastBase !== undefined && anycast === undefined) leaves('vpn_anycast_addr_base', anycastBase);
    if ((priorities.get(id) ?? []).length === 0) findings.warn(at, `${id} has no list in replica_priority: it is never failed over`);
    return local === undefined || anycast === undefined ? [] : { id, number, local, anycast };
  });
}

/** The network that an address plus a number must not leave: a carry out of it would be the address of something else. */
const prefixOf = ({ bits }: Address): number => (bits === 32 ? 24 : 64);

/** The address that is so much further on, as long as it is in the same /24 or /64. */
export function plus(base: Address, number: number): Address | undefined {
  const octets = Uint8Array.from(base.octets);
  let carry = number;
  for (let i = octets.length - 1; i >= 0 && carry > 0; i--) {
    carry += octets[i]!;
    octets[i] = carry & 0xff;
    carry >>= 8;
  }
  const sum = addressOfOctets(octets);
  return carry === 0 && contains(parseCidr(`${base.text}/${prefixOf(base)}`)!, sum) ? sum : undefined;
}
