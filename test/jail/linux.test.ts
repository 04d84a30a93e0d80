/**
 * vpnjail on Linux for real. Its host is a network namespace that the test makes: what the machine itself has is never touched, and the same before
 * and after. `npm run test:jail`.
 */
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostRules, rulesFile } from '../../jail/files/nftables.js';
import { vpnFiles } from '../../jail/files/linux.js';
import { exampleSite, readExample } from '../../jail/site/examples.js';
import { attempt, ipBatch, namespaces, removeNamespace, run, within, wordsOf, type Result } from '../lab/command.js';
import { whyNoLab } from '../lab/requirements.js';
import { differences, takeSnapshot, type Snapshot } from '../lab/snapshot.js';

const host = 'jailtest-host';
const site = 'jailtest';
const compiled = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const vpnjail = compiled('../../jail/vpnjail.js');

interface Context {
  /** Why nothing can be tried here. */
  readonly reason: string | undefined;
  /** Of the site's files, and of all that comes of them. */
  readonly directory: string;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const reason = await whyNoLab((line) => t.log(line));
  const directory = mkdtempSync(join(tmpdir(), 'jail-'));
  // FRR's daemons come into it as another user.
  chmodSync(directory, 0o755);
  t.context = { reason, directory };
  if (reason !== undefined) return;
  await removeAll();
  await run(['ip', 'netns', 'add', host]);
  // Addresses of IPv6 come up late, and would be seen as ours.
  await run(within(host, 'sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1'));
  await ipBatch(host, ['link set lo up', 'link add eth0 type veth peer name internet', 'address add 203.0.113.1/24 dev eth0',
    'link set eth0 up', 'link set internet up', 'route add default via 203.0.113.254']);
});

test.after.always(async (t) => {
  if (t.context.reason === undefined) await removeAll();
  rmSync(t.context.directory, { recursive: true, force: true });
});

/** The host, and what a test that failed has left. */
async function removeAll(): Promise<void> {
  for (const name of await namespaces()) if (name.startsWith(site)) await removeNamespace(name);
  const files = existsSync('/etc/netns') ? readdirSync('/etc/netns') : [];
  for (const name of files) if (name.startsWith(site)) rmSync(join('/etc/netns', name), { recursive: true });
}

/** Whether it can be tried here; if not, the reason is said. In CI, root has to be able to. */
function possible(t: ExecutionContext<Context>): boolean {
  const { reason } = t.context;
  if (reason === undefined) return true;
  t.log(`not tested: ${reason}`);
  if (process.env['CI'] === 'true' && process.getuid?.() === 0) t.fail(reason);
  else t.pass();
  return false;
}

/** Writes the first example site as it would stand on this host, and a second VPN with a server known by number. */
function writeSite(directory: string, edit: (text: string) => string = (text) => text): string {
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text, { mode: 0o600 });
  const here = (name: string): string => readExample(`/etc/vpncore/${name}`).replaceAll('/etc/vpncore/', `${directory}/`);
  for (const folder of ['provider-a', 'provider-b', 'blocklists']) mkdirSync(join(directory, folder), { recursive: true });
  write('wan.yml', here('wan.yml').replaceAll('host1', site).replace('tunnel: ipsec', 'tunnel: gre'));
  write('provider-a/amsterdam.ovpn', here('provider-a/amsterdam.ovpn').replace(/^remote \S+/m, 'remote 203.0.113.101'));
  write('provider-b/oslo.conf', here('provider-b/oslo.conf').replace(/^Endpoint = .*:/m, 'Endpoint = 203.0.113.102:'));
  write('static.txt', '192.0.2.7 printer.example\n');
  write('peers.secret', 'what the sites of this test share\n');
  const programs = [
    `directories: { run: ${directory}/run, state: ${directory}/state }`,
    `programs: { vpndns: [${process.execPath}, ${compiled('../../vpndns/vpndns.js')}], dynvpn: [${process.execPath}, ${compiled('../../ha/dynvpn.js')}] }`,
  ];
  const text = here('host1.yml').replaceAll('site: host1', `site: ${site}`).replace(/^ {4}(?:certificate|key|authority): .*\n/gm, '');
  write('site.yml', edit(`${text}\n${programs.join('\n')}\n`));
  return join(directory, 'site.yml');
}

const onHost = (...argv: readonly string[]): string[] => ['nsenter', `--net=/run/netns/${host}`, ...argv];
const jail = (...words: readonly string[]): Promise<Result> => attempt(onHost(process.execPath, vpnjail, ...words));

