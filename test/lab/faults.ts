/** What can go wrong in a WAN: how it is done, how it is undone, and how soon it can be noticed. */
import type { Site } from '../../jail/site/index.js';
import { findProcesses, run, signal, within } from './command.js';
import type { Lab } from './lab.js';
import { hostAddress, providerOf, providers } from './layout.js';
import { profile } from './site-files.js';

/** A fault that strikes VPN 1 at the site that has it, whose client is elsewhere. */
export interface Fault {
  readonly name: string;
  /** Milliseconds from the fault to when somebody must have noticed it. */
  readonly detectionMs: number;
  /** What the outage should be at most. */
  readonly goalMs: number;
  /** What the lab that was made by hand measured, as a range of medians (lab.md). */
  readonly floorMs?: readonly [number, number];
  /** Whether the VPN goes to another site. */
  readonly moves: boolean;
  strike(lab: Lab, holder: Site): Promise<void>;
  mend(lab: Lab, holder: Site): Promise<void>;
}

const session = { openvpn: /(?:^|\/)openvpn /, wireguard: /(?:^|\/)wireguard-go / } as const;
const daemon = /dynvpn\.js --conf/;

/** What the goal allows besides the detection. */
const reactionMs = 500;
const notice = (detectionMs: number): Pick<Fault, 'detectionMs' | 'goalMs'> => ({ detectionMs, goalMs: detectionMs + reactionMs });

/** Rules that a fault puts on a host, and their end. */
export const table = 'inet lab_fault';
export const block = (site: Pick<Site, 'name'>, ...chains: readonly string[]): Promise<string> =>
  run(within(site.name, 'nft', '-f', '-'), `table ${table} {\n${chains.join('\n')}\n}\n`);
export const unblock = (site: Pick<Site, 'name'>): Promise<string> => run(within(site.name, 'nft', 'delete', 'table', ...table.split(' ')));

const forward = (rules: readonly string[]): string => `chain forward { type filter hook forward priority -10; ${rules.join('; ')}; }`;
const bothWays = (one: string, other: string): string[] => [`ip saddr ${one} ip daddr ${other} drop`, `ip saddr ${other} ip daddr ${one} drop`];

/** Nothing comes in or goes out by the host's own interface, and nobody is told. */
export const cutOff = (site: Site): Promise<string> => block(site,
  `chain in { type filter hook prerouting priority -300; iifname "${site.internet}" drop; }`,
  `chain out { type filter hook postrouting priority 300; oifname "${site.internet}" drop; }`);

/** The other sites are not reached any more; the provider is. */
export function partition(lab: Lab, site: Site): Promise<string> {
  const others = lab.sites.filter(({ id }) => id !== site.id).map(({ id }) => hostAddress(id)).join(', ');
  return block(site, forward([`ip saddr { ${others} } drop`, `ip daddr { ${others} } drop`]));
}

export const sessionsOf = (lab: Lab, site: Site, vpn: 1 | 2 = 1): Promise<number[]> =>
  findProcesses(lab.namespaceOf(site, `vpn${vpn}`), session[providerOf(vpn, lab.options)]);

export async function daemonOf(lab: Lab, site: Site): Promise<number> {
  const [pid] = await findProcesses(lab.namespaceOf(site, 'ipsec'), daemon);
  if (pid === undefined) throw new Error(`no dynvpn runs at ${site.name}`);
  return pid;
}

const nothing = async (): Promise<void> => undefined;

export const faults: readonly Fault[] = [
  {
    name: 'session killed', detectionMs: profile.checkInterval, floorMs: [160, 180], goalMs: 2 * 180, moves: true, mend: nothing,
    strike: async (lab, holder) => signal(await sessionsOf(lab, holder), 'SIGKILL'),
  },
  {
    name: 'tunnel black-holed', ...notice(profile.checkInterval + profile.checkTimeout), floorMs: [1700, 1700], moves: true,
    async strike(lab, holder) {
      const container = holder.vpnContainers.find(({ vpn }) => vpn.id === 1)!.address.text;
      await block(holder, forward(bothWays(container, providers[providerOf(1, lab.options)].address)));
    },
    mend: async (_, holder) => void (await unblock(holder)),
  },
  {
    name: 'container stopped', ...notice(profile.checkInterval), moves: true,
    strike: async (lab, holder) => void (await lab.vpnjail(holder, 'down', 'vpn1')),
    mend: async (lab, holder) => void (await lab.vpnjail(holder, 'up')),
  },
  {
    // Session and route outlive it, and clients are served. Others take over what they can't hear of; whoever comes back yields.
    name: 'dynvpn killed', ...notice(0), moves: true,
    strike: async (lab, holder) => signal([await daemonOf(lab, holder)], 'SIGKILL'),
    mend: async (lab, holder) => void (await lab.vpnjail(holder, 'up')),
  },
  {
    name: 'host cut off', ...notice(profile.pullInterval + (profile.pullRetries + 1) * profile.pullTimeout), moves: true,
    strike: async (_, holder) => void (await cutOff(holder)),
    mend: async (_, holder) => void (await unblock(holder)),
  },
  {
    name: 'link lost', ...notice(profile.bfdInterval * profile.bfdMultiplier), floorMs: [530, 610], moves: false,
    async strike(lab, holder) {
      const client = hostAddress(lab.clients[0].site);
      await block(holder, forward([`ip saddr ${client} drop`, `ip daddr ${client} drop`]));
    },
    mend: async (_, holder) => void (await unblock(holder)),
  },
];
