/** Both sides of a TCP listener in a test: it listens on a free port of the loopback, or gets connections without a network. */
import { once } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { parseAddress } from '../core/address.js';
import { Connections } from '../core/listen/connections.js';
import type { Listener } from '../core/listen/listener.js';
import { tcpListener } from '../core/listen/tcp.js';
import { createLogger } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import type { Client } from '../core/query.js';
import { systemRuntime } from '../core/runtime.js';
import type { Send } from '../core/server.js';
import { Deframer } from '../core/wire/frame.js';
import { TestClock } from './clock.js';

/** The part of a test that ends what was begun. */
interface Teardown {
  teardown(end: () => unknown): void;
}

export interface Received {
  readonly message: Buffer;
  readonly client: Client;
  readonly send: Send;
}

/** A listener on a free port of the loopback, and all that it has received. */
export class Front {
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

export async function openFront(t: Teardown): Promise<Front> {
  const front = new Front();
  await front.listener.open();
  t.teardown(() => front.listener.close());
  return front;
}

/** A client's side of a connection. */
export class Peer {
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

export async function connect(t: Teardown, { port }: Front, options: Partial<net.TcpNetConnectOpts> = {}): Promise<Peer> {
  const peer = new Peer(port, options);
  t.teardown(() => peer.socket.destroy());
  await once(peer.socket, 'connect');
  return peer;
}

/** The system delivers in its own time; the test waits for the outcome, not for a while. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A message of so many octets at least, which says its number. */
export const message = (number: number, octets = 12): Buffer => Buffer.from(`query ${number}`.padEnd(octets, '.'), 'latin1');
export const texts = (...messages: readonly Buffer[]): string[] => messages.map((each) => each.toString('latin1'));

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

/** One that has come in. */
export function accepted(front: Front, address: string): net.Socket {
  const socket = new StuckSocket(address) as StuckSocket & net.Socket;
  front.accept(socket);
  return socket;
}
