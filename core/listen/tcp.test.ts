import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { once } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { TestClock } from '../../testing/index.js';
import { parseAddress } from '../address.js';
import { limits } from '../limits.js';
import { createLogger } from '../log.js';
import { Metrics } from '../metrics.js';
import type { Client } from '../query.js';
import { systemRuntime } from '../runtime.js';
import type { Send } from '../server.js';
import { Deframer, frame } from '../wire/frame.js';
import type { Listener } from './listener.js';
import { Connections } from './connections.js';
import { tcpListener } from './tcp.js';

interface Received {
  readonly message: Buffer;
  readonly client: Client;
  readonly send: Send;
}

/** A listener on a free port of the loopback, and all that it has received. */
class Front {
  readonly clock = new TestClock();
  readonly received: Received[] = [];
  readonly warnings: string[] = [];
  readonly log: string[] = [];
  readonly metrics = new Metrics();
  readonly listener: Listener;
  /** What is done with a message; by default it comes back as it is. */
  receive = ({ message, send }: Received): void => send(message);
  /** Takes a connection, as if it had come in. */
  accept: (socket: net.Socket) => void = () => undefined;
  server: net.Server | undefined;

  constructor(port = 0) {
    const system = systemRuntime();
    const server = (options: net.ServerOpts, onConnection: (socket: net.Socket) => void): net.Server => {
      this.accept = onConnection;
      return (this.server = system.sockets.server(options, onConnection));
    };
    this.listener = tcpListener({
      endpoint: { address: parseAddress('127.0.0.1')!, port },
      runtime: { ...system, clock: this.clock, sockets: { ...system.sockets, server } },
      receive: (message, client, send) => {
        const received = { message: Buffer.from(message), client, send };
        this.received.push(received);
        this.receive(received);
      },
      warn: (message) => this.warnings.push(message),
    }, new Connections({ clock: this.clock, log: createLogger((line) => this.log.push(line), this.clock), metrics: this.metrics }));
  }

  get port(): number {
    return (this.server!.address() as net.AddressInfo).port;
  }

  /** Keeps the messages unanswered; the test answers. */
  hold(): void {
    this.receive = () => undefined;
  }
}

async function openFront(t: ExecutionContext): Promise<Front> {
  const front = new Front();
  await front.listener.open();
  t.teardown(() => front.listener.close());
  return front;
}

/** A client's side of a connection. */
class Peer {
  readonly socket: net.Socket;
  readonly answers: string[] = [];
  ended = false;
  closed = false;
  readonly #deframer = new Deframer();

  constructor(port: number, options: Partial<net.TcpNetConnectOpts> = {}) {
    this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true, ...options });
    this.socket.on('data', (segment) => this.answers.push(...this.#deframer.push(segment as Buffer).map((message) => message.toString('latin1'))));
    this.socket.on('end', () => (this.ended = true));
    this.socket.on('close', () => (this.closed = true));
    this.socket.on('error', () => undefined);
  }
}

async function connect(t: ExecutionContext, { port }: Front, options: Partial<net.TcpNetConnectOpts> = {}): Promise<Peer> {
  const peer = new Peer(port, options);
  t.teardown(() => peer.socket.destroy());
  await once(peer.socket, 'connect');
  return peer;
}

/** The system delivers in its own time; the test waits for the outcome, not for a while. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A message of so many octets at least, which says its number. */
const message = (number: number, octets = 12): Buffer => Buffer.from(`query ${number}`.padEnd(octets, '.'), 'latin1');
const texts = (...messages: readonly Buffer[]): string[] => messages.map((each) => each.toString('latin1'));

/** A connection without a network: what it writes is never taken. */
class StuckSocket extends Duplex {
  readonly remotePort = 4711;
  readonly remoteAddress: string;

  constructor(remoteAddress: string) {
    super({ allowHalfOpen: true });
    this.remoteAddress = remoteAddress;
  }

  override _read(): void {
    // Segments are pushed by the test.
  }

  override _write(): void {
    // The other side does not read.
  }
}

const stuck = (address: string): StuckSocket & net.Socket => new StuckSocket(address) as StuckSocket & net.Socket;

test('a query is answered on its connection, and the client is who it is', async (t) => {
  const front = await openFront(t);
  const peer = await connect(t, front);
  peer.socket.write(frame(message(1)));
  await until(() => peer.answers.length === 1);
  t.deepEqual(peer.answers, texts(message(1)));
  const { client } = front.received[0]!;
  t.is(client.address.text, '127.0.0.1');
  t.is(client.port, peer.socket.localPort!);
  t.is(client.transport, 'tcp');
});

test('queries are pipelined, and answered in the order in which the answers come', async (t) => {
  const front = await openFront(t);
  front.hold();
  const peer = await connect(t, front);
  peer.socket.write(Buffer.concat([1, 2, 3].map((number) => frame(message(number)))));
  await until(() => front.received.length === 3);
  for (const i of [2, 0, 1]) front.received[i]!.send(front.received[i]!.message);
  await until(() => peer.answers.length === 3);
  t.deepEqual(peer.answers, texts(message(3), message(1), message(2)));
});

