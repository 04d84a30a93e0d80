import test, { type ExecutionContext } from 'ava';
import { parseAddress } from '../../core/address.js';
import { ConfigError, type Position } from '../../core/errors.js';
import { explainQuery } from '../../core/explain.js';
import { nameFromText } from '../../core/name.js';
import { createTestServer, startLoopbackUpstream, type LoopbackUpstream, type TestServer } from '../../testing/index.js';

/** Two servers that answer with different addresses, and a block that may name them `ONE` and `TWO`. */
async function start(t: ExecutionContext, directives: string): Promise<{ server: TestServer; one: LoopbackUpstream; two: LoopbackUpstream }> {
  const saying = (data: string): Promise<LoopbackUpstream> => startLoopbackUpstream((query) => query.answer({ answers: [{ type: 'A', data }] }));
  const [one, two] = await Promise.all([saying('192.0.2.1'), saying('192.0.2.2')]);
  const server = await createTestServer(`. {\n${directives.replaceAll('ONE', one.endpoint).replaceAll('TWO', two.endpoint)}\n}`);
  t.teardown(async () => {
    await server.stop();
    await Promise.all([one.close(), two.close()]);
  });
  return { server, one, two };
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
  const question = { client: parseAddress('192.0.2.9')!, name: nameFromText('www.example.org'), type: 1 };
  const { steps, route, outcome } = await explainQuery(server.host.current!, question);
  t.is(outcome, `forward: asks ${two.endpoint} (forward example.org)`);
  t.deepEqual(steps.map(({ at, final, details }) => [at.line, final, details!['route']]), [[3, true, two.endpoint]]);
  t.deepEqual((steps[0]!.details!['upstreams'] as { healthy: boolean }[]).map(({ healthy }) => healthy), [true]);
  t.deepEqual([route!.id, route!.at.line], [two.endpoint, 3]);
  t.is(one.received.length + two.received.length, 0);
});

test('GET /upstreams has each group once, and groups with other options apart', async (t) => {
  const { server, one } = await start(t, 'forward . ONE\nforward a.example ONE\nforward b.example ONE {\nmax_fails 0\n}');
  const reports = server.host.current!.seats.flatMap(({ instance }) => instance.upstreams?.() ?? []);
  t.deepEqual([...new Set(reports.map(({ id }) => id))], [one.endpoint, `${one.endpoint} #2`]);
});
