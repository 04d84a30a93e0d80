import test, { type ExecutionContext } from 'ava';
import { createTestServer, startLoopbackUpstream, type LoopbackUpstream, type TestServer } from '../../testing/index.js';
import { ConfigError, type Position } from '../../core/errors.js';

/** Two servers that answer with different addresses, and a block that may name them `ONE` and `TWO`. */
async function start(t: ExecutionContext, directives: string): Promise<{ server: TestServer; one: LoopbackUpstream; two: LoopbackUpstream }> {
  const upstreams = ['192.0.2.1', '192.0.2.2'].map((data) => startLoopbackUpstream((query) => query.answer({ answers: [{ type: 'A', data }] })));
  const [one, two] = await Promise.all(upstreams);
  const server = await createTestServer(`. {\n${directives.replaceAll('ONE', one!.endpoint).replaceAll('TWO', two!.endpoint)}\n}`);
  t.teardown(async () => {
    await server.stop();
    await Promise.all([one!.close(), two!.close()]);
  });
  return { server, one: one!, two: two! };
}

const mistakesOf = async (corefile: string): Promise<string[]> => {
  try {
    await (await createTestServer(corefile)).stop();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes.map(({ at, problem }: { at: Position; problem: string }) => `${at.line}:${at.column} ${problem}`);
  }
};

test('the longest domain that holds the name decides, whatever the order of the lines', async (t) => {
  const { server } = await start(t, 'forward . ONE\nforward example.org TWO\nforward www.example.org ONE');
  t.deepEqual((await server.ask('www.example.net')).data, ['192.0.2.1']);
  t.deepEqual((await server.ask('mail.Example.org')).data, ['192.0.2.2']);
  t.deepEqual((await server.ask('example.org')).data, ['192.0.2.2']);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
  t.deepEqual((await server.ask('notexample.org')).data, ['192.0.2.1']);
});

test('names in except are not forwarded by that line, but may be by another', async (t) => {
  const { server, one } = await start(t, 'forward . ONE {\nexcept local example.org\nexcept test\n}\nforward example.org TWO');
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.2']);
  for (const name of ['printer.local', 'x.test']) t.is((await server.ask(name)).rcode, 'REFUSED');
  t.is(one.received.length, 0);
});

test('a name outside every domain is refused', async (t) => {
  const { server } = await start(t, 'forward example.org ONE');
  t.is((await server.ask('www.example.net')).rcode, 'REFUSED');
});

test('mistakes are told where they stand', async (t) => {
  t.deepEqual(await mistakesOf('. {\n  forward . tls://192.0.2.1\n}'), [
    '2:13 \'tls://192.0.2.1\': upstreams over tls:// are not supported yet; for plain DNS write the address alone',
  ]);
  t.regex((await mistakesOf('. {\n  forward . dns.example\n}'))[0]!, /^2:13 'dns\.example' is no address/);
  t.regex((await mistakesOf('. {\n  forward .\n}'))[0]!, /^2:3 something is missing/);
  t.regex((await mistakesOf('. {\n  forward . 192.0.2.1 {\n    policy sequentiel\n  }\n}'))[0]!, /^3:12 .*did you mean/);
  const many = Array.from({ length: 16 }, (_, i) => `192.0.2.${i}`).join(' ');
  t.deepEqual(await mistakesOf(`. {\n  forward . ${many}\n}`), ['2:3 a group has at most 15 servers; these are 16']);
});

test('explain tells which line forwards a query, and how its servers are, without a packet', async (t) => {
  const { server, one, two } = await start(t, 'forward . ONE\nforward example.org TWO');
  const said = await server.explain('www.example.org', 'A', { client: '192.0.2.9' });
  t.is(said.length, 1);
  t.is(said[0]!.decision, `asks ${two.endpoint} (forward example.org)`);
  t.true(said[0]!.final);
  t.is(said[0]!.details!['route'], two.endpoint);
  t.deepEqual((said[0]!.details!['upstreams'] as { healthy: boolean }[]).map(({ healthy }) => healthy), [true]);
  t.is(one.received.length + two.received.length, 0);
});
