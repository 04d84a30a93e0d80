import test, { type ExecutionContext } from 'ava';
import type { Answer } from 'dns-packet';
import { createTestServer, ScriptedUpstream, type TestServer } from '../../testing/index.js';

const timers = { serial: 1, refresh: 2, retry: 3, expire: 4 };
const soa: Answer = {
  type: 'SOA', name: 'example.org', ttl: 60, data: { mname: 'ns.example.org', rname: 'host.example.org', ...timers, minimum: 60 },
};

interface World {
  readonly upstream: ScriptedUpstream;
  readonly server: TestServer;
}

async function worldWith(t: ExecutionContext, directives: string): Promise<World> {
  const upstream = new ScriptedUpstream(({ name }) => {
    if (name.startsWith('nx')) return { rcode: 'NXDOMAIN', authorities: [soa] };
    if (name.startsWith('nodata')) return { authorities: [soa] };
    return name.startsWith('bad') ? 'fail' : { answers: [{ data: '192.0.2.1' }] };
  });
  const server = await createTestServer(`. {\n${directives}\nscripted\n}`, { plugins: [upstream.plugin] });
  t.teardown(() => server.stop());
  return { upstream, server };
}

const lines = ({ log }: TestServer): string[] => log.filter(({ level }) => level === 'info').map(({ line }) => line.replace(/^\S+ \[INFO\] /, '').trimEnd());

test('a query is a line in the common format, as CoreDNS writes it', async (t) => {
  const { server } = await worldWith(t, 'log');
  await server.ask('WWW.example.org', 'A', { client: '192.0.2.7', port: 4711 });
  t.deepEqual(lines(server), ['192.0.2.7:4711 - 0 "A IN www.example.org. udp 33 false 512" NOERROR qr,rd,ra 64 0s']);
});

test('a format tells who answered, how and how fast', async (t) => {
  const { upstream, server } = await worldWith(t, 'log "{local} {proto} {type} {name} {rcode} {duration} {plugin} {>do} {>bufsize}"\ncache');
  upstream.answer = () => 'wait';
  const answer = server.ask('www.example.org', 'AAAA', { transport: 'tcp', edns: 4096, dnssecOk: true });
  server.clock.advance(1_250);
  upstream.answer = () => ({ answers: [{ data: '2001:db8::1' }] });
  upstream.release();
  await answer;
  await server.ask('www.example.org', 'AAAA', { dnssecOk: true });
  t.deepEqual(lines(server), [
    '127.0.0.1 tcp AAAA www.example.org. NOERROR 1.25s scripted true 4096', '127.0.0.1 udp AAAA www.example.org. NOERROR 0s cache true 1232',
  ]);
});

test('with names only they are logged, and all below them', async (t) => {
  const { server } = await worldWith(t, 'log example.org example.net "{name}"');
  for (const name of ['example.org', 'a.b.Example.NET', 'notexample.org', 'example.com']) await server.ask(name);
  t.deepEqual(lines(server), ['example.org.', 'a.b.example.net.']);
});

test('classes tell data, denials and errors apart', async (t) => {
  const logged = async (classes: string): Promise<string[]> => {
    const { server } = await worldWith(t, `log "{name}" { class ${classes} }`);
    for (const name of ['fine.example.org', 'nx.example.org', 'nodata.example.org', 'bad.example.org']) await server.ask(name);
    return lines(server).map((line) => line.split('.')[0]!);
  };
  t.deepEqual(await logged('success'), ['fine']);
  t.deepEqual(await logged('denial'), ['nx', 'nodata']);
  t.deepEqual(await logged('error'), ['bad']);
  t.deepEqual(await logged('success error'), ['fine', 'bad']);
  t.deepEqual(await logged('denial all'), ['fine', 'nx', 'nodata', 'bad']);
});

test('a dropped query has a line too, with nothing to say of the response', async (t) => {
  const { server } = await worldWith(t, 'acl { drop }\nlog "{name} {rcode} {rsize} {>rflags} {plugin}"');
  await t.throwsAsync(server.ask('www.example.org'));
  t.deepEqual(lines(server), ['www.example.org. - - - acl']);
});

test('several directives write lines of their own', async (t) => {
  const { server } = await worldWith(t, 'log "a {name}"\nlog "b {type}"');
  await server.ask('www.example.org');
  t.deepEqual(lines(server), ['a www.example.org.', 'b A']);
});

test('no name can forge a line', async (t) => {
  const { server } = await worldWith(t, 'log "{name}"');
  await server.ask('a\n2026-01-01 [INFO] forged.example');
  t.deepEqual(lines(server), ['a\\0102026-01-01\\032[info]\\032forged.example.']);
});

test('a placeholder that does not exist, and a second format, are mistakes', async (t) => {
  await t.throwsAsync(worldWith(t, 'log "{rcode} {colour}"'), { message: /Corefile:2:5: log: there is no placeholder \{colour\}; there are \{common\}/ });
  await t.throwsAsync(worldWith(t, 'log "{name}" "{rcode}"'), { message: /Corefile:2:14: log: there is a format already/ });
});
