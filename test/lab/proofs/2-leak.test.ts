/** No answer and no query of one VPN is ever seen by another, or in clear. */
import test from 'ava';
import { limits } from '../../../core/limits.js';
import { askAtOnce, type Told } from '../asking.js';
import { Capture, type Packet } from '../capture.js';
import { dig } from '../clients.js';
import { attempt, signal, until, within } from '../command.js';
import { daemonOf, sessionsOf } from '../faults.js';
import type { Lab } from '../lab.js';
import { hostAddress, internet, providerOf, providers, type LabClient } from '../layout.js';
import { Probe } from '../probe.js';
import { newName, say, standing } from './evidence.js';

const rounds = 3;
const nameCount = 20;

let lab: Lab;
let resolver: string;

test.before(async () => {
  lab = await standing({ lease: false });
  resolver = lab.sites[0]!.wan.resolver.text;
});

const answerFor = ({ vpn }: LabClient): string => providers[providerOf(vpn, lab.options)].answer;
const namesFor = (about: string): string[] => Array.from({ length: nameCount }, (_, i) => newName(`${about}-${i}`));

/** `NOERROR 198.51.100.11: 600` */
function tally(told: readonly Told[]): string[] {
  const counts = new Map<string, number>();
  for (const { status, addresses } of told) counts.set(`status ${status}, ${addresses}`, (counts.get(`status ${status}, ${addresses}`) ?? 0) + 1);
  return [...counts].map(([what, count]) => `${what}: ${count}`);
}

test.serial('twenty clients of two VPNs ask the same names at once, and each is answered by its own provider', async (t) => {
  const names = namesFor('same');
  const told = await Promise.all(lab.clients.map((client) => askAtOnce(client, resolver, rounds, names)));
  for (const [i, client] of lab.clients.entries()) {
    const provider = providerOf(client.vpn, lab.options);
    say(`${client.sources.length} clients of VPN ${client.vpn} (${provider} answers ${answerFor(client)}): ${tally(told[i]!).join('; ')}`);
    t.is(told[i]!.length, client.sources.length * names.length * rounds);
    t.deepEqual(new Set(told[i]!.map(({ status, addresses }) => `${status} ${addresses}`)), new Set([`0 ${answerFor(client)}`]));
  }
});

test.serial('resolvers outside can not be asked', async (t) => {
  for (const options of [[], ['+tcp']]) {
    const { status } = await dig(lab.clients[0], internet.blockedResolver, newName('blocked'), ...options);
    say(`${internet.blockedResolver} asked by ${options.length === 0 ? 'UDP' : 'TCP'}: ${status === 'none' ? 'no answer' : status}`);
    t.is(status, 'none');
  }
});

/** Everything that has no business on the Internet: private addresses, and what the sites send in clear. */
function clearText(): string {
  const hosts = lab.sites.map(({ id }) => `host ${hostAddress(id)}`).join(' or ');
  const links = lab.options.tunnel === 'gre' ? ['proto 47'] : ['udp port 500', 'udp port 4500'];
  const ours = [...Object.values(providers).map(({ port }) => `udp port ${port}`), ...links];
  // The hosts' kernels tell a provider that a session's port is closed; they quote what is encrypted.
  const quoting = 'icmp[icmptype] == icmp-unreach';
  return `ip and (net 192.168.0.0/16 or net 172.16.0.0/12 or net 10.0.0.0/8 or ((${hosts}) and not (${[...ours, quoting].join(' or ')})))`;
}

/** Watches the Internet while something happens; proves in the end that what is in clear is seen. */
async function watchInternet(happens: () => Promise<void>): Promise<{ clear: readonly Packet[]; control: readonly Packet[] }> {
  const capture = await Capture.start({ namespace: internet.namespace, device: internet.bridge, filter: clearText() });
  try {
    await happens();
    const control = newName('control');
    await until('a query in clear is seen', async () => {
      await attempt(within(lab.sites[0]!.name, 'dig', `@${internet.resolver}`, '+tries=1', '+time=1', control));
      return capture.packets.some(({ text }) => text.includes(control));
    });
    const first = capture.packets.findIndex(({ text }) => text.includes(control));
    return { clear: capture.packets.slice(0, first), control: capture.packets.slice(first) };
  } finally {
    await capture.stop();
  }
}

