/** The rendered frr.conf in three real routers that are joined by wires: what they believe of each other, and which way they take. Needs root. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { renderFrr } from '../../jail/files/frr.js';
import { exampleSite } from '../../jail/site/examples.js';
import type { Site } from '../../jail/site/index.js';
import { directoryOf, has, isRoot, until } from './process.js';
import { call, join, Router } from './routers.js';

const isReady = (t: ExecutionContext): boolean => has(t, 'ip', 'vtysh') && isRoot(t);

/** The example sites as if they were all on Linux: the wires are. */
const sites = ['host1', 'host2', 'host3'].map((name): Site => ({ ...exampleSite(name), platform: 'linux' }));
const anycast = '10.0.254.51';

interface Running {
  readonly site: Site;
  readonly router: Router;
  readonly vtysh: (...commands: readonly string[]) => string;
}

/** Three sites with a wire for each link. */
async function startWan(t: ExecutionContext): Promise<readonly [Running, Running, Running]> {
  const directory = directoryOf(t);
  chmodSync(directory, 0o755);
  const routers = sites.map((site) => ({ site, router: createRouter(t, site) }));
  for (const { site, router } of routers) {
    for (const { peer, near, far, interface: name } of site.links.filter((link) => link.peer.id > site.id)) {
      const other = routers.find((each) => each.site.id === peer.id)!.router;
      join(router, other, { names: [name, `to-${site.name}`], addresses: [`${near.text}/31`, `${far.text}/31`] });
    }
  }
  const running: Running[] = [];
  for (const { site, router } of routers) running.push({ site, router, vtysh: await startFrr(site, router, `${directory}/${site.name}`) });
  return running as unknown as readonly [Running, Running, Running];
}

function createRouter(t: ExecutionContext, site: Site): Router {
  const router = new Router(t, site.name);
  router.ip('link', 'add', 'eth0', 'type', 'bridge');
  router.ip('address', 'add', `${site.router.text}/24`, 'dev', 'eth0');
  router.ip('link', 'set', 'eth0', 'up');
  router.ip('route', 'add', 'unreachable', site.wan.networks.anycast.text, 'metric', '4278198272');
  return router;
}

/** The daemons, as the plan for Linux starts them. */
async function startFrr(site: Site, router: Router, home: string): Promise<Running['vtysh']> {
  mkdirSync(home);
  writeFileSync(`${home}/frr.conf`, renderFrr(site)[0]!.text);
  call('chown', '-R', 'frr:frr', home);
  const common = ['-u', 'frr', '-g', 'frr', '--vty_socket', home, '-z', `${home}/zserv.api`, '-A', '127.0.0.1', '-P', '0', '-f', `${home}/frr.conf`];
  const vtysh = (...commands: readonly string[]): string => call('vtysh', '--vty_socket', home, ...commands.flatMap((command) => ['-c', command]));
  for (const [daemon, ...more] of [['zebra'], ['staticd'], ['bfdd', '--bfdctl', `${home}/bfdd.sock`], ['bgpd', '-p', '179']] as const) {
    router.start(`${home}/${daemon}.log`, `/usr/lib/frr/${daemon}`, ...common, '-i', `${home}/${daemon}.pid`, ...more);
    await until(() => isUp(() => vtysh(`show logging`), daemon), () => `${daemon} of ${site.name}`);
  }
  return vtysh;
}

/** Whether vtysh speaks with that daemon. */
function isUp(ask: () => string, daemon: string): boolean {
  try {
    return ask().toLowerCase().includes(`for ${daemon}`);
  } catch {
    return false;
  }
}

const online = ({ router, site }: Running, token: number): string =>
  router.ip('route', 'add', anycast, 'via', site.gateway.text, 'metric', String(16_777_215 - token));

test.serial('vtysh takes the file, that of FreeBSD too', (t) => {
  if (!isReady(t)) return;
  const directory = directoryOf(t);
  for (const site of [...sites, exampleSite('host2')]) {
    writeFileSync(`${directory}/frr.conf`, renderFrr(site)[0]!.text);
    t.notThrows(() => call('vtysh', '-C', '-f', `${directory}/frr.conf`), site.name);
  }
});

test.serial('sites reach each other, and a VPN where it is online', async (t) => {
  if (!isReady(t)) return;
  const [one, two, three] = await startWan(t);
  await one.router.takes('192.168.2.9', 'to-host2');
  await one.router.takes('172.16.3.2', 'to-host3');
  t.is(one.router.wayTo(anycast), undefined, 'no route, no service');
  t.regex(one.router.ip('route', 'get', '192.168.2.9'), /src 192\.168\.1\.4/, 'with an address that every site knows the way to');

  online(two, 7);
  await one.router.takes(anycast, 'to-host2');
  await three.router.takes(anycast, 'to-host2');

  // Of two that have it, the one that got it last.
  online(three, 8);
  await one.router.takes(anycast, 'to-host3');
  three.router.ip('route', 'delete', anycast);
  await one.router.takes(anycast, 'to-host2');
  two.router.ip('route', 'delete', anycast);
  await one.router.takes(anycast, undefined);
});

test.serial('a site whose link is lost is reached by way of another', async (t) => {
  if (!isReady(t)) return;
  const [one, two] = await startWan(t);
  online(two, 1);
  await one.router.takes(anycast, 'to-host2');
  // Silently: both ends still believe that the wire is up.
  one.router.run('nft', 'add table inet cut; add chain inet cut in { type filter hook input priority 0; }; add rule inet cut in iif to-host2 drop');
  await one.router.takes(anycast, 'to-host3');
  await one.router.takes('192.168.2.9', 'to-host3');
  one.router.run('nft', 'delete table inet cut');
  await t.notThrowsAsync(one.router.takes(anycast, 'to-host2'), 'back, when the link is');
});

test.serial('nobody is believed who announces what is another site\'s, or nobody\'s', async (t) => {
  if (!isReady(t)) return;
  const [one, two, three] = await startWan(t);
  await one.router.takes('192.168.2.9', 'to-host2');
  // A router that has lost its mind: it tells everything, and more than it should.
  three.router.ip('route', 'add', '10.0.254.99', 'via', three.site.gateway.text);
  three.vtysh('configure terminal', 'router bgp 64603', 'address-family ipv4 unicast', 'no neighbor sites route-map told out',
    'network 192.168.2.0/24', 'network 192.168.2.0/25', 'network 8.8.8.0/24', 'network 10.0.254.0/24', 'redistribute kernel');
  // This one it may announce; when it has come, the others would have come too.
  online(three, 1);
  await one.router.takes(anycast, 'to-host3');
  t.is(one.router.wayTo('192.168.2.9'), 'to-host2');
  t.deepEqual(['8.8.8.8', '10.0.254.99'].map((address) => one.router.wayTo(address)), [undefined, undefined]);
  await two.router.takes(anycast, 'to-host3');
  t.is(two.router.wayTo('192.168.2.9'), 'eth0');
});
