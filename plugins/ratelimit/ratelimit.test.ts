import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createTestServer, TestClock, type Asking, type TestServer } from '../../testing/index.js';

async function serverWith(t: ExecutionContext, directive: string, more = ''): Promise<TestServer> {
  const server = await createTestServer(`. {\n${directive}\n${more}\nstatic {\nrecord www.example.org 192.0.2.1\n}\n}`);
  t.teardown(() => server.stop());
  return server;
}

/** What becomes of so many queries at once: `+` an answer, `t` a truncated one, `-` none. */
async function fates(server: TestServer, count: number, asking: Asking = {}): Promise<string> {
  let text = '';
  for (let n = 0; n < count; n++) {
    const answer = await server.ask('www.example.org', 'A', asking).catch(() => undefined);
    text += answer === undefined ? '-' : answer.truncated ? 't' : '+';
  }
  return text;
}

test('what is beyond the limit is dropped, and time brings new queries', async (t) => {
  const server = await serverWith(t, 'ratelimit 5 { action drop }');
  t.is(await fates(server, 8), '+++++---');
  server.clock.advance(199);
  t.is(await fates(server, 1), '-');
  server.clock.advance(1);
  t.is(await fates(server, 2), '+-');
  server.clock.advance(10_000);
  t.is(await fates(server, 7), '+++++--', 'no more than a burst is saved');
});

test('some get a truncated answer, no larger than the query, that sends an honest client to TCP', async (t) => {
  const server = await serverWith(t, 'ratelimit 2');
  t.is(await fates(server, 6), '++t-t-');
  t.is(await fates(server, 3, { transport: 'tcp' }), '+++');
  const asking = await serverWith(t, 'ratelimit 1 { slip 1 }');
  await fates(asking, 1);
  const { truncated, data, bytes } = await asking.ask('www.example.org', 'A', { edns: 1232 });
  t.deepEqual([truncated, data, bytes.length], [true, [], 12 + 17 + 4 + 11]);
});

test('a burst may be other than the rate', async (t) => {
  t.is(await fates(await serverWith(t, 'ratelimit 10 {\nburst 3\naction drop\n}'), 5), '+++--');
  t.is(await fates(await serverWith(t, 'ratelimit 1 {\nburst 4\naction drop\n}'), 6), '++++--');
});

test('clients of one network share, others don’t', async (t) => {
  const server = await serverWith(t, 'ratelimit 2 {\naction drop\n}');
  t.is(await fates(server, 1, { client: '192.0.2.1' }) + await fates(server, 2, { client: '192.0.2.200' }), '++-');
  t.is(await fates(server, 3, { client: '192.0.3.1' }), '++-');
  t.is(await fates(server, 2, { client: '2001:db8:0:12::1' }) + await fates(server, 1, { client: '2001:db8:0:1f::1' }), '++-');
  t.is(await fates(server, 3, { client: '2001:db8:0:112::1' }), '++-');
});

test('what a network is can be said', async (t) => {
  const server = await serverWith(t, 'ratelimit 1 {\naction drop\nprefix4 32\nprefix6 128\n}');
  for (const client of ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2']) t.is(await fates(server, 2, { client }), '+-', client);
});

test('some clients are not limited', async (t) => {
  const server = await serverWith(t, 'ratelimit 1 {\nexempt 192.0.2.0/25 2001:db8::/32\naction drop\n}');
  t.is(await fates(server, 3, { client: '192.0.2.1' }), '+++');
  t.is(await fates(server, 3, { client: '2001:db8::1' }), '+++');
  t.is(await fates(server, 2, { client: '192.0.2.128' }), '+-');
});

test('a refused query counts like any other', async (t) => {
  const server = await serverWith(t, 'ratelimit 2 {\naction drop\n}', 'acl {\nblock\n}');
  t.is(await fates(server, 3), '++-');
});

test('over any second, no network gets more than its burst and its rate', async (t) => {
  const server = await serverWith(t, 'ratelimit 10 {\nburst 5\naction drop\n}', '');
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(300), { maxLength: 40 }), async (pauses) => {
    server.clock.advance(60_000);
    let answered = 0;
    let elapsed = 0;
    for (const pause of pauses) {
      server.clock.advance(pause);
      elapsed += pause;
      if (await fates(server, 1) === '+') answered++;
      // A hair for rounding: a token is a tenth of a second.
      if (answered > 5 + elapsed / 100 + 1e-6) return false;
    }
    return true;
  }), { numRuns: 40 });
  t.pass();
});

test('it counts, and tells the log once a minute', async (t) => {
  const server = await serverWith(t, 'ratelimit 1');
  await fates(server, 5, { client: '192.0.2.7' });
  const metrics = await server.metrics.text('vpndns');
  t.regex(metrics, /^vpndns_ratelimit_limited_total\{action="drop"\} 2$/m);
  t.regex(metrics, /^vpndns_ratelimit_limited_total\{action="truncate"\} 2$/m);
  const warnings = server.log.filter(({ level }) => level === 'warning').map(({ line }) => line);
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /ratelimit: 192\.0\.2\.7\/24 asks more than 1 queries a second/);
});

test('explain says how it is, and takes no token', async (t) => {
  const server = await serverWith(t, 'ratelimit 1 {\nexempt 192.0.2.9\naction drop\n}');
  const explained = async (asking: Asking): Promise<string> => (await server.explain('www.example.org', 'A', asking))[0]!.decision;
  t.is(await explained({ client: '192.0.2.7' }), 'shares 1 queries a second with its network, of 24 bits');
  t.is(await explained({ client: '192.0.2.9' }), 'is not limited');
  t.is(await fates(server, 2, { client: '192.0.2.7' }), '+-');
});

test('a clock that stands at the beginning limits nobody at first', async (t) => {
  const server = await createTestServer('. {\nratelimit 2\nwhoami\n}', { clock: new TestClock() });
  t.teardown(() => server.stop());
  t.is(await fates(server, 2), '++');
});
