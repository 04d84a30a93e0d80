/** The server at work: its addresses, its reloads, its end, and what its sockets do to it. */
import test from 'ava';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../core/limits.js';
import { createLogger, streamSink } from '../../core/log.js';
import { systemRuntime } from '../../core/runtime.js';
import { TestClock, wireMessage, wireQuestion } from '../../testing/index.js';
import { echoing, inFlight, startLive, startSomewhere, TcpClient, UdpClient } from './live.js';

const query = (id: number, name = 'www.example.org'): Buffer => wireMessage({ id, questions: [wireQuestion(name)] });

test('C89: an answer comes from the address that was asked', async (t) => {
  const addresses = process.platform === 'linux' ? ['127.0.0.1', '127.0.0.2', '::1'] : ['127.0.0.1', '::1'];
  const { server, port } = await startSomewhere(`. {\nbind ${addresses.join(' ')}\nstatic {\nrecord host.example 192.0.2.1\n}\n}`);
  t.teardown(() => server.stop());
  for (const address of addresses) {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind();
    t.teardown(() => socket.close());
    await once(socket, 'listening');
    socket.send(query(1, 'host.example'), port, address);
    const [, from] = (await once(socket, 'message')) as [Buffer, { readonly address: string; readonly port: number }];
    t.deepEqual([from.address, from.port], [address, port]);
  }
});

test('C90: fifty queries at once over one socket, and three copies of one', async (t) => {
  const { port } = await startLive(t, 'forward . UPSTREAM');
  const client = await UdpClient.open(t, port);
  for (let id = 1; id <= 50; id++) client.send(query(id, `n${id}.example.org`));
  const ids: number[] = [];
  for (let n = 0; n < 50; n++) ids.push((await client.next()).readUInt16BE(0));
  t.is(new Set(ids).size, 50);
  for (let n = 0; n < 2; n++) client.send(query(7, 'copy.example.org'));
  const replies = await client.exchange(query(7, 'copy.example.org'), 1);
  t.true(replies.length >= 1 && replies.length <= 3);
});

test('C91 A31: an answer that is thrown back at the server gets none', async (t) => {
  const { port, upstream } = await startLive(t, 'forward . UPSTREAM');
  for (const Client of [UdpClient, TcpClient]) {
    const [answer] = await (await Client.open(t, port)).exchange(query(1), 1);
    t.deepEqual(await (await Client.open(t, port)).exchange(answer!, 0), []);
  }
  t.is(upstream.received.length, 2);
});

test('C93: reloads under way, good and bad, lose no query', async (t) => {
  const { server, port, upstream } = await startLive(t, 'cache\nforward . UPSTREAM');
  const client = await UdpClient.open(t, port);
  const block = (more: string): string => `. {\nbind 127.0.0.1\ncache ${more}\nforward . ${upstream.endpoint}\n}`;
  let asked = 0;
  for (let round = 0; round < 10; round++) {
    const reload = server.reload(round % 3 === 2 ? 'no Corefile {' : block(String(60 + round)));
    for (let n = 0; n < 20; n++) client.send(query(++asked, `n${asked}.example.org`));
    t.is((await reload).errors.length, round % 3 === 2 ? 1 : 0);
  }
  const ids = new Set<number>();
  while (ids.size < asked) ids.add((await client.next()).readUInt16BE(0));
  t.is(ids.size, 200);
});

test('C95: a stop takes no more queries, and answers those that it has', async (t) => {
  let release: () => void = () => undefined;
  const { server, port, upstream } = await startLive(t, 'forward . UPSTREAM', async (asked) => {
    await new Promise<void>((done) => (release = done));
    return echoing(asked);
  });
  const [udp, tcp] = [await UdpClient.open(t, port), await TcpClient.open(t, port)];
  udp.send(query(1));
  tcp.send(query(2));
  await upstream.arrival(1);
  // The other one may still be on its way in.
  while (inFlight(server) < 2) await new Promise(setImmediate);
  const stopped = server.stop();
  await new Promise(setImmediate);
  release();
  t.is((await udp.next()).readUInt16BE(0), 1);
  t.is((await tcp.next())!.readUInt16BE(0), 2);
  t.is(await tcp.next(), undefined);
  await stopped;
  t.is(server.host.current, undefined);
});

test('A37 V18: errors of a listening socket are logged, and it goes on listening', async (t) => {
  const system = systemRuntime().sockets;
  const opened: UdpSocket[] = [];
  const sockets = { ...system, udp: (options: Parameters<typeof system.udp>[0]): UdpSocket => (opened.push(system.udp(options)), opened.at(-1)!) };
  const { server, port } = await startLive(t, 'forward . UPSTREAM', echoing, { runtime: { sockets } });
  for (const code of ['ECONNREFUSED', 'EMSGSIZE', 'ENOBUFS', 'EACCES']) opened[0]!.emit('error', Object.assign(new Error(`recvmsg ${code}`), { code }));
  t.is(server.log.filter(({ level, line }) => level === 'warning' && line.includes('recvmsg')).length, 4);
  t.is((await (await UdpClient.open(t, port)).exchange(query(1), 1)).length, 1);
});

test('A40 V20: a log whose reader does not read costs lines, not answers', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'log-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'log');
  const fd = openSync(path, 'w');
  const clock = new TestClock();
  const { sink, dropped, close } = streamSink(fd, clock);
  const log = createLogger(sink, clock);
  // In one turn of the event loop nothing can be written: what waits is bounded, and the rest is counted.
  const line = 'x'.repeat(1_000);
  for (let n = 0; n < 5_000; n++) log.info(line);
  t.true(dropped() > 3_000, `${dropped()} of 5000 lines were dropped`);
  await close();
  t.true(readFileSync(path).length < 2 * limits.logBufferBytes);
});
