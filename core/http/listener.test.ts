import test from 'ava';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestServer, LoopbackHttp, TestClock, TestServer, type TestServerOptions } from '../../testing/index.js';
import { limits } from '../limits.js';
import { createLogger } from '../log.js';
import { Metrics } from '../metrics.js';
import { defineHostPlugin } from '../plugin.js';
import { fields, many, one, path, text } from '../properties.js';
import { systemRuntime } from '../runtime.js';
import { secretFile } from '../secret.js';
import { httpAddress, mountHttp, page, readBody, unixEndpoint } from './index.js';
import { HttpListener } from './listener.js';

/** `site PATH ADDRESS… [says TEXT] [tls CERT KEY]` */
const site = defineHostPlugin({
  name: 'site',
  repeatable: true,
  args: fields({ path: one(text()), addresses: many(httpAddress(8080)) }),
  properties: { says: one(text(), { default: 'hello' }), tls: fields({ cert: one(path()), key: one(secretFile()) }) },
  setup: ({ args, says, tls }, context) => mountHttp(context, args.addresses.flat(), page(args.path, () => ({ text: says })), tls),
});

/** Reads what it is sent; at /slow it waits until the test lets it go. */
const echoing = (slow?: { wait(): Promise<void> }) => defineHostPlugin({
  name: 'echo',
  args: many(httpAddress(8080)),
  setup: ({ args }, context) => mountHttp(context, args.flat(), {
    async serve(ctx) {
      if (ctx.path === '/slow') await slow?.wait();
      if (ctx.path === '/broken') throw new Error('a secret of the inside');
      ctx.body = `${(await readBody(ctx.req)).length} octets`;
    },
  }),
});

async function serve(corefile: string, options: TestServerOptions = {}): Promise<{ server: TestServer; http: LoopbackHttp }> {
  const http = new LoopbackHttp();
  return { server: await createTestServer(corefile, { plugins: [site, echoing()], runtime: { sockets: http.sockets }, ...options }), http };
}

/** A call that begins when `begun` is fulfilled and goes on until `letGo`. */
function slowCall(): { wait(): Promise<void>; readonly begun: Promise<void>; letGo(): void } {
  let begin = (): void => undefined;
  let letGo = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const end = new Promise<void>((resolve) => (letGo = resolve));
  return { wait: () => (begin(), end), begun, letGo };
}

const received = async (socket: Socket): Promise<string> => {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  await once(socket, 'close');
  return Buffer.concat(parts).toString();
};

const openSockets = (): number => process.getActiveResourcesInfo().filter((kind) => /^(?:TCP|Pipe)|^Timeout$/.test(kind)).length;

test.serial('nothing is left open', async (t) => {
  const before = openSockets();
  const { server, http } = await serve('. {\n site /a localhost:8080\n http-admin\n}');
  const agent = new Agent({ keepAlive: true });
  await http.call('127.0.0.1:8080', '/a', { agent });
  t.true(openSockets() > before);
  await server.stop();
  agent.destroy();
  // What is closed leaves the list in one of the next turns.
  while (openSockets() > before) await new Promise(setImmediate);
  t.is(openSockets(), before);
});

test('directives on one address share its listener', async (t) => {
  const { server, http } = await serve('. {\n site /a 127.0.0.1:8080\n site /b 127.0.0.1:8080 {\n says b\n }\n health\n}');
  t.is((await http.call('127.0.0.1:8080', '/a')).text, 'hello');
  t.is((await http.call('127.0.0.1:8080', '/b')).text, 'b');
  t.is((await http.call('127.0.0.1:8080', '/health')).text, 'OK');
  t.deepEqual(server.host.current?.listeners(), ['http 127.0.0.1:8080', 'http [::1]:8080']);
  await server.stop();
});

test('localhost is each loopback address that the host has', async (t) => {
  const { server, http } = await serve('. {\n site /a localhost:8080\n}');
  t.is((await http.call('127.0.0.1:8080', '/a')).text, 'hello');
  if (http.portOf('[::1]:8080') !== undefined) t.is((await http.call('[::1]:8080', '/a')).text, 'hello');
  await server.stop();
});

test('a reload changes what is served at once, on the same connection', async (t) => {
  const { server, http } = await serve('. {\n site /a 127.0.0.1:8080\n}');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const port = http.portOf('127.0.0.1:8080');
  await http.call('127.0.0.1:8080', '/a', { agent });
  t.deepEqual((await server.reload('. {\n site /a 127.0.0.1:8080 {\n says more\n }\n site /c 127.0.0.1:8080 127.0.0.1:8081\n}')).errors, []);
  t.is((await http.call('127.0.0.1:8080', '/a', { agent })).text, 'more');
  t.is((await http.call('127.0.0.1:8080', '/c', { agent })).text, 'hello');
  t.is(http.portOf('127.0.0.1:8080'), port);
  agent.destroy();
  await server.reload('. {\n site /c 127.0.0.1:8081\n}');
  t.is(http.portOf('127.0.0.1:8080'), undefined, 'an address that nobody names is given up');
  t.is((await http.call('127.0.0.1:8081', '/c')).text, 'hello');
  await server.stop();
});

