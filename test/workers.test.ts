/** What the plugins of several workers do as one. The workers are hosts in one thread here; real threads: `test/e2e/workers.test.ts`. */
import test, { type ExecutionContext } from 'ava';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { limits } from '../core/limits.js';
import type { ApiResult } from '../core/plugin.js';
import { createTestServer, LoopbackHttp, ScriptedUpstream, type TestServer } from '../testing/index.js';

interface World {
  readonly server: TestServer;
  readonly upstream: ScriptedUpstream;
  readonly http: LoopbackHttp;
  readonly path: (name: string) => string;
}

const files: Readonly<Record<string, string>> = { 'ads.txt': 'ads.example\ntracker.example\n', 'names.txt': 'static.example 192.0.2.7\n' };

/** Three workers with these directives, in a directory with {@link files}. */
async function serve(t: ExecutionContext, directives: string, routes = ''): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'workers-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = (name: string): string => join(directory, name);
  for (const [name, content] of Object.entries(files)) writeFileSync(path(name), content);
  const upstream = new ScriptedUpstream();
  const http = new LoopbackHttp();
  const corefile = `. {\n workers 3\n ${directives}\n scripted ${routes}\n}`;
  const server = await createTestServer(corefile, { plugins: [upstream.plugin], file: path('Corefile'), runtime: { sockets: http.sockets } });
  t.teardown(() => server.stop());
  return { server, upstream, http, path };
}

/** Waits until something has come about; the test's own time limit is the bound. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

const everyWorker = [undefined, 1, 2] as const;
/** What each worker answers. */
const data = ({ server }: World, name: string): Promise<unknown[]> =>
  Promise.all(everyWorker.map(async (worker) => (await server.ask(name, 'A', { ...(worker !== undefined && { worker }) })).data[0]));

const dataOf = ({ data: found }: ApiResult): Readonly<Record<string, unknown>> => found as Readonly<Record<string, unknown>>;

