import test, { type ExecutionContext } from 'ava';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyPlugin, ApiResult, Explanation } from '../../core/plugin.js';
import { createTestServer, ScriptedUpstream, type Script, type TestServer } from '../../testing/index.js';
import { Blocklist } from './blocklist.js';

interface World {
  readonly server: TestServer;
  readonly upstream: ScriptedUpstream;
  readonly path: (name: string) => string;
}

const defaultFiles = { 'ads.txt': 'ads.example\n', 'trackers.txt': '! trackers\n||tracker.example^\n@@||good.tracker.example^\n' };

/** A server with `dir lists` and these lines in its blocklist, behind it a cache and an upstream. */
async function start(t: ExecutionContext, lines: readonly string[] = [], files: Readonly<Record<string, string>> = defaultFiles): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'blocklist-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = (name: string): string => join(directory, name);
  for (const [name, content] of Object.entries(files)) writeFileSync(path(name), content);
  const upstream = new ScriptedUpstream();
  const server = await createTestServer(corefileOf(files, lines), { plugins: [upstream.plugin] as readonly AnyPlugin[], file: path('Corefile') });
  t.teardown(() => server.stop());
  return { server, upstream, path };
}

const corefileOf = (files: Readonly<Record<string, string>>, lines: readonly string[]): string =>
  `. {\n blocklist {\n file ${Object.keys(files).join(' ')}\n ${lines.join('\n ')}\n }\n cache\n scripted\n}\n`;

/** Calls the API as http-admin does: `/blocklist/check/a.example?client=192.0.2.1`. */
const call = ({ server }: World, path: string): Promise<ApiResult> => server.call(/check|list_/.test(path) ? 'GET' : 'POST', path);

const isBlocked = async ({ server }: World, name: string, client = '192.0.2.1'): Promise<boolean> =>
  (await server.ask(name, 'A', { client })).answers[0]?.endsWith(' 127.0.0.1') ?? false;

/** What the plugin says about a query for this name. */
const explain = async ({ server }: World, name: string): Promise<Explanation | undefined> =>
  (await server.explain(name)).find(({ plugin }) => plugin === 'blocklist');

test('a blocked name gets the loopback address, with the list as the reason', async (t) => {
  const { server, upstream } = await start(t);
  const answer = await server.ask('ADS.example', 'A', { edns: 1232 });
  t.deepEqual([answer.rcode, answer.answers, answer.authoritative], ['NOERROR', ['ADS.example 1 A 127.0.0.1'], false]);
  t.deepEqual(answer.error, { code: 15, text: 'blocked by ads.txt' });
  t.is((await server.ask('x.tracker.example', 'A', { edns: 1232 })).error?.text, 'blocked by trackers.txt');
  t.deepEqual(upstream.asked, []);
});

test('a name is judged for every type', async (t) => {
  const { server, upstream } = await start(t);
  for (const type of ['AAAA', 'TXT', 'MX', 'NS', 'SVCB', 'HTTPS', 'TYPE65280']) {
    const { rcode, answers } = await server.ask('ads.example', type);
    t.deepEqual([rcode, answers], ['NOERROR', []], type);
  }
  t.deepEqual(upstream.asked, []);
});

test('other names are asked of the upstream', async (t) => {
  const world = await start(t);
  for (const name of ['example', 'x.ads.example', 'www.example', 'good.tracker.example', 'x.good.tracker.example']) t.false(await isBlocked(world, name), name);
  t.is(world.upstream.asked.length, 5);
});

test('the answer is the one that is configured', async (t) => {
  const cases: readonly (readonly [readonly string[], string, readonly string[], readonly string[]])[] = [
    [['answer null', 'all_types', 'ttl 60'], 'NOERROR', ['ads.example 60 A 0.0.0.0'], ['ads.example 60 AAAA ::']],
    [['answer loopback', 'all_types'], 'NOERROR', ['ads.example 1 A 127.0.0.1'], ['ads.example 1 AAAA ::1']],
    [['answer nxdomain'], 'NXDOMAIN', [], []],
    [['answer nodata'], 'NOERROR', [], []],
    [['answer refused'], 'REFUSED', [], []],
    [['answer 192.0.2.1 192.0.2.2 2001:db8::1'], 'NOERROR', ['ads.example 1 A 192.0.2.1', 'ads.example 1 A 192.0.2.2'], []],
    [['answer 2001:db8::1', 'all_types'], 'NOERROR', [], ['ads.example 1 AAAA 2001:db8::1']],
  ];
  for (const [lines, rcode, a, aaaa] of cases) {
    const { server } = await start(t, lines);
    const [ipv4, ipv6] = [await server.ask('ads.example', 'A'), await server.ask('ads.example', 'AAAA')];
    t.deepEqual([ipv4.rcode, ipv4.answers, ipv6.rcode, ipv6.answers], [rcode, a, rcode, aaaa], lines.join());
  }
});

