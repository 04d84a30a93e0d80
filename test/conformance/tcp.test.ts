/** TCP as RFC 7766 and RFC 9210 want it, over real connections, and what clients do to connections that they should not. */
import test from 'ava';
import { once } from 'node:events';
import { connect } from 'node:net';
import { limits } from '../../core/limits.js';
import { frame } from '../../core/wire/frame.js';
import { wireMessage, wireQuestion } from '../../testing/index.js';
import { echoing, startLive, TcpClient, UdpClient, type Live } from './live.js';

const directives = 'static {\nrecord host.example 192.0.2.1\nrecord big.example 2001:db8::1 2001:db8::2\n}\nforward . UPSTREAM';
const query = (id: number, name = 'host.example', type = 'A'): Buffer => wireMessage({ id, questions: [wireQuestion(name, type)] });
const idOf = (reply: Buffer | undefined): number | undefined => reply?.readUInt16BE(0);
const ids = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

/** A server, and a connection to it. */
async function startWith(t: Parameters<typeof startLive>[0], behaviour = echoing): Promise<Live & { readonly client: TcpClient }> {
  const live = await startLive(t, directives, behaviour);
  return { ...live, client: await TcpClient.open(t, live.port) };
}

for (const count of [2, 20]) {
  test(`C56: ${count} queries in one segment are all answered, each by its id`, async (t) => {
    const { client } = await startWith(t);
    client.socket.write(Buffer.concat(ids(count).map((id) => frame(query(id, id % 2 === 0 ? 'host.example' : `n${id}.example.org`)))));
    const answered: (number | undefined)[] = [];
    while (answered.length < count) answered.push(idOf(await client.next()));
    t.deepEqual(answered.sort((a, b) => a! - b!), ids(count));
  });
}

test('C57 A14: a slow answer does not hold up a fast one', async (t) => {
  let release: () => void = () => undefined;
  const { client } = await startWith(t, async (asked) => {
    if (asked.name === 'slow.example.org') await new Promise<void>((done) => (release = done));
    return echoing(asked);
  });
  client.send(query(1, 'slow.example.org'));
  client.send(query(2, 'fast.example.org'));
  client.send(query(3));
  // What is known here comes first, then what the upstream answers at once.
  t.deepEqual([idOf(await client.next()), idOf(await client.next())], [3, 2]);
  release();
  t.is(idOf(await client.next()), 1);
});

test('C58: however the octets fall into segments, the query is answered', async (t) => {
  const { client } = await startWith(t);
  const framed = frame(query(1));
  const cuts: readonly number[][] = [[1], [2], [2, 14], Array.from({ length: framed.length - 1 }, (_, i) => i + 1)];
  for (const cut of cuts) {
    for (const [i, end] of [...cut, framed.length].entries()) {
      client.socket.write(framed.subarray(cut[i - 1] ?? 0, end));
      // Each segment leaves before the next is written.
      await new Promise(setImmediate);
    }
    t.is(idOf(await client.next()), 1);
  }
});

test('C59: who closes his half after a query still gets his answer, and then the end', async (t) => {
  const { client } = await startWith(t);
  client.send(query(1, 'www.example.org'));
  client.socket.end();
  t.is(idOf(await client.next()), 1);
  t.is(await client.next(), undefined);
});

test('C60: a connection without a query is closed after its time', async (t) => {
  const { server, client } = await startWith(t);
  client.send(query(1));
  t.is(idOf(await client.next()), 1);
  server.clock.advance(limits.tcpIdleMs - 1);
  client.send(query(2));
  t.is(idOf(await client.next()), 2, 'it lives to the last moment');
  server.clock.advance(limits.tcpIdleMs);
  t.is(await client.next(), undefined);
});

test('C61: idle connections, and half messages, keep nobody from being served', async (t) => {
  const { port } = await startWith(t);
  for (let i = 0; i < 8; i++) {
    await TcpClient.open(t, port);
    (await TcpClient.open(t, port)).socket.write(frame(query(1)).subarray(0, 20));
  }
  const udp = await UdpClient.open(t, port);
  t.is((await udp.exchange(query(1), 1)).length, 1);
  t.is((await (await TcpClient.open(t, port)).exchange(query(2), 1)).length, 1);
});

