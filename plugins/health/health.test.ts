import test from 'ava';
import { createTestServer, LoopbackHttp } from '../../testing/index.js';

test('/health says OK', async (t) => {
  const http = new LoopbackHttp();
  const server = await createTestServer('. {\n health\n}', { runtime: { sockets: http.sockets } });
  const { status, text, headers } = await http.call('127.0.0.1:8080', '/health');
  t.deepEqual([status, text, headers['content-type']], [200, 'OK', 'text/plain; charset=utf-8']);
  t.is((await http.call('127.0.0.1:8080', '/health', { method: 'HEAD' })).status, 200);
  await server.stop();
  t.is(http.portOf('127.0.0.1:8080'), undefined);
});

test('it only answers, whatever is sent', async (t) => {
  const http = new LoopbackHttp();
  const server = await createTestServer('. {\n health 127.0.0.1:8081\n}', { runtime: { sockets: http.sockets } });
  const posted = await http.call('127.0.0.1:8081', '/health', { method: 'POST', body: 'x' });
  t.deepEqual([posted.status, posted.headers.allow, posted.json.is_error], [405, 'GET, HEAD', 1]);
  const elsewhere = await http.call('127.0.0.1:8081', '/');
  t.deepEqual([elsewhere.status, elsewhere.json.message], [404, 'there is nothing at /']);
  await server.stop();
});

test('a lame duck answers queries, but says 503 so that balancers leave', async (t) => {
  const http = new LoopbackHttp();
  const server = await createTestServer('. {\n health {\n lameduck 5s\n }\n whoami\n}', { runtime: { sockets: http.sockets } });
  const stopped = server.stop();
  // Nothing stops before the clock moves.
  while ((await http.call('127.0.0.1:8080', '/health')).status === 200);
  t.is((await http.call('127.0.0.1:8080', '/health')).status, 503);
  t.is((await server.ask('example.org')).rcode, 'NOERROR');
  t.deepEqual(server.host.current?.unready(), [{ plugin: 'health', reason: 'the server is about to stop' }]);
  t.is(server.clock.pending > 0, true);
  server.clock.advance(5000);
  await stopped;
  t.is(http.portOf('127.0.0.1:8080'), undefined);
});

test('a reload is no reason to leave', async (t) => {
  const http = new LoopbackHttp();
  const server = await createTestServer('. {\n health {\n lameduck 5s\n }\n}', { runtime: { sockets: http.sockets } });
  t.deepEqual((await server.reload()).errors, []);
  t.is((await http.call('127.0.0.1:8080', '/health')).status, 200);
  const stopped = server.stop();
  await http.call('127.0.0.1:8080', '/health');
  server.clock.advance(5000);
  await stopped;
});
