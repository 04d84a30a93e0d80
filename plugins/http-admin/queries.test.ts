import test, { type ExecutionContext } from 'ava';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { limits } from '../../core/limits.js';
import { createTestServer, LoopbackHttp, type TestServer } from '../../testing/index.js';

const address = '127.0.0.1:8080';
const corefile = `. {
  http-admin
  acl {
    drop net 203.0.113.0/24
  }
  nxdomain ^bad
  whoami
}`;

type Shown = Readonly<Record<string, unknown>>;

async function serve(t: ExecutionContext): Promise<{ server: TestServer; http: LoopbackHttp; list(query?: string): Promise<Shown[]> }> {
  const http = new LoopbackHttp();
  const server = await createTestServer(corefile, { runtime: { sockets: http.sockets } });
  t.teardown(() => server.stop());
  const list = async (query = ''): Promise<Shown[]> => (await http.call(address, `/queries${query}`)).json.data['queries'] as Shown[];
  return { server, http, list };
}

interface Stream {
  readonly response: IncomingMessage;
  /** The text so far, as soon as it matches. */
  until(pattern: RegExp): Promise<string>;
  readonly ended: Promise<unknown>;
}

/** Opens the live stream, and reads it to a text that grows. */
async function follow(http: LoopbackHttp, query = ''): Promise<Stream> {
  const headers = { Host: 'localhost', Accept: 'text/event-stream' };
  const asked = request({ host: '127.0.0.1', port: http.portOf(address), path: `/queries${query}`, headers }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  let text = '';
  response.on('data', (part: string) => (text += part));
  return {
    response,
    ended: once(response, 'close'),
    async until(pattern) {
      while (!pattern.test(text)) await once(response, 'data');
      return text;
    },
  };
}

test('the last queries, newest first', async (t) => {
  const { server, list } = await serve(t);
  await server.ask('one.Example.org', 'A', { client: '192.0.2.1' });
  server.clock.advance(1000);
  await server.ask('bad.example', 'AAAA', { client: '2001:db8::1', transport: 'tcp' });
  const [second, first] = await list();
  t.deepEqual(first, {
    time: new Date(server.clock.wall() - 1000).toISOString(), client: '192.0.2.1', transport: 'udp', name: 'one.example.org', type: 'A', rcode: 'NOERROR',
    plugin: 'whoami', ms: 0, octets: first!['octets'],
  });
  t.true((first!['octets'] as number) > 12);
  t.deepEqual([second!['client'], second!['rcode'], second!['plugin'], second!['transport']], ['2001:db8::1', 'NXDOMAIN', 'nxdomain', 'tcp']);
});

test('of what they are about', async (t) => {
  const { server, list } = await serve(t);
  await server.ask('a.example.org', 'A', { client: '192.0.2.1' });
  await server.ask('example.org', 'A', { client: '192.0.2.2' });
  await server.ask('bad.example', 'A', { client: '192.0.2.2' });
  await t.throwsAsync(server.ask('quiet.example', 'A', { client: '203.0.113.1' }));
  const named = async (query: string): Promise<unknown[]> => (await list(query)).map(({ name }) => name);
  t.deepEqual(await named('?client=192.0.2.2'), ['bad.example', 'example.org']);
  t.deepEqual(await named('?client=192.0.2.0/24&limit=2'), ['bad.example', 'example.org']);
  t.deepEqual(await named('?name=Example.org'), ['example.org', 'a.example.org']);
  t.deepEqual(await named('?plugin=nxdomain'), ['bad.example']);
  t.deepEqual(await named('?rcode=nxdomain'), ['bad.example']);
  t.deepEqual(await named('?rcode=dropped'), ['quiet.example']);
});

test('no more than are kept, over reloads', async (t) => {
  const { server, list } = await serve(t);
  for (let i = 0; i < limits.queriesKept + 10; i++) await server.ask(`n${i}.example`);
  await server.reload();
  await server.ask('after.example');
  const names = (await list()).map(({ name }) => name);
  t.is(names.length, limits.queriesKept);
  t.deepEqual([names[0], names[1], names.at(-1)], ['after.example', `n${limits.queriesKept + 9}.example`, 'n11.example']);
});

test('live: each query that matches, as an event', async (t) => {
  const { server, http } = await serve(t);
  await server.ask('before.example');
  const { response, until, ended } = await follow(http, '?plugin=whoami&limit=5');
  t.is(response.headers['content-type'], 'text/event-stream; charset=utf-8');
  await until(/before\.example/);
  await server.ask('bad.example');
  await server.reload();
  await server.ask('live.example');
  const text = await until(/live\.example/);
  t.false(text.includes('bad.example'));
  const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => (JSON.parse(data!) as { name: string }).name);
  t.deepEqual(events, ['before.example', 'live.example'], 'a reload does not end it');
  server.clock.advance(limits.queryStreamBeatMs);
  await until(/^: still here$/m);
  await server.stop();
  await ended;
});

test('live: a slow reader misses queries, and is told how many', async (t) => {
  const { server, http } = await serve(t);
  const { response, until } = await follow(http);
  response.pause();
  // More than the sockets of both sides hold.
  const sent = 40_000;
  for (let i = 0; i < sent; i++) await server.ask(`n${i}.example`);
  response.resume();
  const text = await until(/"missed":\d+/);
  const [, missed] = /event: missed\ndata: \{"missed":(\d+)\}/.exec(text)!;
  t.is([...text.matchAll(/^data: \{"time"/gm)].length + Number(missed), sent);
  response.destroy();
});

test('live: readers are few, and one who leaves makes room', async (t) => {
  const { http } = await serve(t);
  const readers = await Promise.all(Array.from({ length: limits.queryStreams }, () => follow(http)));
  const again = (): ReturnType<typeof http.call> => http.call(address, '/queries', { headers: { Accept: 'text/event-stream' } });
  const refused = await again();
  t.deepEqual([refused.status, refused.json.is_error], [503, 1]);
  readers[0]!.response.destroy();
  for (;;) {
    const next = await follow(http);
    if (next.response.statusCode === 200) break;
  }
  t.pass();
});
