import test, { type ExecutionContext } from 'ava';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../core/limits.js';
import { createTestServer, ScriptedUpstream, TestClock, type TestServer, type TestServerOptions } from '../../testing/index.js';
import type { Answer } from 'dns-packet';

const soa = (ttl: number, minimum: number): Answer => ({
  type: 'SOA', name: 'example.org', ttl, data: { mname: 'ns.example.org', rname: 'host.example.org', serial: 1, refresh: 2, retry: 3, expire: 4, minimum },
});

interface World {
  readonly upstream: ScriptedUpstream;
  readonly server: TestServer;
}

/** A server that caches as told, in front of an upstream that answers with a TTL of 300 unless told otherwise. */
async function worldWith(t: ExecutionContext, cache: string, more: TestServerOptions & { readonly routes?: string } = {}): Promise<World> {
  const { routes = '', ...options } = more;
  const upstream = new ScriptedUpstream();
  const server = await createTestServer(`. {\n${cache}\nscripted ${routes}\n}`, { ...options, plugins: [upstream.plugin] });
  t.teardown(() => server.stop());
  return { upstream, server };
}

test('a second question is answered from memory, with its TTL counted down', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache');
  t.deepEqual((await server.ask('www.example.org')).answers, ['www.example.org 300 A 192.0.2.1']);
  server.clock.advance(3_000);
  const second = await server.ask('WWW.example.ORG');
  t.deepEqual(second.answers, ['www.example.org 297 A 192.0.2.1']);
  // The question comes back as it was asked (RFC 4343).
  t.is(second.message.questions![0]!.name, 'WWW.example.ORG');
  server.clock.advance(297_000);
  await server.ask('www.example.org');
  t.is(upstream.asked.length, 2);
});

test('an answer of one route is never given to a client of another', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { serve_stale 1h\n prefetch 1 }', { routes: '10.1.=one 10.2.=two' });
  upstream.answer = ({ route }) => ({ answers: [{ ttl: 60, data: route === 'one' ? '192.0.2.1' : '192.0.2.2' }] });
  for (let round = 0; round < 5; round++) {
    for (const [client, data] of [['10.1.0.1', '192.0.2.1'], ['10.2.0.1', '192.0.2.2'], ['10.1.0.9', '192.0.2.1']] as const) {
      t.deepEqual((await server.ask('www.example.org', 'A', { client })).data, [data]);
    }
    server.clock.advance(29_000);
  }
  t.true(upstream.asked.every(({ route }) => route === 'one' || route === 'two'));
});

test('types, DO and CD are questions of their own', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache');
  upstream.answer = ({ type }) => ({ answers: [{ data: type === 'AAAA' ? '2001:db8::1' : '192.0.2.1' }] });
  for (let round = 0; round < 2; round++) {
    await server.ask('www.example.org', 'A');
    await server.ask('www.example.org', 'AAAA');
    await server.ask('www.example.org', 'A', { dnssecOk: true });
    await server.ask('www.example.org', 'A', { checkingDisabled: true });
    await server.ask('www.example.org', 'A', { checkingDisabled: true, dnssecOk: true });
  }
  t.is(upstream.asked.length, 5);
});

test('the smallest TTL of an answer counts for all of it', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache');
  upstream.answer = () => ({ answers: [{ ttl: 10, data: '192.0.2.1' }, { ttl: 300, data: '192.0.2.2' }] });
  t.deepEqual((await server.ask('www.example.org')).answers, ['www.example.org 10 A 192.0.2.1', 'www.example.org 10 A 192.0.2.2']);
  server.clock.advance(10_000);
  await server.ask('www.example.org');
  t.is(upstream.asked.length, 2);
});

test('what has a TTL of 0 is passed on and not kept', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache');
  upstream.answer = () => ({ answers: [{ ttl: 0, data: '192.0.2.1' }] });
  t.deepEqual((await server.ask('www.example.org')).answers, ['www.example.org 0 A 192.0.2.1']);
  await server.ask('www.example.org');
  t.is(upstream.asked.length, 2);
});

test('a denial lives as long as its SOA allows, and is not kept without one', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache');
  upstream.answer = ({ name }) => ({ rcode: name.startsWith('nodata') ? 'NOERROR' : 'NXDOMAIN', authorities: name.includes('bare') ? [] : [soa(300, 60)] });
  for (const name of ['nx.example.org', 'nodata.example.org']) {
    const first = await server.ask(name);
    t.is((first.message.authorities![0] as { ttl: number }).ttl, 60);
    server.clock.advance(20_000);
    const second = await server.ask(name);
    t.is(second.rcode, first.rcode);
    t.is((second.message.authorities![0] as { ttl: number }).ttl, 40);
  }
  t.is(upstream.asked.length, 2);
  await server.ask('bare.example.org');
  await server.ask('bare.example.org');
  t.is(upstream.asked.length, 4);
});

