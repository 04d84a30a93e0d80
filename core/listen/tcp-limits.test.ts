import test from 'ava';
import { once } from 'node:events';
import { accepted, connect, message, openFront, until } from '../../testing/tcp-front.js';
import { limits } from '../limits.js';
import { frame } from '../wire/frame.js';

test('a message that has begun must end in time, however busily it trickles', async (t) => {
  const front = await openFront(t);
  front.hold();
  const socket = accepted(front, '192.0.2.1');
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

test('the time of a message begins with the message, and stands still while we do not read', async (t) => {
  const front = await openFront(t);
  front.hold();
  const socket = accepted(front, '192.0.2.1');
  const stream = Buffer.concat(Array.from({ length: limits.tcpPipelined + 1 }, (_, i) => frame(message(i))));
  const half = stream.length / (limits.tcpPipelined + 1) / 2;
  // Each segment ends a message and begins the next.
  for (const segment of [stream.subarray(0, half), stream.subarray(half, 3 * half), stream.subarray(3 * half, 5 * half), stream.subarray(5 * half, -half)]) {
    socket.emit('data', segment);
    front.clock.advance(limits.tcpMessageMs - 1);
  }
  t.is(front.received.length, limits.tcpPipelined);
  front.clock.advance(2 * limits.tcpMessageMs);
  t.false(socket.destroyed, 'it is we who do not read');
  front.received[0]!.send(message(0));
  front.clock.advance(limits.tcpMessageMs);
  t.true(socket.destroyed);
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
  const socket = accepted(front, '192.0.2.1');
  socket.emit('data', Buffer.concat(Array.from({ length: 40 }, (_, i) => frame(message(i)))));
  let answered = 0;
  while (!socket.destroyed) front.received[answered++]!.send(Buffer.alloc(60_000));
  t.is(answered, Math.floor(limits.tcpUnreadOctets / 60_002) + 1);
  t.notThrows(() => front.received[answered]!.send(message(1)));
});

test('connections are counted while they are open', async (t) => {
  const front = await openFront(t);
  const [first] = Array.from({ length: limits.tcpConnectionsPerClient }, () => accepted(front, '192.0.2.1'));
  t.true(accepted(front, '192.0.2.1').destroyed);
  first!.destroy();
  await once(first!, 'close');
  t.false(accepted(front, '192.0.2.1').destroyed, 'one has left');
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
