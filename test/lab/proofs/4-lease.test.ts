/** With leases in etcd, no two sites ever have the route of a VPN at the same instant. */
import test from 'ava';
import type { Site } from '../../../jail/site/index.js';
import { Capture } from '../capture.js';
import { attempt, findProcesses, signal, until, within } from '../command.js';
import { cutOff, daemonOf, unblock } from '../faults.js';
import type { Lab } from '../lab.js';
import { internet } from '../layout.js';
import { now, Probe } from '../probe.js';
import { overlaps, RouteLog, type Tenure } from '../routes.js';
import { etcdAddress } from '../site-files.js';
import { say, standing } from './evidence.js';

let lab: Lab;

test.before(async () => {
  lab = await standing({ lease: true, sites: 3 });
});

const clock = (seconds: number, zero: number): string => (seconds === 0 ? 'the beginning' : seconds === Infinity ? 'on' : `${(seconds - zero).toFixed(3)} s`);

/** The site whose member of etcd leads the others. */
async function etcdLeader(): Promise<Site> {
  for (const site of lab.sites) {
    const ask = ['curl', '-s', '--max-time', '2', '-d', '{}', `http://${etcdAddress(site.id)}:2379/v3/maintenance/status`];
    const { code, stdout } = await attempt(within(lab.namespaceOf(site, 'ipsec'), ...ask));
    if (code !== 0) continue;
    const { header, leader } = JSON.parse(stdout) as { readonly header: { readonly member_id: string }; readonly leader: string };
    if (header.member_id === leader) return site;
  }
  throw new Error('etcd has no leader');
}

/** The client's packets in a VPN's containers, by site. */
const watch = (): Promise<Capture[]> => Promise.all(lab.sites.map((site) => Capture.start({
  namespace: lab.namespaceOf(site, 'vpn1'), device: 'any', filter: `udp dst port ${internet.whoamiPort} and src host ${lab.clients[0].sources[0]}`,
})));

interface Witness {
  readonly tenures: readonly Tenure[];
  /** When each site's container carried the client's packets: first and last, by site. */
  readonly carried: readonly { readonly site: string; readonly from: number; readonly until: number; readonly packets: number }[];
}

/** Watches routes and packets while something happens to the holder, until another site serves the client. */
async function witness(strike: (holder: Site) => Promise<void>, mend: (holder: Site) => Promise<void>, moves: boolean): Promise<Witness> {
  const home = lab.sites[0]!;
  await lab.move(1, home);
  const probe = await Probe.start(lab.clients[0]);
  const log = await RouteLog.start(lab, 1);
  const captures = await watch();
  try {
    await strike(home);
    if (moves) await until('another site has the VPN', async () => (await lab.holders(1)).some(({ name }) => name !== home.name));
    await probe.steadySince(now());
    await mend(home);
    await lab.settled(1);
  } finally {
    await Promise.all([probe.stop(), ...captures.map((capture) => capture.stop())]);
  }
  const tenures = await log.stop();
  const carried = captures.flatMap(({ packets }, i) => (packets.length === 0 ? [] : [
    { site: lab.sites[i]!.name, from: packets[0]!.at, until: packets.at(-1)!.at, packets: packets.length },
  ]));
  return { tenures, carried };
}

function tell({ tenures, carried }: Witness): void {
  const zero = Math.min(...carried.map(({ from }) => from));
  for (const { site, from, until: end } of tenures) say(`${site} had the route from ${clock(from, zero)} to ${clock(end, zero)}`);
  for (const { site, from, until: end, packets } of carried) {
    say(`${site}'s container carried ${packets} packets of the client from ${clock(from, zero)} to ${clock(end, zero)}`);
  }
}

interface Case {
  readonly name: string;
  readonly moves: boolean;
  strike(holder: Site): Promise<void>;
  mend(holder: Site): Promise<void>;
}

const cases: readonly Case[] = [
  { name: 'the holder is cut off', moves: true, strike: async (holder) => void (await cutOff(holder)), mend: async (holder) => void (await unblock(holder)) },
  {
    name: 'the holder is paused beyond its lease', moves: true,
    strike: async (holder) => signal([await daemonOf(lab, holder)], 'SIGSTOP'),
    mend: async (holder) => signal([await daemonOf(lab, holder)], 'SIGCONT'),
  },
  {
    name: 'etcd loses its leader', moves: false,
    async strike() {
      const leader = await etcdLeader();
      say(`the leader is at ${leader.name}`);
      signal(await findProcesses(lab.namespaceOf(leader, 'etcd'), /^etcd /), 'SIGKILL');
      await until('there is another leader', async () => (await etcdLeader()).name !== leader.name);
    },
    mend: async () => void (await lab.startSites()),
  },
];

for (const { name, moves, strike, mend } of cases) {
  test.serial(`never two routes: ${name}`, async (t) => {
    const seen = await witness(strike, mend, moves);
    tell(seen);
    t.deepEqual(overlaps(seen.tenures), [], 'no two sites had the route');
    if (moves) t.true(new Set(seen.tenures.map(({ site }) => site)).size > 1, 'the route has moved');
    const order = [...seen.carried].sort((a, b) => a.from - b.from);
    for (const [i, next] of order.slice(1).entries()) t.true(order[i]!.until <= next.from, `${order[i]!.site} carried nothing once ${next.site} did`);
  });
}