test('lists are for some clients, and not for others', async (t) => {
  const world = await start(t, ['clients 192.0.2.0/24 2001:db8::/32', 'exempt 192.0.2.128/25']);
  t.true(await isBlocked(world, 'ads.example', '192.0.2.1'));
  t.true(await isBlocked(world, 'ads.example', '2001:db8::1'));
  t.false(await isBlocked(world, 'ads.example', '192.0.2.200'));
  t.false(await isBlocked(world, 'ads.example', '198.51.100.1'));
});

test('what the Corefile allows no list can block', async (t) => {
  const world = await start(t, ['match subdomains', 'allow a.ads.example', 'allow_file allowed'], { 'ads.txt': 'ads.example\n', allowed: 'b.ads.example\n' });
  // `file` names both files here: a name that is listed and allowed is allowed.
  t.true(await isBlocked(world, 'ads.example'));
  t.true(await isBlocked(world, 'c.ads.example'));
  t.false(await isBlocked(world, 'x.a.ads.example'));
  t.false(await isBlocked(world, 'b.ads.example'));
});

test('an alias of a blocked name is blocked, fresh or cached, for those to whom the list applies', async (t) => {
  const world = await start(t, ['exempt 192.0.2.200']);
  world.upstream.answer = () => ({ answers: [{ type: 'CNAME', data: 'x.tracker.example' }, { name: 'x.tracker.example', type: 'A', data: '192.0.2.2' }] });
  t.false(await isBlocked(world, 'alias.example', '192.0.2.200'));
  t.true(await isBlocked(world, 'alias.example'));
  t.true(await isBlocked(world, 'alias.example'));
  t.is(world.upstream.asked.length, 1);
  await call(world, '/blocklist/add_exception/alias.example');
  t.false(await isBlocked(world, 'alias.example'));
});

/** A record that leads to `x.tracker.example`: RDATA of SVCB and HTTPS has a priority before the name. */
const leading = (kind: 'SVCB' | 'HTTPS' | 'DNAME', priority = 1): Script => ({
  answers: [kind === 'DNAME'
    ? { type: 'DNAME', name: 'example', data: 'tracker.example' }
    : { type: (kind === 'SVCB' ? 'UNKNOWN_64' : 'UNKNOWN_65') as never, data: Buffer.from(`\0${String.fromCharCode(priority)}\x01x\x07tracker\x07example\0`) }],
});

test('a service, an alias of one or of a whole domain does not hide a blocked name either', async (t) => {
  const world = await start(t, ['match subdomains', 'answer nxdomain']);
  const ways = [['SVCB', leading('SVCB')], ['HTTPS', leading('HTTPS')], ['HTTPS', leading('HTTPS', 0)], ['A', leading('DNAME')]] as const;
  for (const [i, [type, script]] of ways.entries()) {
    world.upstream.answer = () => script;
    t.is((await world.server.ask(`alias${i}.example`, type)).rcode, 'NXDOMAIN', type);
    t.is((await world.server.ask(`alias${i}.good.tracker.example`, type)).rcode, 'NOERROR', 'who may have the name may have what it leads to');
  }
});

test('every link of a chain is judged, the last without an address too', async (t) => {
  const world = await start(t);
  const chain = (...names: string[]): Script => ({ answers: names.slice(1).map((data, i) => ({ type: 'CNAME', name: names[i]!, data })) });
  for (const [i, rest] of [['ads.example'], ['cdn.example', 'ads.example'], ['cdn.example', 'ads.example', 'www.example']].entries()) {
    world.upstream.answer = () => chain(`a${i}.example`, ...rest);
    t.true(await isBlocked(world, `a${i}.example`), rest.join());
  }
  world.upstream.answer = () => chain('b.example', 'cdn.example', 'good.tracker.example');
  t.is((await world.server.ask('b.example')).answers.length, 2);
});