const strange: Readonly<Record<string, Buffer>> = {
  'a frame of no octets': Buffer.of(0, 0),
  'a frame of one octet': Buffer.of(0, 1, 0),
  'a frame of eleven octets': frame(query(1).subarray(0, 11)),
  'HTTP': Buffer.from(`GET / HTTP/1.1\r\nHost: example.org\r\n\r\n${'x'.repeat(20_000)}`),
  'TLS': Buffer.from('0016030100a5010000a10303', 'hex'),
};

for (const [what, octets] of Object.entries(strange)) {
  test(`C62: ${what} on a DNS connection ends it, and no other`, async (t) => {
    const { client, port } = await startWith(t);
    const other = await TcpClient.open(t, port);
    client.socket.write(octets);
    client.socket.end();
    for (let reply = await client.next(); reply !== undefined; reply = await client.next()) t.true((reply[3]! & 15) !== 0, 'errors at most');
    t.is((await other.exchange(query(1), 1)).length, 1);
  });
}

test('C62: a frame that is longer than what is sent ends with the connection', async (t) => {
  const { client } = await startWith(t);
  client.socket.write(Buffer.concat([Buffer.of(0, 200), query(1)]));
  client.socket.end();
  t.is(await client.next(), undefined);
});

test('A32: who sends a message an octet at a time has a deadline for the whole', async (t) => {
  const { server, client } = await startWith(t);
  const framed = frame(query(1));
  for (let at = 0; at < 4; at++) {
    client.socket.write(framed.subarray(at, at + 1));
    // The answer to another connection's question tells that the octet has arrived.
    t.is((await (await TcpClient.open(t, client.socket.remotePort!)).exchange(query(9), 1)).length, 1);
    server.clock.advance(limits.tcpMessageMs / 4);
  }
  t.is(await client.next(), undefined);
});

test('A33: one client has a bounded number of connections, and leaves room for others', async (t) => {
  const { port } = await startWith(t);
  const clients: TcpClient[] = [];
  for (let i = 0; i < limits.tcpConnectionsPerClient - 1; i++) clients.push(await TcpClient.open(t, port));
  t.is(await (await TcpClient.open(t, port)).next(), undefined, 'one too many');
  const other = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  t.teardown(() => other.destroy());
  other.write(frame(query(1)));
  t.is(((await once(other, 'data')) as [Buffer])[0].readUInt16BE(2), 1, 'another client is served');
  clients[0]!.send(query(2));
  t.is(idOf(await clients[0]!.next()), 2, 'so is who was there first');
});

test('A34: who never reads his answers loses the connection, before they fill the memory', async (t) => {
  const { client } = await startWith(t);
  client.socket.pause();
  const count = 200_000;
  for (let i = 0; i < count && !client.socket.destroyed; i += 1_000) {
    if (!client.socket.write(Buffer.concat(Array.from({ length: 1_000 }, (_, n) => frame(query(n, 'big.example', 'AAAA')))))) await new Promise(setImmediate);
  }
  client.socket.resume();
  let answers = 0;
  while ((await client.next()) !== undefined) answers++;
  t.true(answers < count, `${answers} answers`);
});

test('A36: connections that are reset at any moment cost nothing but themselves', async (t) => {
  const { port, upstream } = await startWith(t, () => undefined);
  for (let i = 0; i < 60; i++) {
    const client = await TcpClient.open(t, port);
    client.socket.write([Buffer.of(0), frame(query(1)).subarray(0, 20), frame(query(1)), frame(query(i, `n${i}.example.org`))][i % 4]!);
    client.socket.resetAndDestroy();
  }
  upstream.behaviour = echoing;
  const udp = await UdpClient.open(t, port);
  t.is((await udp.exchange(query(1, 'www.example.org'), 1)).length, 1);
  t.is((await (await TcpClient.open(t, port)).exchange(query(2, 'mail.example.org'), 1)).length, 1);
});