/** What the machine has, and what the host has. */
async function everything({ directory }: Context): Promise<Snapshot> {
  const looks = { links: ['ip', '-o', 'link'], addresses: ['ip', '-o', '-4', 'addr'], routes: ['ip', 'route', 'show', 'table', 'all'],
    rules: ['ip', 'rule'], firewall: ['nft', 'list', 'ruleset'], settings: ['sysctl', 'net.ipv4.ip_forward', 'net.ipv4.conf.eth0'] };
  const parts: Record<string, readonly string[]> = { 'our files': existsSync(`${directory}/run`) ? [`${directory}/run`] : [] };
  for (const [name, argv] of Object.entries(looks)) parts[`host: ${name}`] = (await run(onHost(...argv))).split('\n').sort();
  // Others may have a lab of theirs on this machine meanwhile.
  for (const [name, lines] of Object.entries(await takeSnapshot())) parts[name] = lines.filter((line) => !/\blab-|-lab\b/.test(line));
  return { ...parts, processes: processes().filter((line) => line.includes(site) || line.includes(directory)) };
}

const processes = (): string[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).map((name) => wordsOf(Number(name)).join(' '));

/** Lines that say that something was done, without the words before. */
const saying = (word: string, { stdout }: Result): string[] => stdout.split('\n').filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(9));
const whole = /^jailtest is up: (\d+) done, (\d+) done already/m;

test.serial('a site comes up, and goes down without a trace', async (t) => {
  if (!possible(t)) return;
  const file = writeSite(t.context.directory);
  const before = await everything(t.context);
  const up = await jail('up', file);
  t.is(up.code, 0, up.stdout + up.stderr);
  const again = await jail('up', file);
  t.deepEqual(saying('already', up), []);
  t.deepEqual(whole.exec(again.stdout)?.slice(1), ['0', String(saying('done', up).length)], 'the second time there is nothing to do');
  const status = await jail('status', file);
  t.is(status.code, 0, status.stdout);
  t.regex(status.stdout, /^vpn1 {4}up +(\d+) of \1 steps; client1: GRE by (?:the kernel|socat); no session$/m);
  for (const time of ['first', 'second']) {
    const down = await jail('down', file);
    t.is(down.code, 0, `the ${time} time: ${down.stdout}${down.stderr}`);
    t.deepEqual(differences(before, await everything(t.context)), [], `the ${time} time`);
  }
  t.true(existsSync(join(t.context.directory, 'state', site)), 'what the HA daemon has to remember stays');
  await jail('down', file, '--purge');
  t.false(existsSync(join(t.context.directory, 'state')));
});

test.serial('what somebody takes away is noticed and made again, and nothing else', async (t) => {
  if (!possible(t)) return;
  const file = writeSite(t.context.directory);
  t.is((await jail('up', file)).code, 0);
  const { directory } = t.context;
  const zebra = readFileSync(join(directory, 'run', site, 'pid', `${site}-ipsec.zebra`), 'utf8').trim();
  process.kill(Number(zebra), 'SIGKILL');
  await run(within(`${site}-vpn1`, 'nft', 'delete', 'table', 'inet', 'vpnjail'));
  await run(onHost('ip', 'route', 'delete', '192.168.2.0/24'));
  const corefile = join(directory, 'run', site, 'vpndns', 'Corefile');
  appendFileSync(corefile, '# by hand\n');
  const status = await jail('status', file);
  t.is(status.code, 1);
  t.is(status.stdout.match(/not done: /g)?.length, 4, status.stdout);
  const up = await jail('up', file);
  // Containers come up side by side.
  const wanted = [
    `host: the file ${corefile}`,
    'host: routes to the rest of the WAN, by way of its router',
    'ipsec: zebra, which gives the kernel the routes that the others learn',
    'vpn1: who is served by it gets out by its session, or not at all',
  ];
  t.deepEqual(saying('done', up).sort(), wanted.sort());
  t.is((await jail('status', file)).code, 0);
});

test.serial('a container goes down alone, and comes up alone', async (t) => {
  if (!possible(t)) return;
  const file = writeSite(t.context.directory);
  t.is((await jail('up', file)).code, 0);
  const namespace = `${site}-vpn1`;
  t.is((await jail('down', file, 'vpn1')).code, 0);
  t.false(existsSync(`/run/netns/${namespace}`));
  t.is((await jail('status', file, 'vpndns')).code, 0);
  t.is((await jail('up', file, 'vpn1')).code, 0);
  t.true(existsSync(`/run/netns/${namespace}`));
  t.is((await jail('status', file)).code, 0);
});

