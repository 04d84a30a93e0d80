/** What was broken heals by itself, and what is taken down leaves nothing. */
import test from 'ava';
import { until } from '../command.js';
import { partition, unblock } from '../faults.js';
import { Lab } from '../lab.js';
import { dnsSite } from '../measure.js';
import { now, Probe } from '../probe.js';
import { differences, takeSnapshot } from '../snapshot.js';
import { say, standing } from './evidence.js';

let lab: Lab;

test.before(async () => {
  lab = await standing({ lease: false });
});

test.serial('a partition ends: of two sites that have the VPN one keeps it', async (t) => {
  const home = lab.sites[0]!;
  await lab.move(1, home);
  await partition(lab, home);
  await until('both sides have the VPN', async () => (await lab.holders(1)).length === 2);
  say(`parted: the route is at ${(await lab.holders(1)).map(({ name }) => name).join(' and ')}`);
  await unblock(home);
  const began = now();
  const holder = await lab.settled(1);
  say(`healed: ${((now() - began) / 1000).toFixed(1)} s later it is at ${holder.name} alone; its client's DNS at ${await dnsSite(lab)}`);
  t.is((await lab.holders(1)).length, 1);
});

test.serial('one site after the other is restarted, and each comes back', async (t) => {
  for (const site of lab.sites) {
    await lab.stopSites([site]);
    await lab.startSites([site]);
    const holders = [await lab.settled(1), await lab.settled(2)];
    say(`${site.name} was restarted: VPN 1 is at ${holders[0]!.name}, VPN 2 at ${holders[1]!.name}`);
  }
  for (const vpn of [1, 2] as const) t.is((await lab.holders(vpn)).length, 1);
});

test.serial('the whole WAN is restarted, and each VPN is at one site again', async (t) => {
  await lab.stopSites();
  await lab.startSites();
  const began = now();
  const [first, second] = [await lab.settled(1), await lab.settled(2)];
  const probe = await Probe.start(lab.clients[0]);
  await probe.stop();
  say(`VPN 1 is at ${first.name}, VPN 2 at ${second.name} ${((now() - began) / 1000).toFixed(1)} s after their sites`);
  t.is((await lab.holders(1)).length, 1);
  t.is((await lab.holders(2)).length, 1);
});

test.serial('what is up already is left alone by another up', async (t) => {
  const probe = await Probe.start(lab.clients[0]);
  const began = now();
  await lab.startSites();
  await probe.steadySince(now());
  await probe.stop();
  say(`up again: at most ${probe.outageSince(began).toFixed(0)} ms between two answers`);
  t.true(probe.outageSince(began) < 200);
});

test.serial('after down there is nothing left', async (t) => {
  const { before } = lab;
  await Lab.down();
  const left = differences(before, await takeSnapshot());
  for (const line of left) say(line);
  const count = Object.values(before).reduce((sum, lines) => sum + lines.length, 0);
  say(`${count} lines on namespaces, links, addresses, routes, rules, mounts, settings, processes and files: ${left.length} differ`);
  t.deepEqual(left, []);
});
