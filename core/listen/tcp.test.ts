import test from 'ava';
import fc from 'fast-check';
import { accepted, connect, Front, message, openFront, texts, until } from '../../testing/tcp-front.js';
import { limits } from '../limits.js';
import { frame } from '../wire/frame.js';

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
    const socket = accepted(front, '192.0.2.1');
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

test('a connection whose peer is gone already is not taken', async (t) => {
  const front = await openFront(t);
  const socket = accepted(front, undefined as unknown as string);
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
