/** Queries over TCP (RFC 7766, RFC 9210): pipelined, answered out of order, bounded in every direction. */
import type { ListenOptions, Server as TcpServer, Socket } from 'node:net';
import { textOfEndpoint } from '../address.js';
import { limits } from '../limits.js';
import type { Client } from '../query.js';
import type { Clock, Timer } from '../runtime.js';
import { headerOctets } from '../wire/layout.js';
import { Deframer, frame } from '../wire/frame.js';
import { addressParser } from './clients.js';
import { cannotListen, type Listener, type ListenerOptions, type Receive } from './listener.js';

export function tcpListener({ endpoint, runtime, receive, shared = false, warn }: ListenerOptions): Listener {
  const { address, port } = endpoint;
  const local = textOfEndpoint(endpoint);
  const parse = addressParser();
  const connections = new Set<Connection>();
  const perClient = new Map<string, number>();
  let taking = true;

  const accept = (socket: Socket): void => {
    const peer = socket.remoteAddress;
    const held = perClient.get(peer ?? '') ?? 0;
    if (!taking || peer === undefined || connections.size >= limits.tcpConnections || held >= limits.tcpConnectionsPerClient) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    perClient.set(peer, held + 1);
    const client: Client = { address: parse(peer), port: socket.remotePort ?? 0, transport: 'tcp', local };
    const connection = new Connection(socket, client, receive, runtime.clock);
    connections.add(connection);
    socket.once('close', () => {
      connection.closed();
      connections.delete(connection);
      const left = perClient.get(peer)! - 1;
      if (left === 0) perClient.delete(peer);
      else perClient.set(peer, left);
    });
  };
  const server: TcpServer = runtime.sockets.server({ noDelay: true, allowHalfOpen: true }, accept);

  return {
    open: () =>
      new Promise((resolve, reject) => {
        const fail = (error: Error): void => reject(cannotListen('tcp', local, error));
        server.once('error', fail);
        const where = { host: address.text, port, ipv6Only: address.bits === 128, exclusive: true, backlog: 512 };
        server.listen(shared ? { ...where, reusePort: true } as ListenOptions : where, () => {
          server.off('error', fail);
          server.on('error', (error) => warn(`tcp ${local}: ${error.message}`));
          resolve();
        });
      }),
    quiesce() {
      taking = false;
      for (const connection of connections) connection.quiesce();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const connection of connections) connection.destroy();
      }),
  };
}

/** One client's connection. */
class Connection {
  readonly #socket: Socket;
  readonly #client: Client;
  readonly #receive: Receive;
  readonly #clock: Clock;
  readonly #deframer = new Deframer();
  #waiting = 0;
  #ended = false;
  #timer: Timer | undefined;
  #partialSince: number | undefined;

  constructor(socket: Socket, client: Client, receive: Receive, clock: Clock) {
    this.#socket = socket;
    this.#client = client;
    this.#receive = receive;
    this.#clock = clock;
    socket.on('data', (segment) => this.#take(segment as Buffer));
    socket.on('end', () => this.quiesce());
    // A reset is the client's right; 'close' follows.
    socket.on('error', () => undefined);
    this.#rest();
  }

  /** Answers what came; takes no more. (The client's half-close, or ours before a stop.) */
  quiesce(): void {
    this.#ended = true;
    this.#socket.pause();
    if (this.#waiting === 0) this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  closed(): void {
    this.#ended = true;
    this.#clock.cancel(this.#timer);
  }

  #take(segment: Buffer): void {
    if (this.#ended) return;
    for (const message of this.#deframer.push(segment)) {
      // Less than a header is no DNS, and whatever follows it isn't either.
      if (message.length < headerOctets) return this.destroy();
      this.#serve(message);
    }
    this.#partialSince = this.#deframer.partial ? (this.#partialSince ?? this.#clock.now()) : undefined;
    if (this.#waiting >= limits.tcpPipelined) this.#socket.pause();
    this.#rest();
  }

  #serve(message: Buffer): void {
    this.#waiting++;
    this.#receive(message, this.#client, (answer) => {
      this.#waiting--;
      if (this.#socket.destroyed) return;
      // Silence would leave the client waiting on a connection that can't say so otherwise.
      if (answer === undefined) return this.destroy();
      this.#socket.write(frame(answer));
      if (this.#socket.writableLength > limits.tcpUnreadOctets) this.destroy();
      else if (this.#ended && this.#waiting === 0) this.#socket.end();
      else if (!this.#ended && this.#waiting < limits.tcpPipelined) this.#socket.resume();
    });
  }

  /** One timer a connection: to the end of idleness, or of a message that has begun. */
  #rest(): void {
    this.#clock.cancel(this.#timer);
    const now = this.#clock.now();
    const delay = this.#partialSince === undefined ? limits.tcpIdleMs : Math.max(0, this.#partialSince + limits.tcpMessageMs - now);
    this.#timer = this.#clock.after(delay, () => {
      if (this.#waiting > 0 && this.#partialSince === undefined) this.#rest();
      else this.destroy();
    });
  }
}
