import test, { type ExecutionContext } from 'ava';
import { createTestServer, type TestServer } from '../../testing/index.js';

/** A server with these rules; what they let pass gets an address. */
async function serverWith(t: ExecutionContext, directives: string): Promise<TestServer> {
  const server = await createTestServer(`. {\n${directives}\nstatic {\nrecord www.example.org 192.0.2.1\nrecord in.corp.example 192.0.2.2\n}\n}`);
  t.teardown(() => server.stop());
  return server;
}

const counted = async (server: TestServer, what: string): Promise<string | undefined> =>
  new RegExp(`^vpndns_acl_${what}_requests_total (\\d+)$`, 'm').exec(await server.metrics.text('vpndns'))?.[1];

test('the first rule that matches decides, in the order of the file', async (t) => {
  const server = await serverWith(t, 'acl {\nallow net 192.0.2.7\nblock net 192.0.2.0/24\nallow net 192.0.2.8\n}');
  t.is((await server.ask('www.example.org', 'A', { client: '192.0.2.7' })).rcode, 'NOERROR');
  t.is((await server.ask('www.example.org', 'A', { client: '192.0.2.8' })).rcode, 'REFUSED');
});

test('what no rule matches goes on', async (t) => {
  const server = await serverWith(t, 'acl { block net 192.0.2.0/24 }');
  t.deepEqual((await server.ask('www.example.org', 'A', { client: '198.51.100.1' })).data, ['192.0.2.1']);
});

test('block refuses and says so to a client that speaks EDNS', async (t) => {
  const server = await serverWith(t, 'acl { block }');
  const { rcode, error } = await server.ask('www.example.org', 'A', { edns: 1232 });
  t.is(rcode, 'REFUSED');
  t.deepEqual(error, { code: 18, text: 'blocked by an access rule' });
  t.is((await server.ask('www.example.org')).error, undefined);
});

test('filter answers, but with nothing', async (t) => {
  const server = await serverWith(t, 'acl { filter type A }');
  const { rcode, answers, error } = await server.ask('www.example.org', 'A', { edns: 1232 });
  t.deepEqual({ rcode, answers, code: error?.code }, { rcode: 'NOERROR', answers: [], code: 17 });
});

test('drop answers nothing at all', async (t) => {
  const server = await serverWith(t, 'acl { drop net 192.0.2.7 }');
  await t.throwsAsync(server.ask('www.example.org', 'A', { client: '192.0.2.7' }), { message: /no answer/ });
});

test('a rule may be about types, about clients, or about both', async (t) => {
  const server = await serverWith(t, 'acl {\nblock type A AAAA net 192.0.2.0/24 2001:db8::/32\nblock type TYPE16\n}');
  const rcodeFor = async (type: string, client: string): Promise<string> => (await server.ask('www.example.org', type, { client })).rcode;
  t.is(await rcodeFor('A', '192.0.2.1'), 'REFUSED');
  t.is(await rcodeFor('AAAA', '2001:db8::1'), 'REFUSED');
  t.is(await rcodeFor('MX', '192.0.2.1'), 'NOERROR');
  t.is(await rcodeFor('A', '2001:db9::1'), 'NOERROR');
  t.is(await rcodeFor('TXT', '198.51.100.1'), 'REFUSED');
});

test('an IPv4 client is the same over an IPv6 socket', async (t) => {
  const server = await serverWith(t, 'acl { block net 192.0.2.0/24 }');
  t.is((await server.ask('www.example.org', 'A', { client: '::ffff:192.0.2.9' })).rcode, 'REFUSED');
});

test('with zones the rules are about names in them alone', async (t) => {
  const server = await serverWith(t, 'acl corp.example { block }');
  t.is((await server.ask('in.CORP.example')).rcode, 'REFUSED');
  t.is((await server.ask('www.example.org')).rcode, 'NOERROR');
  t.is((await server.ask('notcorp.example')).error, undefined);
});

test('several directives are tried in their order, and an allow ends only its own', async (t) => {
  const server = await serverWith(t, 'acl { allow net 192.0.2.7 }\nacl { block net 192.0.2.0/24 }');
  t.is((await server.ask('www.example.org', 'A', { client: '192.0.2.7' })).rcode, 'REFUSED');
});

test('each kind of verdict is counted, and nothing else is', async (t) => {
  const server = await serverWith(t, 'acl {\nallow net 192.0.2.1\nblock net 192.0.2.2\nfilter net 192.0.2.3\ndrop net 192.0.2.4\n}');
  for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.9']) await server.ask('www.example.org', 'A', { client });
  await server.ask('www.example.org', 'A', { client: '192.0.2.4' }).catch(() => undefined);
  for (const what of ['allowed', 'blocked', 'filtered', 'dropped']) t.is(await counted(server, what), '1', what);
});

test('explain tells the verdict and the line of the rule, and counts nothing', async (t) => {
  const server = await serverWith(t, 'acl {\nallow net 192.0.2.7\nblock net 192.0.2.0/24\n}');
  const explained = async (client: string): Promise<unknown> => {
    const { decision, final, at } = (await server.explain('www.example.org', 'A', { client }))[0]!;
    return { decision, final, line: at?.line };
  };
  t.deepEqual(await explained('192.0.2.7'), { decision: 'allowed', final: false, line: 3 });
  t.deepEqual(await explained('192.0.2.8'), { decision: 'blocked: REFUSED', final: true, line: 4 });
  t.deepEqual(await explained('198.51.100.1'), { decision: 'no rule matches: it goes on', final: false, line: undefined });
  t.is(await counted(server, 'blocked'), '0');
});