test('what a service leads to itself by is the name that was judged already', async (t) => {
  const world = await start(t);
  world.upstream.answer = () => ({ answers: [{ type: 'UNKNOWN_65' as never, data: Buffer.from([0, 1, 0]) }] });
  t.is((await world.server.ask('www.example', 'HTTPS')).answers.length, 1);
});

test('inspect off leaves aliases alone', async (t) => {
  const world = await start(t, ['inspect off']);
  world.upstream.answer = () => ({ answers: [{ type: 'CNAME', data: 'x.tracker.example' }] });
  t.false(await isBlocked(world, 'alias.example'));
});

test('mistakes in the directive are reported where they stand', async (t) => {
  const mistakes: readonly (readonly [string, RegExp])[] = [
    ['blocklist', /Corefile:2:1: blocklist: it has no list/],
    ['blocklist {\n file a\n answer nowhere\n}', /Corefile:4:9: blocklist: 'nowhere' is none of/],
    ['blocklist {\n file a\n answer nxdomain 192.0.2.1\n}', /stands alone/],
    ['blocklist {\n file a\n only_a\n all_types\n}', /Corefile:5/],
    ['blocklist {\n url ftp://a.example/\n}', /ftp/],
  ];
  for (const [directive, message] of mistakes) await t.throwsAsync(createTestServer(`. {\n${directive}\n}\n`), { message });
});

