/** Sites that talk to each other over loopback, and what strangers can't make them do. */
import test, { type ExecutionContext } from 'ava';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestSite } from '../../testing/site.js';
import { signRequest } from '../../ha/plugins/peers/signature.js';
import { encodeState } from '../../ha/plugins/peers/wire.js';
import { freePorts } from '../../ha/demo/ports.js';
import { createLiveSite, metricOf, until } from './live.js';

const secret = 'a secret of all three sites';

interface Made {
  readonly sites: readonly [TestSite, TestSite, TestSite];
  readonly ports: ReadonlyMap<string, number>;
}

/** @param known how many of them the configuration has */
async function makeSites(t: ExecutionContext, peers = 'peers {\n  secret SECRET\n}', known = 3, before?: Made['ports']): Promise<Made> {
  const directory = await mkdtemp(join(tmpdir(), 'peers-'));
  await writeFile(join(directory, 'secret'), secret);
  const free = await freePorts(3);
  const ports = before ?? new Map(['a', 'b', 'c'].map((site, i) => [site, free[i]!]));
  t.teardown(() => rm(directory, { recursive: true }));
  const directives = peers.replace('SECRET', join(directory, 'secret'));
  const sites = await Promise.all(['a', 'b', 'c'].map((site) =>
    createLiveSite(t, { site, ports: new Map([...ports].filter(([name], i) => i < known || name === site)), directives }))) as unknown as Made['sites'];
  return { sites, ports };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Says something to a site's port. */
function say(port: number, method: string, path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, method, path, headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part)).once('end', () => resolve({ status: response.statusCode!, text }));
    });
    asking.once('error', reject).end(body);
  });
}

/** Waits until one of them has it and all others are ready to; returns who has it. */
async function settled(sites: readonly TestSite[], vpn: string): Promise<TestSite> {
  const count = (status: string): number => sites.filter((site) => site.statuses[vpn] === status).length;
  await until(() => count('Online') === 1 && count('Replica') === sites.length - 1);
  return sites.find((site) => site.statuses[vpn] === 'Online')!;
}

test('three sites agree on who has a VPN, and another takes it when that one is gone', async (t) => {
  const { sites } = await makeSites(t);
  await Promise.all(sites.map((site) => site.host.start()));
  const holder = await settled(sites, 'dynvpn1');
  t.deepEqual(sites.filter(({ drivers: { sessions } }) => sessions.has('dynvpn1')), [holder]);
  t.deepEqual(sites.filter(({ drivers: { routes } }) => routes.has('dynvpn1')), [holder]);
  await holder.stop();
  const rest = sites.filter((site) => site !== holder);
  t.true((await settled(rest, 'dynvpn1')).drivers.routes.has('dynvpn1'));
});

test('a failure is told at once, without a pull', async (t) => {
  const { sites: [a, b] } = await makeSites(t, 'peers {\n  secret SECRET\n  pull 1h\n}');
  await Promise.all([a, b].map((site) => site.host.start()));
  const holder = await settled([a, b], 'dynvpn1');
  const other = holder === a ? b : a;
  holder.drivers.answers.set('start', { ok: false, reason: 'it is to fail' });
  holder.drivers.sessions.clear();
  await until(() => other.statuses['dynvpn1'] === 'Online');
  await until(() => holder.statuses['dynvpn1'] === 'Failed');
  t.pass();
});

test('messages that are unsigned, forged, stale, repeated, broken, huge or of a stranger change nothing and are counted', async (t) => {
  const { sites: [a, b], ports } = await makeSites(t, 'peers {\n  secret SECRET\n  pull 1h\n}');
  await a.host.start();
  await until(() => a.statuses['dynvpn1'] === 'Online');
  await b.host.start();
  await until(() => b.statuses['dynvpn1'] === 'Replica');
  const port = ports.get('b')!;
  const path = '/peer/push_state';
  const lie = JSON.stringify({ id: 'a', replica_mode: 'Auto', state: { a: { id: 'a', vpn: { dynvpn1: 'Failed' } } } });
  const signed = (over: Partial<{ secret: string; from: string; body: string; at: number }> = {}): Record<string, string> => {
    const request = { method: 'POST', path, body: over.body ?? lie };
    return { 'Dynvpn-Signature': signRequest(over.secret ?? secret, request, over.from ?? 'a', 'b', over.at ?? Date.now()).header };
  };
  const refused: readonly (readonly [number, string, string, Record<string, string>])[] = [
    [401, 'unsigned', lie, {}],
    [401, 'forged', lie, signed({ secret: 'a secret of somebody else' })],
    [401, 'forged', lie, signed({ from: 'c' })],
    [401, 'stale', lie, signed({ at: Date.now() - 31_000 })],
    [400, 'malformed', '{"id":', signed({ body: '{"id":' })],
    [400, 'malformed', lie, { 'Dynvpn-Signature': 'x' }],
    [403, 'unknown site', lie.replaceAll('"a"', '"x"'), {}],
  ];
  for (const [status, reason, body, headers] of refused) {
    const counter = `dynvpn_peers_refused_total{reason="${reason}"}`;
    const before = await metricOf(b, counter);
    const answer = await say(port, 'POST', path, body, headers);
    t.is(answer.status, status, answer.text);
    t.true(answer.text.includes(reason), answer.text);
    t.is(await metricOf(b, counter), before + 1);
  }
  const truth = encodeState(a.runner.state, 0);
  const headers = signed({ body: truth });
  t.is((await say(port, 'POST', path, truth, headers)).status, 200);
  t.is((await say(port, 'POST', path, truth, headers)).status, 401, 'once more');
  t.is((await say(port, 'POST', path, 'x'.repeat(100_000))).status, 413);
  t.is((await say(port, 'GET', path, '')).status, 405);
  t.is((await say(port, 'POST', path, lie, { ...signed(), Origin: 'http://evil.example' })).status, 403, 'a browser');
  t.is(b.statuses['dynvpn1'], 'Replica');
  t.is(b.log.filter((line) => line.includes('forged')).length, 1, 'one line a minute for each kind');
});

