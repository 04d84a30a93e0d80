import test, { type ExecutionContext } from 'ava';
import { createTestServer, ScriptedUpstream, type TestServer } from '../../testing/index.js';

interface World {
  readonly upstream: ScriptedUpstream;
  readonly server: TestServer;
}

/** A server whose upstream fails. */
async function worldWith(t: ExecutionContext, errors: string): Promise<World> {
  const upstream = new ScriptedUpstream(() => 'fail');
  const server = await createTestServer(`. {\n${errors}\nscripted\n}`, { plugins: [upstream.plugin] });
  t.teardown(() => server.stop());
  return { upstream, server };
}

/** The lines of the plugin, without their time. */
const lines = (server: TestServer): string[] =>
  server.log.filter(({ line }) => line.includes('] errors: ')).map(({ line }) => line.slice(line.indexOf('[')).trimEnd());

test('a failure is a line with the code, the name, the type and the reason', async (t) => {
  const { server } = await worldWith(t, 'errors');
  await server.ask('www.example.org', 'AAAA');
  t.deepEqual(lines(server), ['[ERROR] errors: SERVFAIL www.example.org. AAAA: the script says so']);
});

test('an upstream’s own words are no failure of ours', async (t) => {
  const { upstream, server } = await worldWith(t, 'errors');
  for (const rcode of ['NXDOMAIN', 'REFUSED', 'SERVFAIL']) {
    upstream.answer = () => ({ rcode });
    t.is((await server.ask('www.example.org')).rcode, rcode);
  }
  t.deepEqual(lines(server), []);
});

test('a name can’t forge a line', async (t) => {
  const { server } = await worldWith(t, 'errors');
  await server.ask('a\n2026-01-01T00:00:00.000Z [ERROR] errors: forged\x1b[31m');
  t.is(lines(server).length, 1);
  t.regex(lines(server)[0]!, /^\[ERROR\] errors: SERVFAIL a\\0102026-01-01t00:00:00\.000z\\032\[error\]\\032errors:\\032forged\\027\[31m\. A: /);
});

test('errors that are alike are counted, and told once an interval', async (t) => {
  const { server } = await worldWith(t, 'errors { consolidate 30s "script says" warning }');
  for (let i = 0; i < 3; i++) await server.ask(`www${i}.example.org`);
  server.clock.advance(29_999);
  t.deepEqual(lines(server), []);
  server.clock.advance(1);
  t.deepEqual(lines(server), ["[WARNING] errors: 3 errors like 'script says' occurred in the last 30s"]);
});

test('an interval begins with its first error, and a quiet one says nothing', async (t) => {
  const { server } = await worldWith(t, 'errors { consolidate 30s .* }');
  server.clock.advance(100_000);
  await server.ask('www.example.org');
  server.clock.advance(30_000);
  server.clock.advance(30_000);
  await server.ask('www.example.org');
  server.clock.advance(30_000);
  t.deepEqual(lines(server), Array(2).fill("[ERROR] errors: 1 errors like '.*' occurred in the last 30s"));
});

test('the first pattern that matches counts; what matches none is told at once', async (t) => {
  const { server } = await worldWith(t, 'errors {\nconsolidate 10s " AAAA: "\nconsolidate 20s "example\\.org"\n}');
  await server.ask('www.example.org', 'AAAA');
  await server.ask('www.example.org', 'A');
  await server.ask('www.example.com', 'A');
  server.clock.advance(20_000);
  t.deepEqual(lines(server), [
    '[ERROR] errors: SERVFAIL www.example.com. A: the script says so',
    "[ERROR] errors: 1 errors like ' AAAA: ' occurred in the last 10s",
    "[ERROR] errors: 1 errors like 'example\\.org' occurred in the last 20s",
  ]);
});

test('a stop tells what is counted so far, and leaves no timer', async (t) => {
  const { server } = await worldWith(t, 'errors { consolidate 1h .* info }');
  await server.ask('www.example.org');
  await server.stop();
  t.deepEqual(lines(server), ["[INFO] errors: 1 errors like '.*' occurred in the last 1h"]);
  t.is(server.clock.pending, 0);
});

test('an interval below a second and an expression that is none are mistakes', async (t) => {
  const corefile = '. {\nerrors {\nconsolidate 10ms .*\nconsolidate 10s (\n}\n}';
  await t.throwsAsync(createTestServer(corefile), { message: /:3:13: .*too small[^]*:4:17: .*no regular expression/ });
});