test.serial('a container without a session lets nothing out, whoever tries', async (t) => {
  if (!possible(t)) return;
  const file = writeSite(t.context.directory);
  t.is((await jail('up', file)).code, 0);
  for (const target of ['1.1.1.1', '203.0.113.254']) {
    t.not((await attempt(within(`${site}-vpn1`, 'ping', '-c', '1', '-W', '1', target))).code, 0, target);
  }
  const { code, stderr } = await attempt([`${t.context.directory}/run/${site}/scripts/check-pid.sh`, 'dynvpn1', '192.168.1.51', 'x']);
  t.deepEqual([code, stderr], [1, ''], 'and there is no session');
});

test.serial('a session does not start but behind the rules of its container', async (t) => {
  if (!possible(t)) return;
  const file = writeSite(t.context.directory);
  t.is((await jail('up', file)).code, 0);
  await run(within(`${site}-vpn1`, 'nft', 'delete', 'table', 'inet', 'vpnjail'));
  const started = await attempt([`${t.context.directory}/run/${site}/scripts/vpn-set-online.sh`, 'dynvpn1', '192.168.1.51', 'x', site, '192.168.1.1']);
  t.is(started.code, 1);
  t.regex(started.stderr, /the rules of jailtest-vpn1 are not in force: no session is started/);
  t.is((await jail('down', file, '--purge')).code, 0);
});

test.serial('clients are led to the resolver of a session as long as it stands, whatever becomes of the rules', async (t) => {
  if (!possible(t)) return;
  // The session is ours: nobody else is to start one meanwhile.
  const idle = 'dynvpn: [sh, -c, "exec socat TCP-LISTEN:5000,fork /dev/null"]';
  const file = writeSite(t.context.directory, (text) => text.replace(/dynvpn: \[.*?\]/, idle));
  t.is((await jail('up', file)).code, 0);
  const [namespace, session] = [`${site}-vpn1`, `vpn1-${site}`];
  const script = (name: string): string => `${t.context.directory}/run/${site}/scripts/${name}`;
  const resolver = async (): Promise<string | undefined> =>
    /53 : (\S+)/.exec(await run(within(namespace, 'nft', 'list', 'map', 'inet', 'vpnjail', 'resolver')))?.[1];
  const hook = (type: 'up' | 'down', ...more: readonly string[]): Promise<string> => run(within(namespace, 'env', `script_type=${type}`, `dev=${session}`,
    'ifconfig_local=10.8.0.6', 'ifconfig_netmask=255.255.255.0', 'route_vpn_gateway=10.8.0.1', ...more, script('openvpn-hook.sh'), 'dynvpn1'));
  await run(['ip', '-n', namespace, 'link', 'add', session, 'type', 'veth', 'peer', 'name', 'far']);
  await hook('up');
  t.is(await resolver(), '10.8.0.1', 'what the provider says nothing of is the far end of the tunnel');
  await hook('up', 'foreign_option_1=dhcp-option DNS 10.8.0.53');
  t.is(await resolver(), '10.8.0.53');
  t.regex(await run(['ip', '-n', namespace, 'route', 'get', '10.8.0.53']), new RegExp(` dev ${session} `));
  t.is((await attempt([script('check-pid.sh'), 'dynvpn1', '192.168.1.51', 'x'])).code, 0);
  await run(within(namespace, 'nft', 'delete', 'table', 'inet', 'vpnjail'));
  t.is((await jail('up', file, 'vpn1')).code, 0);
  t.is(await resolver(), '10.8.0.53', 'rules that are made again know it');
  await hook('down');
  t.is(await resolver(), undefined);
  await hook('up');
  t.is((await attempt([script('vpn-set-offline.sh'), 'dynvpn1', '192.168.1.51', 'x'])).code, 0);
  t.is(await resolver(), undefined);
  t.is((await attempt([script('check-pid.sh'), 'dynvpn1', '192.168.1.51', 'x'])).code, 1);
  t.is((await jail('down', file, '--purge')).code, 0);
});