for (const [what, directives] of [['with', 'peers {\n  secret SECRET\n}'], ['without', 'peers']] as const) {
  test(`${what} a secret, a site that its peer does not know yet takes nothing`, async (t) => {
    const { sites: [a], ports } = await makeSites(t, directives, 2);
    const { sites: [, , c] } = await makeSites(t, directives, 3, ports);
    await a.host.start();
    await until(() => a.statuses['dynvpn1'] === 'Online');
    await c.host.start();
    await until(() => c.statuses['dynvpn1'] !== 'Pending');
    t.is(c.statuses['dynvpn1'], 'Replica');
    t.is(c.runner.snapshot().peers[0]!.configuration, 'without us');
    t.is(await metricOf(c, 'dynvpn_peer_configuration_differs{site="c",peer="a"}'), 1);
    t.is(a.statuses['dynvpn1'], 'Online');
  });
}

test('that it is not known is believed from nobody but the peer', async (t) => {
  const { sites: [a], ports } = await makeSites(t, 'peers', 2);
  const { sites: [, , c] } = await makeSites(t, 'peers {\n  secret SECRET\n}', 3, ports);
  await a.host.start();
  await c.host.start();
  await until(() => c.statuses['dynvpn1'] === 'Online');
  t.is(c.runner.snapshot().peers[0]!.configuration, undefined);
  t.true(c.log.some((line) => line.includes('a does not answer: status 403: unknown site')));
});

test('a peer that answers nonsense, or nothing, is asked again, and holds up nobody', async (t) => {
  const { sites: [a, b], ports } = await makeSites(t, 'peers');
  let answer: RequestListener = (_request, response) => void response.end('{"id": "c", "state": 7}');
  const c = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => c.listen(ports.get('c'), '127.0.0.1', resolve));
  t.teardown(() => {
    c.closeAllConnections();
    c.close();
  });
  await Promise.all([a, b].map((site) => site.host.start()));
  const holder = await settled([a, b], 'dynvpn1');
  // It accepts, and says nothing.
  answer = () => undefined;
  holder.drivers.answers.set('start', { ok: false, reason: 'it is to fail' });
  holder.drivers.sessions.clear();
  await settled([a, b].filter((site) => site !== holder), 'dynvpn1');
  answer = (_request, response) => void response.end(JSON.stringify({ id: 'c', state: { c: { id: 'c', vpn: { dynvpn1: 'Replica' } } } }));
  await until(() => [a, b].every(({ runner }) => runner.state.peers.find(({ site }) => site === 'c')!.alive));
  t.pass();
});

test('without a secret a peer is known by its address, and a predecessor is understood', async (t) => {
  const { sites: [, b], ports } = await makeSites(t, 'peers {\n  pull 1h\n}');
  await b.host.start();
  await until(() => b.statuses['dynvpn1'] !== 'Pending' || b.runner.state.status === 'Online');
  const port = ports.get('b')!;
  const old = JSON.stringify({ id: 'a', state: { a: { id: 'a', vpn: { dynvpn1: 'Replica', dynvpn2: 'Offline' } } } });
  t.deepEqual(await say(port, 'POST', '/peer/push_state', old, { 'Content-Type': 'text/plain' }), { status: 200, text: '{}' });
  t.is(b.runner.state.peers.find(({ site }) => site === 'a')!.report!.vpns['dynvpn1']!.status, 'Replica');
  const pulled = await say(port, 'GET', '/peer/pull_state', '{"site_id": "a"}');
  t.is(pulled.status, 200);
  t.is((JSON.parse(pulled.text) as { id: string }).id, 'b');
  t.is(typeof (JSON.parse(pulled.text) as { state: { b: { vpn: { dynvpn1: string } } } }).state.b.vpn.dynvpn1, 'string');
  t.is((await say(port, 'GET', '/peer/pull_state', '{"site_id": "x"}')).status, 403);
});

test('secrets that are too short, or not for all, or for nobody, are refused at the start', async (t) => {
  const { sites: [a] } = await makeSites(t, 'peers {\n  secret SECRET b\n}');
  await t.throwsAsync(a.host.start(), { message: /no secret for c/ });
  const { sites: [other] } = await makeSites(t, 'peers {\n  secret SECRET x\n}');
  await t.throwsAsync(other.host.start(), { message: /no other site 'x'/ });
});
