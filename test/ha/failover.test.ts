/** How long clients are without service, with checks every second: measured and printed, not judged. `npm run test:ha`. */
import test from 'ava';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../ha/demo/ports.js';
import { Wan, type WanSite } from '../../ha/demo/wan.js';

const vpns = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const killsCount = 20;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Seconds until a VPN is served at another site. */
async function measure(wan: Wan, vpn: number, first: string): Promise<number> {
  const began = performance.now();
  for (;;) {
    const sites = wan.serving(vpn);
    if (sites.length === 1 && sites[0] !== first) return (performance.now() - began) / 1000;
    await sleep(10);
  }
}

function summary(what: string, seconds: readonly number[]): string {
  const sorted = [...seconds].sort((one, other) => one - other);
  const text = (value: number): string => `${value.toFixed(2)} s`;
  return `${what}: median ${text(sorted[Math.floor(sorted.length / 2)]!)}, least ${text(sorted[0]!)}, most ${text(sorted.at(-1)!)} (${sorted.length} times)`;
}

test('a session that dies, and a site that does, come up at the next site', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'failover-'));
  const ports = await freePorts(6);
  const sites = ['a', 'b', 'c'].map((name, i): WanSite => ({ name, port: ports[2 * i]!, apiPort: ports[2 * i + 1]! }));
  const wan = await Wan.create({ directory, sites, vpns, directives: () => '  peers' });
  t.teardown(async () => {
    await wan.stop();
    await rm(directory, { recursive: true, maxRetries: 5 });
  });
  for (const { name } of sites) wan.start(name);
  while (vpns.some((vpn) => wan.serving(vpn).length !== 1)) await sleep(50);
  const [atSites, atDeath]: [number[], number[]] = [[], []];
  for (let kill = 0; kill < killsCount; kill++) {
    const vpn = vpns[kill % vpns.length]!;
    const [first] = wan.serving(vpn);
    wan.killSession(first!, vpn);
    atSites.push(await measure(wan, vpn, first!));
    // Not in step with anybody's checks.
    await sleep(100 * vpn);
  }
  const [lost] = wan.serving(1);
  const lostVpns = vpns.filter((vpn) => wan.serving(vpn)[0] === lost);
  wan.powerOff(lost!);
  atDeath.push(...await Promise.all(lostVpns.map((vpn) => measure(wan, vpn, lost!))));
  t.log(summary('a session is killed → served at the next site', atSites));
  t.log(summary('a site loses its power → served at the next site', atDeath));
  t.pass();
});
