/** Every ready-made Corefile loads, and does what its comments say. */
import test from 'ava';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '../core/address.js';
import { explainQuery } from '../core/explain.js';
import { nameFromText } from '../core/name.js';
import { typeNumber } from '../core/wire/types.js';
import { createTestServer } from '../testing/index.js';
import { check, codeOf, wholeCorefile } from './check.js';
import { repositoryRoot } from './tidy.js';

const root = repositoryRoot();
const corefiles = ['Corefile.example', ...readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.Corefile')).map((file) => `examples/${file}`)];

for (const file of corefiles) {
  test(`${file} loads`, async (t) => {
    const { blocks } = await check(join(root, file));
    t.true(blocks.length > 0);
  });
}

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

test('the examples in README.md load', async (t) => {
  const examples = codeOf(textOf('README.md')).filter(({ language }) => language === 'corefile');
  t.true(examples.length > 0);
  for (const { text } of examples) await t.notThrowsAsync(check(join(root, 'README.md'), wholeCorefile(text)), text);
});

test('the plugin that CONTRIBUTING.md writes in ten minutes answers, from a directory of its own', async (t) => {
  const blocks = codeOf(textOf('CONTRIBUTING.md'));
  const directory = await mkdtemp(join(tmpdir(), 'contributing-'));
  await mkdir(join(directory, 'node_modules'));
  // As `npm install vpncore` leaves it.
  await symlink(root, join(directory, 'node_modules', 'vpncore'));
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  await writeFile(join(directory, 'hello.js'), blocks.find(({ language }) => language === 'js')!.text);
  const corefile = blocks.find(({ text }) => text.startsWith('plugin ./hello.js'))!.text;
  const server = await createTestServer(corefile, { file: join(directory, 'Corefile') });
  t.teardown(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });
  t.deepEqual((await server.ask('hello.example', 'TXT')).data.map(String), ['hello']);
  t.is((await server.ask('hello.example', 'A')).rcode, 'REFUSED');
});

test('a new example is found by itself', (t) => {
  for (const name of ['vpn', 'office', 'home', 'datacentre', 'motd']) t.true(corefiles.includes(`examples/${name}.Corefile`), name);
});

/** What becomes of a client's question: the route's servers, or the outcome in words. */
async function fateOf(file: string, client: string, name: string, type = 'A'): Promise<string> {
  const host = await check(join(root, 'examples', `${file}.Corefile`));
  const { route, outcome } = await explainQuery(host, { client: parseAddress(client)!, name: nameFromText(name), type: typeNumber(type)! });
  return route === undefined || route.upstreams.length === 0 ? outcome : route.upstreams.join(' ');
}

test('with VPNs, each client’s questions leave by its own VPN', async (t) => {
  t.is(await fateOf('vpn', '192.168.100.50', 'www.example.org'), '192.168.100.50:53');
  t.is(await fateOf('vpn', '192.168.100.51', 'www.example.org'), '192.168.100.51:53');
  t.is(await fateOf('vpn', '192.168.7.9', 'www.example.org'), '192.168.100.49:53');
  t.is(await fateOf('vpn', '192.168.8.9', 'www.example.org'), '192.168.100.50:53');
  t.is(await fateOf('vpn', '192.168.1.66', 'www.example.org'), '192.168.100.50:53', 'the most specific network');
  t.is(await fateOf('vpn', '192.168.1.67', 'www.example.org'), '9.9.9.9:53 149.112.112.112:53');
  t.is(await fateOf('vpn', '192.168.100.50', 'mail.corp.example'), '192.168.1.1:53', 'our own zone, whoever asks');
  t.is(await fateOf('vpn', '192.168.100.50', '5.1.168.192.in-addr.arpa'), '192.168.1.1:53', 'our own addresses');
  t.regex(await fateOf('vpn', '192.168.100.50', '5.0.0.10.in-addr.arpa'), /^local: /, 'those of others');
  t.regex(await fateOf('vpn', '192.168.9.9', 'www.example.org'), /^source-policy-forward: .*refuse/i, 'in none of the networks');
  t.regex(await fateOf('vpn', '203.0.113.1', 'www.example.org'), /^acl: dropped/);
});

test('at home, what is only known there is not asked of strangers', async (t) => {
  t.regex(await fateOf('home', '192.168.1.5', 'nas.home.arpa'), /^static: /);
  for (const name of ['tv.home.arpa', 'tv.local', '9.1.168.192.in-addr.arpa']) t.regex(await fateOf('home', '192.168.1.5', name), /^local: /, name);
  t.regex(await fateOf('home', '192.168.1.5', 'tv.lan'), /^nxdomain: /);
  t.is(await fateOf('home', '192.168.1.5', 'www.example.org'), '9.9.9.9:53 1.1.1.1:53');
  t.regex(await fateOf('home', '203.0.113.1', 'www.example.org'), /^acl: blocked/);
});

test('in the office, its own names and addresses are asked of its own servers', async (t) => {
  for (const name of ['mail.corp.example', '9.1.20.10.in-addr.arpa']) t.is(await fateOf('office', '10.20.1.9', name), '10.20.0.2:53 10.20.0.3:53', name);
  t.is(await fateOf('office', '10.20.1.9', 'www.example.org'), '192.0.2.53:53 198.51.100.53:53');
});

test('in the data centre, each hall asks its own resolvers', async (t) => {
  t.is(await fateOf('datacentre', '10.1.9.9', 'www.example.org'), '10.1.0.53:53 10.1.1.53:53');
  t.is(await fateOf('datacentre', '10.2.9.9', 'www.example.org'), '10.2.0.53:53 10.2.1.53:53');
  t.is(await fateOf('datacentre', '10.2.9.9', 'db.service.example'), '10.0.0.53:53 10.0.1.53:53');
  t.regex(await fateOf('datacentre', '10.1.9.9', 'www.example.org', 'ANY'), /^acl: filtered/);
});
