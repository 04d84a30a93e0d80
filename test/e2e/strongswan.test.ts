/**
 * The rendered files of strongSwan in real daemons of two sites that are joined by a wire: they agree on keys, and what they protect gets through. ESP is
 * made by charon itself (`ipsec-gre`), which works on any kernel. Needs root.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { renderStrongSwan } from '../../jail/files/strongswan.js';
import { exampleSite } from '../../jail/site/examples.js';
import type { Site, TunnelKind } from '../../jail/site/index.js';
import { directoryOf, has, isRoot, until } from './process.js';
import { call, join, Router } from './routers.js';

const isReady = (t: ExecutionContext): boolean => has(t, 'ip', 'charon-systemd', 'swanctl') && isRoot(t);

/** Writes an authority and a certificate for each identity into a directory: `wan-ca.crt`, `host1.crt`, `host1.key`. */
function certify(directory: string, sites: readonly Site[]): void {
  const openssl = (...args: readonly string[]): string => call('openssl', ...args);
  const at = (name: string): string => `${directory}/${name}`;
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...fresh, '-subj', '/CN=wan', '-keyout', at('wan-ca.key'), '-out', at('wan-ca.crt'));
  for (const { name, identity } of sites) {
    openssl('req', '-x509', ...fresh, '-subj', `/CN=${identity}`, '-addext', `subjectAltName=DNS:${identity}`, '-addext', 'basicConstraints=critical,CA:FALSE',
      '-CA', at('wan-ca.crt'), '-CAkey', at('wan-ca.key'), '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`));
  }
}

/** An example site on Linux, with its files in a directory, and no host between its router and the Internet. */
const placed = (name: string, directory: string, tunnel: TunnelKind = 'ipsec-gre'): Site => {
  const site = exampleSite(name);
  const at = (file: string): string => `${directory}/${file}`;
  const ipsec = { ...site.ipsec, certificate: at(`${name}.crt`), key: at(`${name}.key`), authority: at('wan-ca.crt') };
  const wan: Site['wan'] = { ...site.wan, tunnel };
  return { ...site, platform: 'linux', router: site.address, ipsec, directories: { run: directory, state: directory }, wan };
};

/** Starts charon as the plan for Linux does. Returns `swanctl` for it. */
async function startCharon(site: Site, router: Router): Promise<Swanctl> {
  const home = `${site.directories.run}/${site.name}/strongswan`;
  mkdirSync(`${home}/private`, { recursive: true });
  for (const { path, text } of renderStrongSwan(site)) writeFileSync(`${site.directories.run}/${site.name}/${path}`, text);
  cpSync(site.ipsec.key!, `${home}/private/key`);
  const environment = ['env', `STRONGSWAN_CONF=${home}/strongswan.conf`, `SWANCTL_DIR=${home}`];
  const swanctl = (...args: readonly string[]): string => call(environment[0]!, ...environment.slice(1), 'swanctl', ...args, '--uri', `unix://${home}/vici`);
  router.start(`${home}/charon.log`, ...environment, 'charon-systemd');
  await until(() => isUp(swanctl), () => `charon of ${site.name}`);
  return swanctl;
}

function isUp(swanctl: Swanctl): boolean {
  try {
    return swanctl('--stats').includes('uptime');
  } catch {
    return false;
  }
}

interface Wan {
  readonly near: Router;
  readonly far: Router;
  readonly link: Site['links'][number];
  readonly swanctls: readonly [Swanctl, Swanctl];
  /** What the near one says. */
  readonly log: string;
}

type Swanctl = (...args: readonly string[]) => string;

/** host1 and host2 on one wire; their daemons run, and know nobody yet. */
async function startWan(t: ExecutionContext): Promise<Wan> {
  const directory = directoryOf(t);
  chmodSync(directory, 0o755);
  const [one, two] = [placed('host1', directory), placed('host2', directory)] as const;
  certify(directory, [one, two]);
  const [near, far] = [new Router(t, 'host1'), new Router(t, 'host2')];
  join(near, far, { names: ['eth0', 'eth0'], addresses: [`${one.address.text}/24`, `${two.address.text}/24`] });
  const [link, back] = [one.links[0]!, two.links[0]!];
  // charon makes the routes of what it protects itself, and wants the addresses to be there.
  for (const [router, { inside }] of [[near, link], [far, back]] as const) router.ip('address', 'add', `${inside.near.text}/32`, 'dev', 'lo');
  return { near, far, link, swanctls: [await startCharon(one, near), await startCharon(two, far)], log: `${directory}/host1/strongswan/charon.log` };
}

/** Reads the connections, and begins. */
const load = (t: ExecutionContext, swanctl: Swanctl): unknown => t.regex(swanctl('--load-all', '--noprompt'), /successfully loaded 2 connections/);

/** Waits until both ends have keys, and something gets through. */
async function works(t: ExecutionContext, { near, link: { inside }, swanctls }: Wan): Promise<void> {
  await until(() => swanctls.every((swanctl) => swanctl('--list-sas').includes('INSTALLED')), () => swanctls.map((swanctl) => swanctl('--list-sas')).join());
  t.regex(near.run('ping', '-c', '1', '-W', '5', '-I', inside.near.text, inside.far.text), / 0% packet loss/);
}

test.serial('two sites prove who they are, and what they protect gets through', async (t) => {
  if (!isReady(t)) return;
  const wan = await startWan(t);
  for (const swanctl of wan.swanctls) load(t, swanctl);
  await works(t, wan);
  t.regex(wan.swanctls[0]('--list-sas'), /AES_GCM_16-256\/PRF_HMAC_SHA2_384\/CURVE_25519/);
});

test.serial('a site that was refused because it was not known yet is called when it is', async (t) => {
  if (!isReady(t)) return;
  const wan = await startWan(t);
  const [near, far] = wan.swanctls;
  load(t, near);
  await until(() => readFileSync(wan.log, 'utf8').includes('NO_PROPOSAL_CHOSEN'), () => 'a refusal');
  load(t, far);
  await works(t, wan);
});

test.serial('the connections of interfaces for each peer are taken too, those of FreeBSD included', async (t) => {
  if (!isReady(t)) return;
  const directory = directoryOf(t);
  chmodSync(directory, 0o755);
  const site = placed('host1', directory, 'ipsec');
  certify(directory, [site]);
  const swanctl = await startCharon(site, new Router(t, 'host1'));
  load(t, swanctl);
  t.regex(swanctl('--list-conns'), /host2: TUNNEL, rekeying every 3600s, dpd action is (?:restart|start)\n\s+local:\s+0\.0\.0\.0\/0\n\s+remote: 0\.0\.0\.0\/0/);
  const freebsd = renderStrongSwan({ ...site, platform: 'freebsd' }).find(({ path }) => path.endsWith('swanctl.conf'))!;
  writeFileSync(`${directory}/host1/strongswan/swanctl.conf`, freebsd.text);
  load(t, swanctl);
});