test.serial('an up that fails is undone whole', async (t) => {
  if (!possible(t)) return;
  const before = await everything(t.context);
  const file = writeSite(t.context.directory, (text) => text.replace(/vpndns: \[.*?\]/, 'vpndns: [sh, -c, "echo the disk is full; exit 1"]'));
  const { code, stdout } = await jail('up', file);
  t.is(code, 1);
  t.regex(stdout, /^failed +vpndns: vpndns, which .*\n[^]*the disk is full\n[^]*^jailtest is not up; what was done is undone/m);
  t.deepEqual(differences(before, await everything(t.context)), []);
});

test.serial('an up that is interrupted is undone whole', async (t) => {
  if (!possible(t)) return;
  const before = await everything(t.context);
  const file = writeSite(t.context.directory);
  const [program = '', ...args] = onHost(process.execPath, vpnjail, 'up', file);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.on('data', (part: Buffer) => {
    if (!told.includes('vpn1:') && (told += String(part)).includes('vpn1:')) child.kill('SIGINT');
    else told += String(part);
  });
  const [code] = (await once(child, 'close')) as [number];
  t.is(code, 1, told);
  t.regex(told, /what was done is undone/);
  t.deepEqual(differences(before, await everything(t.context)), []);
});

test.serial('an up that fails, of a site that stands, opens nothing', async (t) => {
  if (!possible(t)) return;
  t.is((await jail('up', writeSite(t.context.directory))).code, 0);
  const rules = (): Promise<string> => run(onHost('nft', 'list', 'table', 'inet', 'vpnjail'));
  const file = writeSite(t.context.directory, (text) => text.replace('[9.9.9.9]', '[9.9.9.10]').replace(/vpndns: \[.*?\]/, 'vpndns: ["false"]'));
  t.is((await jail('up', file)).code, 1);
  t.regex(await rules(), /oifname "eth0" goto outward/);
  t.is((await jail('down', file, '--purge')).code, 0);
  await t.throwsAsync(rules);
});

test.serial('the plan as a script does the same without Node.js', async (t) => {
  if (!possible(t)) return;
  const before = await everything(t.context);
  const file = writeSite(t.context.directory);
  const script = join(t.context.directory, 'plan.sh');
  writeFileSync(script, (await jail('plan', file)).stdout);
  chmodSync(script, 0o755);
  const up = await attempt(onHost(script, 'up'));
  t.is(up.code, 0, up.stdout + up.stderr);
  t.is((await jail('status', file)).code, 0);
  t.deepEqual(whole.exec((await jail('up', file)).stdout)?.[1], '0');
  t.is((await attempt(onHost(script, 'status'))).code, 0);
  const down = await attempt(onHost(script, 'down', '--purge'));
  t.is(down.code, 0, down.stdout + down.stderr);
  t.deepEqual(differences(before, await everything(t.context)), []);
});

test.serial('a bridge that is somebody else’s is left alone', async (t) => {
  if (!possible(t)) return;
  const file = writeSite(t.context.directory);
  await run(onHost('ip', 'link', 'add', 'bridge0', 'type', 'bridge'));
  const before = await everything(t.context);
  t.is((await jail('up', file)).code, 1);
  t.deepEqual(differences(before, await everything(t.context)), []);
  t.is((await jail('down', file)).code, 0);
  t.deepEqual(differences(before, await everything(t.context)), []);
  await run(onHost('ip', 'link', 'delete', 'bridge0'));
});

test.serial('without root, or without a tool, nothing is changed', async (t) => {
  if (!possible(t)) return;
  const before = await everything(t.context);
  const file = writeSite(t.context.directory, (text) => text.replace(/vpndns: \[.*?\]/, 'vpndns: [no-such-program]'));
  const missing = await jail('up', file);
  t.deepEqual([missing.code, missing.stdout], [1, '']);
  t.regex(missing.stderr, /^vpnjail: no-such-program is missing$/m);
  t.deepEqual(differences(before, await everything(t.context)), []);
});

test.serial('nft takes the rules of every example site, by whatever its sites are joined', async (t) => {
  if (!possible(t)) return;
  for (const name of ['host1', 'host2', 'host3']) {
    for (const tunnel of ['ipsec', 'ipsec-gre', 'gre'] as const) {
      const example = exampleSite(name);
      const changed = { ...example, wan: { ...example.wan, tunnel } };
      const files = [rulesFile('host', hostRules(changed)), ...changed.vpnContainers.map((container) => vpnFiles(changed, container)[0]!)];
      for (const { path, text } of files) await t.notThrowsAsync(run(onHost('nft', '-c', '-f', '-'), text), `${name}, ${tunnel}: ${path}`);
    }
  }
});
