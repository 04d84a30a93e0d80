/** What of this machine the lab could leave something in. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { attempt } from './command.js';

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

/** Counters and what is left of a lifetime change by themselves. */
const still = (line: string): string => line.replace(/packets \d+ bytes \d+|\bqlen \d+|\bexpires \d+sec|\bvalid_lft \S+|\bpreferred_lft \S+/g, '').trim();

async function linesOf(argv: readonly string[]): Promise<string[]> {
  return (await attempt(argv)).stdout.split('\n').map(still).filter((line) => line !== '').sort();
}

/** Processes in network namespaces other than ours. Those of others than the lab may come and go meanwhile. */
function processesElsewhere(): string[] {
  const ours = readlinkSync('/proc/self/ns/net');
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const namespace = readlinkSync(`/proc/${pid}/ns/net`);
      return namespace === ours ? [] : [`${namespace} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`];
    } catch {
      return [];
    }
  }).filter((line) => !/^\S+ ?$/.test(line)).sort();
}

export async function takeSnapshot(): Promise<Snapshot> {
  const parts: Record<string, readonly string[]> = {};
  for (const [part, argv] of Object.entries(commands)) parts[part] = await linesOf(argv);
  parts['mounts'] = readFileSync('/proc/self/mounts', 'utf8').split('\n').sort();
  parts['settings'] = settings.map((name) => `${name} ${readFileSync(`/proc/sys/${name}`, 'utf8').trim()}`);
  parts['processes'] = processesElsewhere();
  parts['files'] = directories.flatMap((directory) => (existsSync(directory) ? readdirSync(directory).map((name) => `${directory}/${name}`) : [])).sort();
  return parts;
}

/** What is there and was not, and the other way round: `+ namespaces: lab-host1`. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  return Object.keys(after).flatMap((part) => {
    const [was, is] = [new Set(before[part]), new Set(after[part])];
    return [
      ...[...is].filter((line) => !was.has(line)).map((line) => `+ ${part}: ${line}`),
      ...[...was].filter((line) => !is.has(line)).map((line) => `- ${part}: ${line}`),
    ];
  });
}
