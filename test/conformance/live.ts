/** A server on real sockets, and clients that say exactly the octets that a test wants said. */
import type { ExecutionContext } from 'ava';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import type { DnsBlock } from '../../core/block.js';
import { Deframer, frame } from '../../core/wire/frame.js';
import {
  closedPort, createTestServer, startLoopbackUpstream, toQuestion, wireMessage, wireOpt, wireQuestion, wireRecord,
  type Behaviour, type LoopbackUpstream, type TestServer, type TestServerOptions,
} from '../../testing/index.js';

/** How long a test waits before it fails: for what must come, and comes at once. */
const patience = (): AbortSignal => AbortSignal.timeout(20_000);

/** The question whose answer tells that nothing else will come; every live server knows it. */
const lastName = 'last.question.test';
const lastQuery = wireMessage({ id: 0x7e57, questions: [wireQuestion(lastName)] });
const isLast = (bytes: Buffer): boolean => bytes.readUInt16BE(0) === 0x7e57;

/** Answers everything with one record of what was asked for, octet by octet. */
export const echoing: Behaviour = (query) => wireMessage({
  id: query.id, flags: 0x8180, questions: [query.question],
  answers: [wireRecord(toQuestion, query.type, query.type === 'NS' ? Buffer.of(0) : Buffer.of(192, 0, 2, 1))],
  additionals: query.edns === undefined ? [] : [wireOpt()],
});

export interface Live {
  readonly server: TestServer;
  readonly upstream: LoopbackUpstream;
  readonly port: number;
}

/**
 * Starts a server on 127.0.0.1 in front of an upstream.
 * @param directives of its one block; `UPSTREAM` stands for the upstream's address
 */
export async function startLive(t: ExecutionContext, directives: string, behaviour = echoing, options: TestServerOptions = {}): Promise<Live> {
  const upstream = await startLoopbackUpstream(behaviour);
  t.teardown(() => upstream.close());
  const corefile = `. {\nbind 127.0.0.1\nstatic {\nrecord ${lastName} 192.0.2.99\n}\n${directives.replaceAll('UPSTREAM', upstream.endpoint)}\n}`;
  const { server, port } = await startSomewhere(corefile, options);
  t.teardown(() => server.finish());
  return { server, upstream, port };
}

/** Starts a server at a port that is free; one that was free a moment ago may be taken by now. */
export async function startSomewhere(corefile: string, options: TestServerOptions = {}): Promise<{ readonly server: TestServer; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await closedPort();
    try {
      return { server: await createTestServer(corefile, { ...options, port }), port };
    } catch (error) {
      if (attempt === 10 || !/the port is in use/.test(String(error))) throw error;
    }
  }
}

/** Queries of the server that wait for an upstream. */
export const inFlight = ({ host }: TestServer): number => ((host.current?.blocks ?? []) as DnsBlock[]).reduce((sum, block) => sum + block.inFlight, 0);

/** A client with one UDP socket. */
export class UdpClient {
  readonly socket: UdpSocket;
  readonly #port: number;
  readonly #arrived: Buffer[] = [];

  private constructor(socket: UdpSocket, port: number) {
    this.socket = socket;
    this.#port = port;
    socket.on('message', (bytes) => this.#arrived.push(bytes));
  }

  static async open(t: ExecutionContext, port: number): Promise<UdpClient> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    t.teardown(() => socket.close());
    return new UdpClient(socket, port);
  }

  send(bytes: Buffer): void {
    this.socket.send(bytes, this.#port, '127.0.0.1');
  }

  /** The next message that comes. */
  async next(): Promise<Buffer> {
    if (this.#arrived.length === 0) await once(this.socket, 'message', { signal: patience() });
    return this.#arrived.shift()!;
  }

  /** All that comes back for a message. @param atLeast so much is waited for */
  async exchange(bytes: Buffer, atLeast: number): Promise<Buffer[]> {
    this.send(bytes);
    const replies: Buffer[] = [];
    while (replies.length < atLeast) replies.push(await this.next());
    this.send(lastQuery);
    for (;;) {
      const reply = await this.next();
      if (isLast(reply)) return replies;
      replies.push(reply);
    }
  }
}

/** A client with one TCP connection. */
export class TcpClient {
  readonly socket: TcpSocket;
  /** Whether the server has ended the connection, or broken it. */
  isClosed = false;
  readonly #arrived: Buffer[] = [];
  readonly #deframer = new Deframer();
  #wake: () => void = () => undefined;

  private constructor(socket: TcpSocket) {
    this.socket = socket;
    socket.on('data', (segment: Buffer) => {
      this.#arrived.push(...this.#deframer.push(segment).map((message) => Buffer.from(message)));
      this.#wake();
    });
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.isClosed = true;
        this.#wake();
      });
    }
  }

  static async open(t: ExecutionContext, port: number): Promise<TcpClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    t.teardown(() => socket.destroy());
    const client = new TcpClient(socket);
    await once(socket, 'connect', { signal: patience() });
    return client;
  }

  /** Sends a message with its length before it. */
  send(bytes: Buffer): void {
    this.socket.write(frame(bytes));
  }

  /** The next message that comes; `undefined` when the connection is closed instead. */
  async next(): Promise<Buffer | undefined> {
    const signal = patience();
    while (this.#arrived.length === 0 && !this.isClosed) {
      signal.throwIfAborted();
      await new Promise<void>((wake) => {
        this.#wake = wake;
        signal.addEventListener('abort', () => wake());
      });
    }
    return this.#arrived.shift();
  }

  /** All that comes back for a message, until the connection is closed or another question answered. */
  async exchange(bytes: Buffer, atLeast: number): Promise<Buffer[]> {
    this.send(bytes);
    const replies: Buffer[] = [];
    for (;;) {
      if (replies.length === atLeast) this.send(lastQuery);
      const reply = await this.next();
      if (reply === undefined || isLast(reply)) return replies;
      replies.push(reply);
    }
  }
}