test('a reload that fails leaves everything as it was', async (t) => {
  const { server, http } = await serve('. {\n site /a 127.0.0.1:8080\n}');
  const { errors } = await server.reload('. {\n site /b 127.0.0.1:8080 {\n tls missing.pem missing.key\n }\n}');
  t.regex(errors.join(), /site: can't use the certificate .*missing.pem with its key: ENOENT/);
  t.is((await http.call('127.0.0.1:8080', '/a')).text, 'hello');
  t.is((await http.call('127.0.0.1:8080', '/b')).status, 404);
  await server.stop();
});

test('two directives may not want one path, or disagree on TLS, at an address', async (t) => {
  const http = new LoopbackHttp();
  const start = (corefile: string): Promise<TestServer> => createTestServer(corefile, { plugins: [site], runtime: { sockets: http.sockets } });
  const twice = await t.throwsAsync(start('. {\n site /a 127.0.0.1:8080\n site /a 127.0.0.1:8080\n}'));
  t.regex(twice.message, /Corefile:3:2: site: 127\.0\.0\.1:8080\/a is served by the directive at .*Corefile:2:2 already/);
  const tls = 'tls test/tls/one.cert.pem test/tls/one.key.pem';
  const mixed = await t.throwsAsync(start(`. {\n site /a 127.0.0.1:8080\n site /b 127.0.0.1:8080 {\n ${tls}\n }\n}`));
  t.regex(mixed.message, /Corefile:3:2: site: 127\.0\.0\.1:8080 is shared with the directive at .*Corefile:2:2, which does not speak TLS/);
});

test('a port in use is one clear line', async (t) => {
  const rival = createServer().listen(0, '127.0.0.1');
  await once(rival, 'listening');
  const { port } = rival.address() as { port: number };
  const error = await t.throwsAsync(createTestServer(`. {\n site /a 127.0.0.1:${port}\n}`, { plugins: [site] }));
  t.is(error.message, `site: cannot listen on http 127.0.0.1:${port}: the port is in use; stop the other server or choose another port`);
  rival.close();
});

test('what goes wrong inside is told in the log alone', async (t) => {
  const { server, http } = await serve('. {\n echo 127.0.0.1:8080\n}');
  const { status, json, headers } = await http.call('127.0.0.1:8080', '/broken');
  t.is(status, 500);
  t.deepEqual(json, { message: 'this call failed; the log tells why', is_error: 1, data: {} });
  t.is(headers['x-content-type-options'], 'nosniff');
  t.is(headers['cache-control'], 'no-store');
  t.is(headers['access-control-allow-origin'], undefined);
  t.true(server.log.some(({ level, line }) => level === 'error' && line.includes('a secret of the inside')));
  await server.stop();
});

test('bodies are bounded, announced or not', async (t) => {
  const { server, http } = await serve('. {\n echo 127.0.0.1:8080\n}');
  const send = (octets: number, headers = {}) => http.call('127.0.0.1:8080', '/', { method: 'POST', body: 'x'.repeat(octets), headers });
  t.is((await send(limits.httpBodyBytes)).text, `${limits.httpBodyBytes} octets`);
  t.is((await send(limits.httpBodyBytes, { 'Transfer-Encoding': 'chunked' })).text, `${limits.httpBodyBytes} octets`);
  const socket = http.connect('127.0.0.1:8080');
  socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${limits.httpBodyBytes + 1}\r\n\r\n`);
  const announced = await received(socket);
  t.regex(announced, /^HTTP\/1\.1 413 [^]*Connection: close[^]*"is_error": 1/);
  const chunked = http.connect('127.0.0.1:8080');
  const octets = limits.httpBodyBytes + 1;
  chunked.write(`POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${octets.toString(16)}\r\n${'x'.repeat(octets)}`);
  t.regex(await received(chunked), /^HTTP\/1\.1 413 /);
  t.regex(await server.metrics.text(''), /^limit_reached_total{limit="httpBodyBytes"} 2$/m);
  await server.stop();
});

test('what is no HTTP is told so, and cut off', async (t) => {
  const { server, http } = await serve('. {\n echo 127.0.0.1:8080\n}');
  const say = (words: string): Promise<string> => {
    const socket = http.connect('127.0.0.1:8080');
    socket.write(words);
    return received(socket);
  };
  t.regex(await say('\x16\x03\x01 hello?\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\n[^]*"message": "Bad Request"/);
  t.regex(await say(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(limits.httpHeaderBytes)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  t.regex(await say('GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /, 'a request without Host');
  await server.stop();
});

test('a request that trickles in is cut off', async (t) => {
  const http = new LoopbackHttp();
  const patience = { httpHeadersMs: 20, httpRequestMs: 20, httpCheckMs: 10 };
  const [endpoint] = httpAddress(8080).read('127.0.0.1', { file: 'Corefile', line: 1, column: 1 });
  const listener = new HttpListener(endpoint!, {
    runtime: { ...systemRuntime(), sockets: http.sockets }, log: createLogger(() => undefined, new TestClock()), metrics: new Metrics(),
  }, patience);
  await listener.open();
  const silent = http.connect('127.0.0.1:8080');
  const slow = http.connect('127.0.0.1:8080');
  slow.write('GET / HTT');
  t.regex(await received(slow), /^HTTP\/1\.1 408 [^]*"message": "Request Timeout"/);
  await received(silent);
  await listener.close();
});

test('connections are bounded', async (t) => {
  const { server, http } = await serve('. {\n site /a 127.0.0.1:8080\n}');
  const sockets = Array.from({ length: limits.httpConnections }, () => http.connect('127.0.0.1:8080'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  t.is(await received(http.connect('127.0.0.1:8080')), '');
  sockets[0]!.destroy();
  // The place is free as soon as the server has noticed.
  const call = (): Promise<string> => http.call('127.0.0.1:8080', '/a').then(({ text: answer }) => answer, call);
  t.is(await call(), 'hello');
  await server.stop();
  for (const socket of sockets) socket.destroy();
});

test('the end lets a call that runs finish, and closes what rests', async (t) => {
  const slow = slowCall();
  const { server, http } = await serve('. {\n echo 127.0.0.1:8080\n}', { plugins: [echoing(slow)] });
  const resting = http.connect('127.0.0.1:8080');
  await once(resting, 'connect');
  const agent = new Agent({ keepAlive: true });
  const call = http.call('127.0.0.1:8080', '/slow', { agent });
  await slow.begun;
  const stopped = server.stop();
  await once(resting, 'close');
  slow.letGo();
  const { text: answer, headers } = await call;
  t.is(answer, '0 octets');
  t.is(headers.connection, 'close');
  await stopped;
  agent.destroy();
});

test('a call that does not end is cut off at the end', async (t) => {
  const clock = new TestClock();
  const slow = slowCall();
  const { server, http } = await serve('. {\n echo 127.0.0.1:8080\n}', { clock, plugins: [echoing(slow)] });
  const call = http.call('127.0.0.1:8080', '/slow');
  await slow.begun;
  const before = clock.pending;
  const stopped = server.stop();
  while (clock.pending === before) await new Promise(setImmediate);
  clock.advance(limits.httpCloseMs);
  await t.throwsAsync(call, { code: 'ECONNRESET' });
  await stopped;
  slow.letGo();
});

test('TLS: a reload takes the certificate that is there now', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'vpncore-'));
  const use = async (name: string): Promise<void> => {
    for (const kind of ['cert', 'key']) await copyFile(`test/tls/${name}.${kind}.pem`, join(directory, `${kind}.pem`));
  };
  const [one_, two] = await Promise.all(['one', 'two'].map((name) => readFile(`test/tls/${name}.cert.pem`, 'utf8')));
  await use('one');
  const corefile = `. {\n site /a 127.0.0.1:8443 {\n tls ${directory}/cert.pem ${directory}/key.pem\n }\n}`;
  const { server, http } = await serve(corefile);
  t.is((await http.call('127.0.0.1:8443', '/a', { ca: one_! })).text, 'hello');
  await t.throwsAsync(http.call('127.0.0.1:8443', '/a', { ca: two! }));
  await t.throwsAsync(http.call('127.0.0.1:8443', '/a'), undefined, 'in clear');
  await use('two');
  t.deepEqual((await server.reload()).errors, []);
  t.is((await http.call('127.0.0.1:8443', '/a', { ca: two! })).text, 'hello');
  t.deepEqual((await server.reload('. {\n site /a 127.0.0.1:8443\n}')).errors, []);
  t.is((await http.call('127.0.0.1:8443', '/a')).text, 'hello', 'an address may give TLS up');
  await server.stop();
  await rm(directory, { recursive: true });
});

const socketSite = defineHostPlugin({
  name: 'socket-site', args: one(path()),
  setup: ({ args }, context) => mountHttp(context, [unixEndpoint(args)], page('/a', () => ({ text: 'hello' }))),
});

test('a socket in the file system: only its owner and group may call, and a stale one is no obstacle', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'vpncore-'));
  const socketPath = join(directory, 'http.sock');
  const corefile = `. {\n socket-site ${socketPath}\n}`;
  const http = new LoopbackHttp();
  const server = await createTestServer(corefile, { plugins: [socketSite] });
  t.is((await http.call('localhost', '/a', { socketPath })).text, 'hello');
  t.is((await stat(socketPath)).mode & 0o777, 0o660);
  const rival = await t.throwsAsync(createTestServer(corefile, { plugins: [socketSite] }));
  t.regex(rival.message, /the port is in use/, 'one that is served is left alone');
  await server.stop();
  const killed = createServer().listen(`${socketPath}.other`);
  await once(killed, 'listening');
  await rename(`${socketPath}.other`, socketPath);
  killed.close();
  const next = await createTestServer(corefile, { plugins: [socketSite] });
  t.is((await http.call('localhost', '/a', { socketPath })).text, 'hello');
  await next.stop();
  await writeFile(socketPath, 'a file');
  await t.throwsAsync(createTestServer(corefile, { plugins: [socketSite] }));
  t.is(await readFile(socketPath, 'utf8'), 'a file');
  await rm(directory, { recursive: true });
});