test('the Corefile bounds how long answers are kept', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { success 100 60 20\n denial 100 30 }');
  upstream.answer = ({ name }) =>
    name.startsWith('nx') ? { rcode: 'NXDOMAIN', authorities: [soa(900, 900)] } : { answers: [{ ttl: name.startsWith('short') ? 1 : 900, data: '192.0.2.1' }] };
  t.deepEqual((await server.ask('long.example.org')).answers, ['long.example.org 60 A 192.0.2.1']);
  t.deepEqual((await server.ask('short.example.org')).answers, ['short.example.org 20 A 192.0.2.1']);
  t.is(((await server.ask('nx.example.org')).message.authorities![0] as { ttl: number }).ttl, 30);
  t.is(upstream.asked.length, 3);
});

test('a failure is remembered for a moment, and says so', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache');
  upstream.answer = () => 'fail';
  t.is((await server.ask('www.example.org', 'A', { edns: 1232 })).error?.code, 23);
  t.is((await server.ask('www.example.org', 'A', { edns: 1232 })).error?.code, 13);
  t.is(upstream.asked.length, 1);
  upstream.answer = () => ({ answers: [{ data: '192.0.2.7' }] });
  server.clock.advance(5_000);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.7']);
});

test('servfail 0 remembers no failure', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { servfail 0 }');
  upstream.answer = () => ({ rcode: 'SERVFAIL' });
  await server.ask('www.example.org');
  await server.ask('www.example.org');
  t.is(upstream.asked.length, 2);
});

test('a failure takes no answer’s place', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { prefetch 1 1m 50% }');
  await server.ask('www.example.org');
  upstream.answer = () => 'fail';
  server.clock.advance(200_000);
  await server.ask('www.example.org');
  t.is(upstream.asked.length, 2);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
});

test('a stale answer leaves at once and is refreshed behind the client’s back', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { serve_stale 1h }');
  await server.ask('www.example.org');
  server.clock.advance(301_000);
  upstream.answer = () => ({ answers: [{ data: '192.0.2.2' }] });
  const stale = await server.ask('www.example.org', 'A', { edns: 1232 });
  t.deepEqual(stale.answers, ['www.example.org 30 A 192.0.2.1']);
  t.is(stale.error?.code, 3);
  t.is(upstream.asked.length, 2);
  t.deepEqual((await server.ask('www.example.org')).answers, ['www.example.org 300 A 192.0.2.2']);
});

test('while its upstream fails a stale answer is refreshed at most every 30 seconds, and not for ever', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { serve_stale 10m }');
  await server.ask('www.example.org');
  server.clock.advance(301_000);
  upstream.answer = () => 'fail';
  for (let second = 0; second < 60; second++) {
    t.is((await server.ask('www.example.org')).rcode, 'NOERROR');
    server.clock.advance(1_000);
  }
  t.is(upstream.asked.length, 3);
  server.clock.advance(600_000);
  t.is((await server.ask('www.example.org')).rcode, 'SERVFAIL');
});

test('verify asks first and falls back on what is stale', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { serve_stale 1h verify }');
  await server.ask('www.example.org');
  server.clock.advance(301_000);
  upstream.answer = () => 'fail';
  const stale = await server.ask('www.example.org', 'A', { edns: 1232 });
  t.deepEqual(stale.answers, ['www.example.org 30 A 192.0.2.1']);
  t.is(stale.error?.code, 3);
  upstream.answer = () => ({ answers: [{ data: '192.0.2.2' }] });
  server.clock.advance(30_000);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.2']);
});

test('verify with a time-out gives what is stale when the upstream is slow, and keeps its late answer', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { serve_stale 1h verify 1800ms ttl 15 }');
  await server.ask('www.example.org');
  server.clock.advance(301_000);
  upstream.answer = () => 'wait';
  const answer = server.ask('www.example.org');
  server.clock.advance(1_800);
  t.deepEqual((await answer).answers, ['www.example.org 15 A 192.0.2.1']);
  upstream.answer = () => ({ answers: [{ data: '192.0.2.2' }] });
  upstream.release();
  t.deepEqual((await server.ask('www.example.org')).answers, ['www.example.org 300 A 192.0.2.2']);
  t.is(upstream.asked.length, 2);
});

test('verify with a time-out waits for an upstream that is quick', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { serve_stale 1h verify 1800ms }');
  await server.ask('www.example.org');
  server.clock.advance(301_000);
  upstream.answer = () => ({ answers: [{ data: '192.0.2.2' }] });
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.2']);
});

test('what is popular is refreshed before its end, once', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { prefetch 3 10m 10% }');
  for (let i = 0; i < 4; i++) await server.ask('www.example.org');
  t.is(upstream.asked.length, 1);
  server.clock.advance(271_000);
  upstream.answer = () => 'wait';
  await server.ask('www.example.org');
  await server.ask('www.example.org');
  t.is(upstream.asked.length, 2);
  upstream.answer = () => ({ answers: [{ data: '192.0.2.2' }] });
  upstream.release();
  t.deepEqual((await server.ask('www.example.org')).answers, ['www.example.org 300 A 192.0.2.2']);
});

test('without RD nothing is told of what others asked', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache');
  await server.ask('www.example.org');
  t.is((await server.ask('www.example.org', 'A', { recursionDesired: false })).rcode, 'REFUSED');
  t.is(upstream.asked.length, 1);
});