test('lists are loaded once, and every worker sees each new state of them', async (t) => {
  const world = await serve(t, 'blocklist { file ads.txt }');
  t.deepEqual(await data(world, 'ads.example'), ['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  const loads = (): number => world.server.log.filter(({ line }) => line.includes('names are blocked')).length;
  t.is(loads(), 1);
  writeFileSync(world.path('ads.txt'), 'other.example\n');
  t.is((await world.server.call('POST', '/blocklist/reload')).message, 'completed');
  t.is(loads(), 2);
  t.deepEqual(await data(world, 'ads.example'), ['192.0.2.1', '192.0.2.1', '192.0.2.1']);
  t.deepEqual(await data(world, 'other.example'), ['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  const text = await world.server.metrics.text('vpndns');
  t.regex(text, /^vpndns_blocklist_blocked_total\{list="ads\.txt"\} 6$/m);
  t.regex(text, /^vpndns_blocklist_names\{list="ads\.txt"\} 1$/m);
});

test('a worker that begins later has the lists and the exceptions', async (t) => {
  const world = await serve(t, 'blocklist {\n file ads.txt\n exceptions exceptions.json\n }');
  await world.server.call('POST', '/blocklist/add_exception/ads.example');
  await world.server.kill(1);
  await until(() => world.server.log.some(({ line }) => line.includes('worker 1 ended')));
  world.server.clock.advance(limits.workerRestartMs);
  await until(() => world.server.log.some(({ line }) => line.includes('worker 1 serves again')));
  t.deepEqual(await data(world, 'ads.example'), ['192.0.2.1', '192.0.2.1', '192.0.2.1']);
  t.deepEqual(await data(world, 'tracker.example'), ['127.0.0.1', '127.0.0.1', '127.0.0.1']);
});

test('an exception is in force in every worker when its caller hears of it, and is written once', async (t) => {
  const world = await serve(t, 'blocklist {\n file ads.txt\n exceptions exceptions.json\n }\n cache');
  t.deepEqual(await data(world, 'ads.example'), ['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  t.is((await world.server.call('POST', '/blocklist/add_exception/ads.example?client=127.0.0.0/8&reason=why')).message, 'added');
  t.deepEqual(await data(world, 'ads.example'), ['192.0.2.1', '192.0.2.1', '192.0.2.1']);
  t.is((await world.server.call('POST', '/blocklist/add_exception/ads.example?client=127.0.0.0/8')).message, 'already exists');
  t.like(JSON.parse(readFileSync(world.path('exceptions.json'), 'utf8')), { exceptions: { length: 1, 0: { name: 'ads.example', reason: 'why' } } });
  await world.server.call('POST', '/blocklist/clear_exceptions');
  t.deepEqual(await data(world, 'ads.example'), ['127.0.0.1', '127.0.0.1', '127.0.0.1']);
});

test('what is remembered of an exception’s name goes in every worker, and only that', async (t) => {
  const world = await serve(t, 'blocklist {\n file ads.txt\n }\n cache');
  await data(world, 'www.example');
  const asked = world.upstream.asked.length;
  await world.server.call('POST', '/blocklist/add_exception/www.example');
  await data(world, 'www.example');
  t.is(world.upstream.asked.length, asked + 3);
  await world.server.call('POST', '/blocklist/add_exception/other.example');
  await data(world, 'www.example');
  t.is(world.upstream.asked.length, asked + 3);
});

test('a cache is one a worker; the API speaks of all', async (t) => {
  const world = await serve(t, 'cache');
  const { server, upstream } = world;
  await data(world, 'a.example');
  await data(world, 'a.example');
  await server.ask('b.example', 'A', { worker: 2 });
  t.is(upstream.asked.length, 4);
  t.like(dataOf(await server.call('GET', '/cache/stats')), { entries: 4, hits: 3, misses: 4 });
  t.deepEqual(dataOf(await server.call('GET', '/cache/list')), { entries: ['Aa.example', 'Ab.example'] });
  t.deepEqual(dataOf(await server.call('GET', '/cache/list?limit=1')), { entries: ['Aa.example'], cursor: 'Aa.example' });
  t.deepEqual(dataOf(await server.call('GET', '/cache/list?limit=1&cursor=Aa.example')), { entries: ['Ab.example'] });
  t.deepEqual(dataOf(await server.call('GET', '/cache/show?prefix=Ab')), { entries: { 'Ab.example': ['b.example. 300 IN A 192.0.2.1'] } });
  t.is((await server.call('POST', '/cache/del/Ab.example')).message, 'deleted');
  t.true((await server.call('POST', '/cache/del/Ab.example')).failed);
  t.deepEqual(dataOf(await server.call('POST', '/cache/flush')), { flushed: 3 });
  t.deepEqual(dataOf(await server.call('GET', '/cache/list')), { entries: [] });
});

test('answers cross no routes, in whichever worker', async (t) => {
  const world = await serve(t, 'cache', '10.1.=one 10.2.=two');
  const { server, upstream } = world;
  for (const worker of [1, 2]) {
    for (const client of ['10.1.0.1', '10.2.0.1']) await server.ask('www.example', 'A', { worker, client });
  }
  t.deepEqual(upstream.asked.map(({ route }) => route), ['one', 'two', 'one', 'two']);
});

test('a cache that is kept is written by one worker and read by all', async (t) => {
  const world = await serve(t, 'cache {\n persist cache.saved\n }');
  await data(world, 'a.example');
  await world.server.stop();
  const text = readFileSync(world.path('cache.saved'), 'utf8');
  t.is(text.trimEnd().split('\n').length, 2);
  const upstream = new ScriptedUpstream();
  const again = await createTestServer('. {\n workers 3\n cache {\n persist cache.saved\n }\n scripted\n}', {
    plugins: [upstream.plugin], file: world.path('Corefile'), clock: world.server.clock,
  });
  t.teardown(() => again.stop());
  await data({ ...world, server: again }, 'a.example');
  t.is(upstream.asked.length, 0);
});

test('static records are read anew by all; a file that one can’t read is told once', async (t) => {
  const world = await serve(t, 'static names.txt');
  writeFileSync(world.path('names.txt'), 'static.example 192.0.2.8\noops\n');
  t.like(dataOf(await world.server.call('POST', '/static_records/reload')), { error: { length: 1 }, total: 2, successful: 1 });
  t.deepEqual(await data(world, 'static.example'), ['192.0.2.8', '192.0.2.8', '192.0.2.8']);
});

test('the last queries are those of all workers, in the order of their time', async (t) => {
  const { server } = await serve(t, 'http-admin');
  for (const [name, worker] of [['a', 2], ['b', 0], ['c', 1], ['d', 2], ['e', 0]] as const) {
    await server.ask(`${name}.example`, 'A', { ...(worker > 0 && { worker }) });
    server.clock.advance(0.25);
  }
  const names = async (query = ''): Promise<unknown[]> =>
    (dataOf(await server.call('GET', `/queries${query}`))['queries'] as readonly { readonly name: string }[]).map(({ name }) => name);
  t.deepEqual(await names(), ['e.example', 'd.example', 'c.example', 'b.example', 'a.example']);
  t.deepEqual(await names('?limit=2'), ['e.example', 'd.example']);
  t.deepEqual(await names('?name=c.example'), ['c.example']);
});

test('live, queries of all workers are told; and only while somebody follows', async (t) => {
  const { server, http } = await serve(t, 'http-admin');
  await server.ask('before.example', 'A', { worker: 1 });
  const headers = { Host: 'localhost', Accept: 'text/event-stream' };
  const asked = request({ host: '127.0.0.1', port: http.portOf('127.0.0.1:8080'), path: '/queries?limit=5', headers }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  let text = '';
  response.on('data', (part: string) => (text += part));
  const told = (name: string) => until(() => text.includes(`"name":"${name}.example"`));
  await told('before');
  // Whether the others know yet that somebody follows is theirs to tell.
  for (let i = 0; !text.includes('"name":"one.'); i++) {
    await server.ask('one.example', 'A', { worker: 2 });
    await nextTurn();
  }
  await server.ask('two.example', 'A', { worker: 1 });
  await server.ask('three.example');
  await Promise.all([told('two'), told('three')]);
  asked.destroy();
  t.pass();
});

test('status and upstreams are of all workers', async (t) => {
  const { server } = await serve(t, 'http-admin\n forward . 127.0.0.1:1');
  const { workers, memory, not_ready: notReady } = dataOf(await server.call('GET', '/status')) as { workers: number; memory: object; not_ready: unknown };
  t.is(workers, 3);
  t.deepEqual(Object.keys(memory), ['resident', 'heap_total', 'heap_used', 'external']);
  t.deepEqual(notReady, []);
  const [group] = dataOf(await server.call('GET', '/upstreams'))['groups'] as readonly object[];
  t.like(group, { servers: { length: 1, 0: { address: '127.0.0.1:1', healthy: true } } });
});

test('what the process does once is done by the first worker alone', async (t) => {
  const { server, path } = await serve(t, 'reload 2s 0\n health 127.0.0.1:8081 {\n lameduck 5s\n }\n prometheus 127.0.0.1:9153\n http-admin');
  const timers = server.clock.pending;
  writeFileSync(path('names.txt'), '');
  server.clock.advance(2_000);
  await until(() => server.clock.pending === timers);
  t.is(server.host.current!.generation, 1);
  const stopped = server.stop();
  await until(() => server.log.some(({ line }) => line.includes('lame duck')));
  t.is(server.log.filter(({ line }) => line.includes('lame duck')).length, 1);
  server.clock.advance(5_000);
  await stopped;
  t.is(server.clock.pending, 0);
});