test('a message may come octet by octet', async (t) => {
  const front = await openFront(t);
  const peer = await connect(t, front);
  for (const octet of Buffer.concat([frame(message(1)), frame(message(2, 300))])) {
    peer.socket.write(Buffer.of(octet));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => peer.answers.length === 2);
  t.deepEqual(peer.answers, texts(message(1), message(2, 300)));
});

test('however the stream is cut, the messages are the same', (t) => {
  const front = new Front();
  t.teardown(() => front.listener.close());
  const lengths = fc.array(fc.integer({ min: 12, max: 600 }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(lengths, fc.array(fc.integer({ min: 1, max: 400 })), (sizes, cuts) => {
    front.received.length = 0;
    front.hold();
    const messages = sizes.map((size, i) => message(i, size));
    let stream: Buffer = Buffer.concat(messages.map(frame));
    const socket = stuck('192.0.2.1');
    front.accept(socket);
    for (const cut of cuts) {
      if (stream.length === 0) break;
      socket.emit('data', stream.subarray(0, cut));
      stream = stream.subarray(cut);
    }
    if (stream.length > 0) socket.emit('data', stream);
    t.deepEqual(front.received.map((each) => each.message.toString('latin1')), texts(...messages));
    socket.emit('close');
  }), { numRuns: 100 });
});

test('a client that has sent its last query still gets its answers', async (t) => {
  const front = await openFront(t);
  front.hold();
  const peer = await connect(t, front, { allowHalfOpen: true });
  peer.socket.end(Buffer.concat([frame(message(1)), frame(message(2))]));
  await until(() => front.received.length === 2);
  front.received[1]!.send(message(2));
  await until(() => peer.answers.length === 1);
  t.false(peer.ended);
  front.received[0]!.send(message(1));
  await until(() => peer.closed);
  t.deepEqual(peer.answers, texts(message(2), message(1)));
});

test('a client that only says goodbye is bidden goodbye', async (t) => {
  const front = await openFront(t);
  const peer = await connect(t, front);
  peer.socket.end();
  await until(() => peer.closed);
  await until(() => front.clock.pending === 0);
  t.pass();
});

test('a connection on which nothing comes is closed after its time', async (t) => {
  const front = await openFront(t);
  const peer = await connect(t, front);
  await until(() => front.clock.pending === 1);
  front.clock.advance(limits.tcpIdleMs - 1);
  peer.socket.write(frame(message(1)));
  await until(() => peer.answers.length === 1);
  front.clock.advance(limits.tcpIdleMs - 1);
  t.false(peer.closed, 'the query began it anew');
  front.clock.advance(1);
  await until(() => peer.closed);
});

test('a connection that waits for an answer is not idle', async (t) => {
  const front = await openFront(t);
  front.hold();
  const peer = await connect(t, front);
  peer.socket.write(frame(message(1)));
  await until(() => front.received.length === 1);
  front.clock.advance(3 * limits.tcpIdleMs);
  front.received[0]!.send(message(1));
  await until(() => peer.answers.length === 1);
  front.clock.advance(limits.tcpIdleMs);
  await until(() => peer.closed);
  t.deepEqual(peer.answers, texts(message(1)));
});

test('a message that has begun must end in time, however busily it trickles', async (t) => {
  const front = await openFront(t);
  front.hold();
  const socket = stuck('192.0.2.1');
  front.accept(socket);
  const octets = frame(message(1));
  let written = 0;
  for (let elapsed = 0; elapsed < limits.tcpMessageMs; elapsed += 1_000) {
    t.false(socket.destroyed);
    socket.emit('data', octets.subarray(written, written + 1));
    written++;
    front.clock.advance(1_000);
  }
  t.true(socket.destroyed);
  t.is(front.received.length, 0);
});

test('what is too short to be a message ends its connection, and no other', async (t) => {
  const front = await openFront(t);
  const [good, bad] = [await connect(t, front), await connect(t, front)];
  for (const garbage of [Buffer.alloc(2), frame(Buffer.alloc(11))]) {
    const peer = await connect(t, front);
    peer.socket.write(garbage);
    await until(() => peer.closed);
    t.deepEqual(peer.answers, []);
  }
  bad.socket.write(Buffer.concat([frame(message(1)), Buffer.alloc(2), frame(message(2))]));
  await until(() => bad.closed);
  good.socket.write(frame(message(3)));
  await until(() => good.answers.length === 1);
  t.deepEqual(good.answers, texts(message(3)));
});

test('a client that resets its connection harms nobody', async (t) => {
  const front = await openFront(t);
  front.hold();
  const peer = await connect(t, front);
  peer.socket.write(frame(message(1)));
  await until(() => front.received.length === 1);
  peer.socket.resetAndDestroy();
  await until(() => front.clock.pending === 0);
  t.notThrows(() => front.received[0]!.send(message(1)));
});

test('silence closes the connection: it could not be told otherwise', async (t) => {
  const front = await openFront(t);
  front.receive = ({ send }) => send(undefined);
  const peer = await connect(t, front);
  peer.socket.write(frame(message(1)));
  await until(() => peer.closed);
  t.deepEqual(peer.answers, []);
});

test('with too many queries unanswered a connection is read no further, until some have left', async (t) => {
  const front = await openFront(t);
  front.hold();
  const peer = await connect(t, front);
  peer.socket.write(Buffer.concat(Array.from({ length: limits.tcpPipelined }, (_, i) => frame(message(i)))));
  await until(() => front.received.length === limits.tcpPipelined);
  peer.socket.write(frame(message(999)));
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  t.is(front.received.length, limits.tcpPipelined);
  front.received[0]!.send(message(0));
  await until(() => front.received.length === limits.tcpPipelined + 1);
});

test('a client that does not read its answers is cut off', async (t) => {
  const front = await openFront(t);
  front.hold();
  const socket = stuck('192.0.2.1');
  front.accept(socket);
  socket.emit('data', Buffer.concat(Array.from({ length: 40 }, (_, i) => frame(message(i)))));
  let answered = 0;
  while (!socket.destroyed) front.received[answered++]!.send(Buffer.alloc(60_000));
  t.is(answered, Math.floor(limits.tcpUnreadOctets / 60_002) + 1);
  t.notThrows(() => front.received[answered]!.send(message(1)));
});

test('connections are counted while they are open', async (t) => {
  const front = await openFront(t);
  const sockets = Array.from({ length: limits.tcpConnectionsPerClient }, () => stuck('192.0.2.1'));
  for (const socket of sockets) front.accept(socket);
  const further = stuck('192.0.2.1');
  front.accept(further);
  t.true(further.destroyed);
  sockets[0]!.destroy();
  await once(sockets[0]!, 'close');
  const later = stuck('192.0.2.1');
  front.accept(later);
  t.false(later.destroyed, 'one has left');
});

test('a connection ends after so many queries, when they are answered', async (t) => {
  const front = await openFront(t);
  const peer = await connect(t, front);
  for (let sent = 0; sent < limits.tcpQueriesPerConnection; sent += 100) {
    peer.socket.write(Buffer.concat(Array.from({ length: 100 }, (_, i) => frame(message(sent + i)))));
    await until(() => peer.answers.length === sent + 100);
  }
  await until(() => peer.closed);
  t.regex(await front.metrics.text(''), /^limit_reached_total{limit="tcpQueriesPerConnection"} 1$/m);
});

test('a connection ends after its time, however busy it is, when its queries are answered', async (t) => {
  const front = await openFront(t);
  const peer = await connect(t, front);
  const steps = (2 * limits.tcpConnectionMs) / limits.tcpIdleMs;
  for (let step = 1; step <= steps; step++) {
    if (step === steps) front.hold();
    peer.socket.write(frame(message(step)));
    await until(() => front.received.length === step && peer.answers.length >= step - 1);
    front.clock.advance(limits.tcpIdleMs / 2);
  }
  t.false(peer.ended, 'one is to be answered');
  front.received.at(-1)!.send(message(1));
  await until(() => peer.closed);
  t.regex(await front.metrics.text(''), /^limit_reached_total{limit="tcpConnectionMs"} 1$/m);
});

test('a connection whose peer is gone already is not taken', async (t) => {
  const front = await openFront(t);
  const socket = stuck(undefined as unknown as string);
  front.accept(socket);
  t.true(socket.destroyed);
  t.is(front.clock.pending, 0);
});

test('before a stop nothing new is taken, and answers still leave', async (t) => {
  const front = await openFront(t);
  front.hold();
  const [busy, idle] = [await connect(t, front), await connect(t, front)];
  busy.socket.write(frame(message(1)));
  await until(() => front.received.length === 1 && front.clock.pending === 2);
  front.listener.quiesce();
  await until(() => idle.closed);
  busy.socket.write(frame(message(2)));
  const late = await connect(t, front);
  await until(() => late.closed);
  front.received[0]!.send(message(1));
  await until(() => busy.closed);
  t.deepEqual(busy.answers, texts(message(1)));
  t.is(front.received.length, 1);
});

test('closing ends what is still open, and leaves no timer', async (t) => {
  const front = await openFront(t);
  const peer = await connect(t, front);
  await until(() => front.clock.pending === 1);
  await front.listener.close();
  await until(() => peer.closed);
  t.is(front.clock.pending, 0);
});

test('a port in use is told in one line that says what to do', async (t) => {
  const { port } = await openFront(t);
  const second = new Front(port);
  await t.throwsAsync(second.listener.open(), {
    name: 'OperationalError', message: `cannot listen on tcp 127.0.0.1:${port}: the port is in use; stop the other server or choose another port`,
  });
  await t.notThrowsAsync(second.listener.close());
});

test('an error of the socket that does not end it is a warning', async (t) => {
  const front = await openFront(t);
  front.server!.emit('error', new Error('too many open files'));
  t.deepEqual(front.warnings, ['tcp 127.0.0.1:0: too many open files']);
});