test('only the zones that it is told of are cached, and kinds may be disabled', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache 60 example.org { disable denial }');
  upstream.answer = ({ name }) => (name.startsWith('nx') ? { rcode: 'NXDOMAIN', authorities: [soa(300, 60)] } : { answers: [{ data: '192.0.2.1' }] });
  for (const name of ['www.example.org', 'www.example.com', 'nx.example.org']) {
    await server.ask(name);
    await server.ask(name);
  }
  t.deepEqual(upstream.asked.map(({ name }) => name), ['www.example.org', 'www.example.com', 'www.example.com', 'nx.example.org', 'nx.example.org']);
});

test('keepttl leaves the TTLs as they came', async (t) => {
  const { server } = await worldWith(t, 'cache { keepttl }');
  await server.ask('www.example.org');
  server.clock.advance(100_000);
  t.deepEqual((await server.ask('www.example.org')).answers, ['www.example.org 300 A 192.0.2.1']);
});

test('what nobody asks for goes first, and a flood of denials pushes no answer out', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { success 2\n denial 5 }');
  upstream.answer = ({ name }) => (name.startsWith('nx') ? { rcode: 'NXDOMAIN', authorities: [soa(300, 60)] } : { answers: [{ data: '192.0.2.1' }] });
  await server.ask('a.example.org');
  for (let i = 0; i < 50; i++) await server.ask(`nx${i}.example.org`);
  await server.ask('b.example.org');
  await server.ask('a.example.org');
  t.is(upstream.asked.length, 52);
  await server.ask('c.example.org');
  await server.ask('a.example.org');
  await server.ask('b.example.org');
  t.is(upstream.asked.length, 54);
});

test('a share is bounded in bytes too: large answers take the places of others, denials none of successes', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache { success 8\n denial 8 }');
  const texts = Array.from({ length: 16 }, (_, i) => String(i).padEnd(250, '.'));
  upstream.answer = ({ name }) => (name.startsWith('nx') ? { rcode: 'NXDOMAIN', authorities: [soa(300, 60)] } : { answers: texts.map((data) => ({ data })) });
  for (let i = 0; i < 8; i++) await server.ask(`nx${i}.example.org`);
  for (let i = 0; i < 20; i++) await server.ask(`n${i}.example.org`, 'TXT', { transport: 'tcp' });
  const metric = async (name: string, type: string): Promise<number> =>
    Number(new RegExp(`^${name}{server="\\.",type="${type}"} (\\d+)$`, 'm').exec(await server.metrics.text(''))?.[1]);
  const bytes = await metric('cache_bytes', 'success');
  t.true(bytes > 0 && bytes <= 8 * limits.cacheBytesPerEntry, String(bytes));
  t.true(await metric('cache_entries', 'success') < 8);
  t.is(await metric('cache_entries', 'denial'), 8);
});

test('a capacity for which there is not enough memory is told to the log', async (t) => {
  const { server } = await worldWith(t, 'cache { success 2500000 }');
  t.regex(server.log.map(({ line }) => line).join('\n'), /may come to hold 4902 MiB, and all memory is 8192 MiB: lower the CAPACITY/);
});

test('a reload keeps what is cached, also under a new capacity', async (t) => {
  const { upstream, server } = await worldWith(t, 'cache');
  await server.ask('www.example.org');
  t.deepEqual((await server.reload('. {\ncache { success 500 }\nscripted\n}')).errors, []);
  await server.ask('www.example.org');
  t.is(upstream.asked.length, 1);
});

test('with persist a restart keeps what is cached, and its age', async (t) => {
  const file = join(await mkdtemp(join(tmpdir(), 'cache-')), 'saved');
  const first = await worldWith(t, `cache { persist ${file} }`);
  await first.server.ask('www.example.org');
  await first.server.ask('gone.example.org');
  await first.server.stop();
  const second = await worldWith(t, `cache { persist ${file} }`, { clock: new TestClock(first.server.clock.wall() + 100_000) });
  t.deepEqual((await second.server.ask('www.example.org')).answers, ['www.example.org 200 A 192.0.2.1']);
  t.is(second.upstream.asked.length, 0);
});

test('a saved cache that is damaged costs its content, not the start', async (t) => {
  const file = join(await mkdtemp(join(tmpdir(), 'cache-')), 'saved');
  await writeFile(file, 'something else\n');
  const { server } = await worldWith(t, `cache { persist ${file} }`);
  t.true(server.log.some(({ line }) => line.includes('begins empty')));
  await server.ask('www.example.org');
  await server.stop();
  const saved = await readFile(file, 'utf8');
  await writeFile(file, `${saved}{"name":"x"\n{}\nnull\n`);
  const { server: again, upstream } = await worldWith(t, `cache { persist ${file} }`, { clock: new TestClock(server.clock.wall()) });
  await again.ask('www.example.org');
  t.is(upstream.asked.length, 0);
  t.true(again.log.some(({ line }) => line.includes('read 1 answers') && line.includes('skipped 3')));
});
