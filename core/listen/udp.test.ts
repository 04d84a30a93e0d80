import test, { type ExecutionContext } from 'ava';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { TestClock } from '../../testing/index.js';
import { parseAddress } from '../address.js';
import type { Client } from '../query.js';
import { systemRuntime } from '../runtime.js';
import type { Send } from '../server.js';
import { cannotListen, type Listener } from './listener.js';
import { udpListener } from './udp.js';

interface Received {
  readonly message: Buffer;
  readonly client: Client;
  readonly send: Send;
}

/** A listener on a free port of the loopback, and all that it has received. */
class Front {
  readonly received: Received[] = [];
  readonly warnings: string[] = [];
  readonly listener: Listener;
  /** What is done with a message; by default it comes back as it is. */
  receive = ({ message, send }: Received): void => send(message);
  socket: dgram.Socket | undefined;

  constructor(port = 0) {
    const system = systemRuntime();
    const udp = (options: dgram.SocketOptions): dgram.Socket => (this.socket = system.sockets.udp(options));
    this.listener = udpListener({
      endpoint: { address: parseAddress('127.0.0.1')!, port },
      runtime: { ...system, clock: new TestClock(), sockets: { ...system.sockets, udp } },
      receive: (message, client, send) => {
        const received = { message, client, send };
        this.received.push(received);
        this.receive(received);
      },
      warn: (message) => this.warnings.push(message),
    });
  }
}

async function openFront(t: ExecutionContext): Promise<Front> {
  const front = new Front();
  await front.listener.open();
  t.teardown(() => front.listener.close());
  return front;
}

async function clientOf(t: ExecutionContext): Promise<dgram.Socket> {
  const client = dgram.createSocket('udp4');
  t.teardown(() => void client.close());
  client.bind(0, '127.0.0.1');
  await once(client, 'listening');
  return client;
}

/** The system delivers in its own time; the test waits for the outcome, not for a while. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('a query is answered from the address that was asked, and the client is who it is', async (t) => {
  const front = await openFront(t);
  const client = await clientOf(t);
  const { port } = front.socket!.address();
  client.send('query', port, '127.0.0.1');
  const [message, from] = (await once(client, 'message')) as [Buffer, dgram.RemoteInfo];
  t.is(message.toString(), 'query');
  t.like(from, { address: '127.0.0.1', port });
  t.is(front.received[0]!.client.address.text, '127.0.0.1');
  t.is(front.received[0]!.client.port, client.address().port);
  t.is(front.received[0]!.client.transport, 'udp');
});

test('silence sends nothing', async (t) => {
  const front = await openFront(t);
  const client = await clientOf(t);
  front.receive = ({ message, send }) => send(message.toString() === 'quiet' ? undefined : message);
  client.send('quiet', front.socket!.address().port, '127.0.0.1');
  client.send('loud', front.socket!.address().port, '127.0.0.1');
  const [message] = (await once(client, 'message')) as [Buffer];
  t.is(message.toString(), 'loud');
  t.is(front.received.length, 2);
});

test('what can’t be answered is not taken', async (t) => {
  const front = await openFront(t);
  front.socket!.emit('message', Buffer.from('x'), { address: '127.0.0.1', port: 0, family: 'IPv4', size: 1 });
  t.is(front.received.length, 0);
});

test('before a stop nothing new is taken, and answers still leave', async (t) => {
  const front = await openFront(t);
  const client = await clientOf(t);
  front.receive = () => undefined;
  client.send('first', front.socket!.address().port, '127.0.0.1');
  await until(() => front.received.length === 1);
  front.listener.quiesce();
  front.socket!.emit('message', Buffer.from('second'), { address: '127.0.0.1', port: 1, family: 'IPv4', size: 6 });
  front.received[0]!.send(Buffer.from('answer'));
  const [message] = (await once(client, 'message')) as [Buffer];
  t.is(message.toString(), 'answer');
  t.is(front.received.length, 1);
});

test('an answer that comes after the end is a warning', async (t) => {
  const front = new Front();
  await front.listener.open();
  front.receive = () => undefined;
  front.socket!.emit('message', Buffer.from('x'), { address: '127.0.0.1', port: 9, family: 'IPv4', size: 1 });
  await front.listener.close();
  t.notThrows(() => front.received[0]!.send(Buffer.from('late')));
  t.regex(front.warnings[0]!, /^udp 127\.0\.0\.1:0: an answer could not be sent: /);
});

test('an answer that the system refuses is a warning', async (t) => {
  const front = await openFront(t);
  const client = await clientOf(t);
  front.receive = ({ send }) => send(Buffer.alloc(65_535));
  client.send('x', front.socket!.address().port, '127.0.0.1');
  await until(() => front.warnings.length === 1);
  t.regex(front.warnings[0]!, /an answer could not be sent: .*EMSGSIZE/);
});

test('a port in use is told in one line that says what to do', async (t) => {
  const front = await openFront(t);
  const { port } = front.socket!.address();
  const second = new Front(port);
  await t.throwsAsync(second.listener.open(), {
    name: 'OperationalError', message: `cannot listen on udp 127.0.0.1:${port}: the port is in use; stop the other server or choose another port`,
  });
  await t.notThrowsAsync(second.listener.close());
});

test('a listener that never opened can be closed, and closed again', async (t) => {
  const front = new Front();
  await t.notThrowsAsync(front.listener.close());
  await t.notThrowsAsync(front.listener.close());
});

test('other reasons not to listen have their hints, or speak for themselves', (t) => {
  const told = (code: string): string => cannotListen('udp', '[::1]:53', Object.assign(new Error('bind EXYZ ::1'), { code })).message;
  t.is(told('EACCES'), 'cannot listen on udp [::1]:53: permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE');
  t.is(told('EADDRNOTAVAIL'), 'cannot listen on udp [::1]:53: this host has no such address');
  t.is(told('EXYZ'), 'cannot listen on udp [::1]:53: bind EXYZ ::1');
});