test.serial('a VPN that is up sends nothing in clear', async (t) => {
  const names = namesFor('up');
  const { clear, control } = await watchInternet(async () => {
    const probe = await Probe.start(lab.clients[0]);
    await askAtOnce(lab.clients[0], resolver, 1, names);
    await probe.stop();
    say(`the Internet saw ${probe.answers.length} questions of the client come from ${probe.seen.join(' and ')}`);
    t.deepEqual(probe.seen, [providers[providerOf(1, lab.options)].address]);
  });
  for (const { text } of clear) say(`in clear: ${text}`);
  say(`packets in clear on the Internet: ${clear.length}; a query that the host sends itself: ${control[0]!.text}`);
  t.deepEqual(clear, []);
});

test.serial('a session that is gone, and nobody who sees to it: SERVFAIL, and nothing in clear', async (t) => {
  const holder = await lab.settled(1);
  const daemons = await Promise.all(lab.sites.map((site) => daemonOf(lab, site)));
  signal(daemons, 'SIGSTOP');
  try {
    signal(await sessionsOf(lab, holder), 'SIGKILL');
    await until('the session has ended', async () => (await sessionsOf(lab, holder)).length === 0);
    const { clear } = await watchInternet(async () => {
      const began = performance.now();
      // All clients of a VPN are one to vpndns, which lets no more than limits.oldAnswersPerClient questions wait for long.
      const names = namesFor('down').slice(0, limits.oldAnswersPerClient / lab.clients[0].sources.length);
      const [told, other] = await Promise.all(lab.clients.map((client) => askAtOnce(client, resolver, 1, names)));
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      say(`the clients of VPN 1, which has no session: ${tally(told!).join('; ')}; all of them after ${seconds} s`);
      say(`the clients of VPN 2 meanwhile: ${tally(other!).join('; ')}`);
      t.deepEqual(new Set(told!.map(({ status }) => status)), new Set(['2']));
      t.deepEqual(new Set(other!.map(({ addresses }) => addresses)), new Set([answerFor(lab.clients[1])]));
      await knock(lab.clients[0]);
    });
    for (const { text } of clear) say(`in clear: ${text}`);
    say(`packets in clear on the Internet: ${clear.length}`);
    t.deepEqual(clear, []);
  } finally {
    signal(daemons, 'SIGCONT');
    await lab.settled(1);
  }
});

/** Tries everything by which a client could get out. */
async function knock({ namespace, sources }: LabClient): Promise<void> {
  await Promise.all([
    attempt(within(namespace, 'ping', '-c', '3', '-i', '0.2', '-W', '1', '-I', sources[0]!, internet.pinged[0])),
    attempt(within(namespace, 'curl', '-s', '--max-time', '2', '--interface', sources[0]!, `http://${internet.whoami}/`)),
    attempt(within(namespace, 'dig', '-b', sources[0]!, `@${internet.resolver}`, '+tries=1', '+time=1', newName('knock'))),
    attempt(within(namespace, 'dig', '-b', sources[0]!, `@${internet.resolver}`, '+tcp', '+tries=1', '+time=1', newName('knock'))),
  ]);
}

test.serial('a VPN that is offline everywhere: no answer, and nothing in clear', async (t) => {
  await lab.settled(1);
  for (const site of lab.sites) await lab.command(site, '/vpn/set_offline/dynvpn1');
  await until('nobody has VPN 1', async () => (await lab.holders(1)).length === 0);
  const { clear } = await watchInternet(async () => {
    const told = await askAtOnce(lab.clients[0], resolver, 1, namesFor('offline'));
    say(`the clients of VPN 1, which is offline: ${tally(told).join('; ')}`);
    t.true(told.every(({ addresses }) => addresses === '-'));
    await knock(lab.clients[0]);
  });
  for (const { text } of clear) say(`in clear: ${text}`);
  say(`packets in clear on the Internet: ${clear.length}`);
  t.deepEqual(clear, []);
  for (const site of lab.sites.slice(1)) await lab.command(site, '/vpn/set_replica/dynvpn1');
  await lab.command(lab.sites[0]!, '/vpn/set_online/dynvpn1');
  await lab.settled(1, lab.sites[0]);
});
