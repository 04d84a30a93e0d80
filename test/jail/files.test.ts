/** The rendered files are what the real daemons of this project take, and do what the site file means. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseAddress } from '../../core/address.js';
import { explainQuery } from '../../core/explain.js';
import { nameFromText } from '../../core/name.js';
import { check as checkDynvpn } from '../../ha/serve.js';
import { renderDaemons } from '../../jail/files/daemons.js';
import { scriptsHome, siteHome } from '../../jail/files/home.js';
import { readExample } from '../../jail/site/examples.js';
import { readSite, type Site } from '../../jail/site/index.js';
import { check } from '../check.js';

const home = '/etc/vpncore/';
const sites = ['host1', 'host2', 'host3'];

/** An example site whose files, and all that is rendered from it, are in a directory of the test. */
function placed(t: ExecutionContext, name: string, edit: (text: string) => string = (text) => text): Site {
  const directory = mkdtempSync(join(tmpdir(), 'site-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const here = (text: string): string => text.replaceAll(home, `${directory}/`);
  const readFile = (file: string): string => edit(here(readExample(file.replace(`${directory}/`, home))))
    .replace('\nsecrets:', `\ndirectories: { run: ${directory}/run, state: ${directory}/state }\nsecrets:`);
  const site = readSite(`${directory}/${name}.yml`, readFile);
  mkdirSync(`${directory}/blocklists`);
  writeFileSync(`${directory}/static.txt`, '');
  writeFileSync(`${directory}/peers.secret`, 'a secret of the sites', { mode: 0o600 });
  writeScripts(site);
  for (const { path, text } of renderDaemons(site)) write(join(siteHome(site), path), text);
  return site;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Stand-ins: dynvpn looks whether they are there. */
function writeScripts(site: Site): void {
  for (const script of ['check-pid', 'vpn-check-online', 'vpn-set-online', 'vpn-set-offline', 'add-vpn-route', 'delete-vpn-route']) {
    write(`${scriptsHome(site)}/${script}.sh`, '#!/bin/sh\n');
    chmodSync(`${scriptsHome(site)}/${script}.sh`, 0o755);
  }
}

const pathOf = (site: Site, name: string): string => join(siteHome(site), renderDaemons(site).find(({ path }) => path.endsWith(`/${name}`))!.path);

for (const name of sites) {
  test(`vpndns takes the Corefile of ${name}`, async (t) => {
    await t.notThrowsAsync(check(pathOf(placed(t, name), 'Corefile')));
  });

  test(`dynvpn takes the files of ${name}`, async (t) => {
    const warnings: string[] = [];
    const told = await checkDynvpn({ conf: pathOf(placed(t, name), 'Dynvpnfile'), quiet: false }, (line) => warnings.push(line));
    t.deepEqual(warnings, []);
    t.regex(told, new RegExp(`runs ${name}, one of 3 sites, with dynvpn1, dynvpn2`));
    t.regex(told, new RegExp(`dynvpn2: 192\\.168\\.${name.slice(-1)}\\.52, anycast 10\\.0\\.254\\.52`));
  });
}

test('with etcd, dynvpn takes a lease', async (t) => {
  const site = placed(t, 'host1', (text) => text.replace('  check: [1.1', '  etcd: ["http://192.168.1.20:2379"]\n  lease_ttl: 4s\n  check: [1.1'));
  t.regex(readFileSync(pathOf(site, 'Dynvpnfile'), 'utf8'), /^ {4}lease etcd http:\/\/192\.168\.1\.20:2379 \{\n {8}ttl 4s\n/m);
  await t.notThrowsAsync(checkDynvpn({ conf: pathOf(site, 'Dynvpnfile'), quiet: false }, () => undefined));
});

test('all sites have the same file on the WAN', (t) => {
  const files = sites.map((name) => readFileSync(pathOf(placed(t, name), 'global.yml'), 'utf8'));
  t.is(new Set(files).size, 1);
});

test('directives of an administrator become part of the Corefile', async (t) => {
  const site = placed(t, 'host1', (text) => text.replace('    upstreams:', '    more: own.conf\n    upstreams:'));
  write(site.dns.more!, 'any\n');
  await t.notThrowsAsync(check(pathOf(site, 'Corefile')));
});

/** Whom a question of that client is asked of, or why it is not. */
async function fateOf(t: ExecutionContext, client: string, edit?: (text: string) => string, name = 'www.example.org'): Promise<string> {
  const host = await check(pathOf(placed(t, 'host1', edit), 'Corefile'));
  const { route, outcome } = await explainQuery(host, { client: parseAddress(client)!, name: nameFromText(name), type: 1 });
  return route === undefined || route.upstreams.length === 0 ? outcome : route.upstreams.join(' ');
}

test('a question goes back to the container that it comes from, and the site itself asks its own servers', async (t) => {
  t.is(await fateOf(t, '192.168.1.51'), '192.168.1.51:53');
  t.is(await fateOf(t, '192.168.1.52'), '192.168.1.52:53');
  t.is(await fateOf(t, '192.168.1.20'), '9.9.9.9:53');
  t.is(await fateOf(t, '127.0.0.1'), '9.9.9.9:53');
});

test('a name that only means something here is not asked of a provider', async (t) => {
  t.regex(await fateOf(t, '192.168.1.51', undefined, '7.1.168.192.in-addr.arpa'), /^local: /);
});

test('a zone of our own is asked of its own servers, whoever asks', async (t) => {
  for (const client of ['192.168.1.51', '192.168.1.20']) t.is(await fateOf(t, client, undefined, 'mail.corp.example'), '192.168.1.20:53');
});

test('nobody else is served', async (t) => {
  const others = ['192.168.2.51', '203.0.113.9', '10.0.254.51', '10.15.0.6', '192.168.7.9'];
  for (const client of others) t.regex(await fateOf(t, client), /^acl: (?:dropped|blocked)/, client);
});

test('a client of a VPN is not served outside of it, even where its site announces its addresses', async (t) => {
  const announced = (text: string): string => text.replace('identity: host1.example.net', 'identity: host1.example.net\n    prefixes: [192.168.7.0/24]');
  t.regex(await fateOf(t, '192.168.7.9', announced), /^acl: blocked/);
});

test('without upstreams, only VPNs are asked for', async (t) => {
  const none = (text: string): string => text.replace(/ {4}upstreams:.*\n/, '');
  t.is(await fateOf(t, '192.168.1.51', none), '192.168.1.51:53');
  t.regex(await fateOf(t, '192.168.1.20', none), /refuse/);
});
