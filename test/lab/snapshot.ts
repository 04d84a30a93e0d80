/** What of this machine the lab could leave something in. */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { attempt, namespaces } from './command.js';

export interface Snapshot {
  /** Lines that say what is there, by what they are about. */
  readonly [part: string]: readonly string[];
}

const commands: Readonly<Record<string, readonly string[]>> = {
  'namespaces': ['ip', 'netns', 'list'],
  'links': ['ip', '-o', 'link'],
  'addresses': ['ip', '-o', 'addr'],
  'routes': ['ip', 'route', 'show', 'table', 'all'],
  'policy rules': ['ip', 'rule'],
  'firewall': ['nft', 'list', 'ruleset'],
};

/** Where programs of the lab write, or might. */
const directories = [
  '/etc/netns', '/etc/frr', '/run', '/run/netns', '/run/wireguard', '/run/frr', '/run/vpncore', '/var/lib', '/var/lib/vpncore', '/var/lib/dynvpn',
];
const settings = ['net/ipv4/ip_forward', 'net/ipv4/conf/all/rp_filter', 'net/ipv6/conf/all/disable_ipv6'];

/** Made by whoever runs WireGuard, and gone with its last socket. */
const passing = '/run/wireguard';

/** Counters and what is left of a lifetime change by themselves. */
const still = (line: string): string => line.replace(/packets \d+ bytes \d+|\bqlen \d+|\bexpires \d+sec|\bvalid_lft \S+|\bpreferred_lft \S+/g, '').trim();

async function linesOf(argv: readonly string[]): Promise<string[]> {
  return (await attempt(argv)).stdout.split('\n').map(still).filter((line) => line !== '').sort();
}

/** Processes in network namespaces that have no name, or are the lab's. */
function processesElsewhere(named: ReadonlyMap<string, string>): string[] {
  const ours = readlinkSync('/proc/self/ns/net');
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const namespace = readlinkSync(`/proc/${pid}/ns/net`);
      const name = named.get(namespace);
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return namespace === ours || command === '' || (name !== undefined && !isOurs(name)) ? [] : [`${name ?? namespace}: ${command}`];
    } catch {
      return [];
    }
  }).sort();
}

const isOurs = (name: string): boolean => name.startsWith('lab-');

/** The names of namespaces, by what processes show of them. */
const namesOfNamespaces = async (): Promise<Map<string, string>> =>
  new Map((await namespaces()).map((name) => [`net:[${statSync(`/run/netns/${name}`).ino}]`, name]));

export async function takeSnapshot(): Promise<Snapshot> {
  const parts: Record<string, readonly string[]> = {};
  for (const [part, argv] of Object.entries(commands)) parts[part] = await linesOf(argv);
  parts['mounts'] = readFileSync('/proc/self/mounts', 'utf8').split('\n').sort();
  parts['settings'] = settings.map((name) => `${name} ${readFileSync(`/proc/sys/${name}`, 'utf8').trim()}`);
  parts['processes'] = processesElsewhere(await namesOfNamespaces());
  parts['files'] = directories.flatMap((directory) => (existsSync(directory) ? readdirSync(directory).map((name) => `${directory}/${name}`) : []))
    .filter((path) => path !== passing).sort();
  return parts;
}

/** Somebody else may make namespaces of their own meanwhile, with files that bear their names. */
function strangersIn({ namespaces: lines = [] }: Snapshot): string[] {
  return lines.map((line) => line.split(' ')[0]!).filter((name) => !isOurs(name)).flatMap((name) => [name, name.replace(/-[^-]*$/, '')]);
}

/** What is there and was not, and the other way round: `+ namespaces: lab-host1`. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const strangers = [...strangersIn(before), ...strangersIn(after)];
  const counts = (line: string): boolean => line.includes('lab-') || !strangers.some((name) => line.includes(name));
  return Object.keys(after).flatMap((part) => {
    const [was, is] = [new Set(before[part]), new Set(after[part])];
    return [
      ...[...is].filter((line) => !was.has(line) && counts(line)).map((line) => `+ ${part}: ${line}`),
      ...[...was].filter((line) => !is.has(line) && counts(line)).map((line) => `- ${part}: ${line}`),
    ];
  });
}