test('a list that cannot be read stops a start, and leaves the old configuration in force at a reload', async (t) => {
  const world = await start(t);
  const starting = createTestServer('. {\n blocklist {\n file missing.txt\n }\n}\n', { file: world.path('Corefile') });
  await t.throwsAsync(starting, { message: /blocklist: can't read .*missing\.txt/ });
  const { errors } = await world.server.reload(corefileOf({ 'missing.txt': '' }, []));
  t.regex(errors.join(), /can't read .*missing\.txt/);
  t.true(await isBlocked(world, 'ads.example'));
});

test('a reload of the lists brings what is new; one that fails leaves the old and is not ready', async (t) => {
  const world = await start(t);
  writeFileSync(world.path('ads.txt'), 'new.example\nno name\n');
  const { message, data } = await call(world, '/blocklist/reload');
  t.is(message, 'completed');
  t.like(data, { names: 2, skipped: 1 });
  t.true(await isBlocked(world, 'new.example'));
  t.false(await isBlocked(world, 'ads.example'));
  rmSync(world.path('ads.txt'));
  const failed = await call(world, '/blocklist/reload');
  t.true(failed.failed);
  t.regex(failed.message, /can't read .*ads\.txt/);
  t.true(await isBlocked(world, 'new.example'));
  t.regex(world.server.host.current!.unready()[0]?.reason ?? '', /ads\.txt/);
  t.true(world.server.log.some(({ level, line }) => level === 'error' && line.includes('the old ones go on')));
  writeFileSync(world.path('ads.txt'), 'ads.example\n');
  await call(world, '/blocklist/reload');
  t.deepEqual(world.server.host.current!.unready(), []);
});

test('a reload of the configuration keeps lists and exceptions, and counts on', async (t) => {
  const world = await start(t);
  const instance = (): Blocklist => world.server.host.current!.seats.map((seat) => seat.instance).find((each) => each instanceof Blocklist)!;
  const before = instance();
  await call(world, '/blocklist/add_exception/ads.example');
  await isBlocked(world, 'tracker.example');
  t.deepEqual((await world.server.reload()).errors, []);
  const after = instance();
  t.not(before, after);
  t.is(before.lists, after.lists);
  t.false(await isBlocked(world, 'ads.example'));
  await isBlocked(world, 'tracker.example');
  const metrics = await world.server.metrics.text('vpndns');
  t.regex(metrics, /vpndns_blocklist_blocked_total\{list="trackers.txt"\} 2/);
  t.regex(metrics, /vpndns_blocklist_names\{list="ads.txt"\} 1/);
});

test('exceptions are made, listed and taken back over HTTP, and take effect at once', async (t) => {
  const world = await start(t, ['exceptions kept.json']);
  t.true(await isBlocked(world, 'ads.example'));
  t.deepEqual(await call(world, '/blocklist/add_exception/ADS.example?reason=shop'), { message: 'added', data: { added: 'ads.example' } });
  t.false(await isBlocked(world, 'ads.example'));
  t.true((await call(world, '/blocklist/add_exception/ads.example')).failed);
  await call(world, '/blocklist/add_exception/tracker.example?subdomains=1&for=30m&client=192.0.2.0/24');
  t.false(await isBlocked(world, 'x.tracker.example'));
  t.true(await isBlocked(world, 'x.tracker.example', '198.51.100.1'));
  t.deepEqual((await call(world, '/blocklist/list_exceptions')).data, { exceptions: ['ads.example', 'tracker.example'] });
  t.like((await call(world, '/blocklist/list_exceptions?details=1')).data, {
    exceptions: { 0: { name: 'ads.example', reason: 'shop' }, 1: { client: '192.0.2.0/24', expires: '2026-01-01T00:30:00.000Z' } },
  });
  t.true(existsSync(world.path('kept.json')));
  world.server.clock.advance(30 * 60_000);
  t.true(await isBlocked(world, 'x.tracker.example'));
  t.deepEqual((await call(world, '/blocklist/del_exception/ads.example')).data, { deleted: 'ads.example' });
  t.true(await isBlocked(world, 'ads.example'));
  t.true((await call(world, '/blocklist/del_exception/ads.example')).failed);
  await call(world, '/blocklist/add_exception/ads.example');
  t.deepEqual((await call(world, '/blocklist/clear_exceptions')).data, {});
  t.true(await isBlocked(world, 'ads.example'));
});

test('a caller’s mistake is refused with what is wrong', async (t) => {
  const world = await start(t);
  for (const path of ['a..b', 'ads.example?client=nobody', 'ads.example?for=soon', 'ads.example?subdomains=perhaps', `ads.example?reason=${'x'.repeat(201)}`]) {
    const error = await t.throwsAsync(call(world, `/blocklist/add_exception/${path}`));
    t.is((error as Error & { status?: number }).status, 400, path);
  }
  t.deepEqual((await call(world, '/blocklist/list_exceptions')).data, { exceptions: [] });
});

test('check and explain name the list and the line', async (t) => {
  const world = await start(t, ['exempt 192.0.2.200']);
  t.like((await call(world, '/blocklist/check/x.tracker.example')).data, {
    blocked: true, lists: { 0: { list: 'trackers.txt', path: world.path('trackers.txt'), line: 2, entry: 'tracker.example', blocked: true } },
  });
  t.like((await call(world, '/blocklist/check/x.tracker.example?client=192.0.2.200')).data, {
    blocked: false, lists: { 0: { because: 'this client is exempt' } },
  });
  t.like((await call(world, '/blocklist/check/good.tracker.example')).data, { blocked: false, lists: { 0: { blocked: false } } });
  t.deepEqual((await call(world, '/blocklist/check/www.example')).data, { name: 'www.example', blocked: false, lists: [], exceptions: [] });
  t.like(await explain(world, 'x.tracker.example'), { decision: 'blocked by list trackers.txt, line 2 (tracker.example and all below it)', final: true });
  await call(world, '/blocklist/add_exception/ads.example');
  t.like(await explain(world, 'ads.example'), { decision: 'listed in ads.txt, line 1, but not blocked: an exception was made', final: false });
  t.is(await explain(world, 'www.example'), undefined);
});

test('exceptions that cannot be understood are reported in the log', async (t) => {
  const world = await start(t, ['exceptions kept.json']);
  writeFileSync(world.path('kept.json'), 'no JSON');
  const corefile = corefileOf(defaultFiles, ['exceptions kept.json']);
  const other = await createTestServer(corefile, { plugins: [world.upstream.plugin] as readonly AnyPlugin[], file: world.path('Corefile') });
  t.teardown(() => other.stop());
  t.true(other.log.some(({ level, line }) => level === 'error' && line.includes('kept.json.corrupt')));
});
