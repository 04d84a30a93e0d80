/** Queries over TCP (RFC 7766, RFC 9210): pipelined, answered out of order, bounded in every direction. */
import type { ListenOptions, Server as TcpServer, Socket } from 'node:net';
import { textOfEndpoint } from '../address.js';
import { limits } from '../limits.js';
import type { Client } from '../query.js';
import type { Clock, Timer } from '../runtime.js';
import { headerOctets } from '../wire/layout.js';
import { Deframer, frame } from '../wire/frame.js';
import { addressParser } from './clients.js';
import type { Connected, ConnectionLimit, Connections } from './connections.js';
import { cannotListen, type Listener, type ListenerOptions, type Receive } from './listener.js';

export function tcpListener({ endpoint, runtime, receive, shared = false, warn }: ListenerOptions, all: Connections): Listener {
  const { address, port } = endpoint;
  const local = textOfEndpoint(endpoint);
  const parse = addressParser();
  const connections = new Set<Connection>();
  let taking = true;

  const accept = (socket: Socket): void => {
    const peer = socket.remoteAddress;
    if (!taking || peer === undefined || !all.admits(peer)) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const client: Client = { address: parse(peer), port: socket.remotePort ?? 0, transport: 'tcp', local };
    const connection = new Connection(socket, peer, client, receive, runtime.clock, all);
    connections.add(connection);
    all.add(connection);
    socket.once('close', () => {
      connection.closed();
      connections.delete(connection);
      all.delete(connection);
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
class Connection implements Connected {
  isLinked = false;
  previous: Connected | undefined = undefined;
  next: Connected | undefined = undefined;
  readonly peer: string;
  readonly #socket: Socket;
  readonly #client: Client;
  readonly #receive: Receive;
  readonly #clock: Clock;
  readonly #all: Connections;
  readonly #deframer = new Deframer();
  readonly #endsAt: number;
  #queries = 0;
  #waiting = 0;
  #ended = false;
  #timer: Timer | undefined;
  #partialSince: number | undefined;

  constructor(socket: Socket, peer: string, client: Client, receive: Receive, clock: Clock, all: Connections) {
    this.#socket = socket;
    this.peer = peer;
    this.#client = client;
    this.#receive = receive;
    this.#clock = clock;
    this.#all = all;
    this.#endsAt = clock.now() + limits.tcpConnectionMs;
    socket.on('data', (segment) => this.#take(segment as Buffer));
    socket.on('end', () => this.quiesce());
    // A reset is the client's right; 'close' follows.
    socket.on('error', () => undefined);
    this.#rest();
  }

  get isResting(): boolean {
    return this.#waiting === 0;
  }

  /** Answers what came; takes no more. (The client's half-close, ours before a stop, or after enough queries.) */
  quiesce(): void {
    this.#ended = true;
    this.#partialSince = undefined;
    this.#socket.pause();
    if (this.isResting) this.#socket.end();
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
    const messages = this.#deframer.push(segment);
    for (const message of messages) {
      // Less than a header is no DNS, and whatever follows it isn't either.
      if (message.length < headerOctets) return this.destroy();
      this.#serve(message);
    }
    if (messages.length > 0) this.#partialSince = undefined;
    if (this.#deframer.partial) this.#partialSince ??= this.#clock.now();
    if (this.#queries >= limits.tcpQueriesPerConnection) return this.#finish('tcpQueriesPerConnection');
    if (this.#waiting >= limits.tcpPipelined) {
      this.#all.reached.tcpPipelined();
      this.#socket.pause();
    }
    this.#rest();
  }

  #serve(message: Buffer): void {
    this.#queries++;
    this.#waiting++;
    this.#all.touch(this);
    this.#receive(message, this.#client, (answer) => {
      this.#waiting--;
      if (this.#socket.destroyed) return;
      // Silence would leave the client waiting on a connection that can't say so otherwise.
      if (answer === undefined) return this.destroy();
      this.#socket.write(frame(answer));
      if (this.#socket.writableLength > limits.tcpUnreadOctets) this.#giveUp('tcpUnreadOctets');
      else if (this.#ended && this.isResting) this.#socket.end();
      else if (!this.#ended && this.#waiting < limits.tcpPipelined) this.#resume();
    });
  }

  #resume(): void {
    if (!this.#socket.isPaused()) return;
    this.#grant();
    this.#socket.resume();
  }

  /** While we did not read, nobody could end a message. */
  #grant(): void {
    if (this.#partialSince !== undefined) this.#partialSince = this.#clock.now();
  }

  /** One timer a connection: to the end of idleness, of a message that has begun, or of the connection's time. */
  #rest(): void {
    this.#clock.cancel(this.#timer);
    const now = this.#clock.now();
    const due = this.#partialSince === undefined ? now + limits.tcpIdleMs : this.#partialSince + limits.tcpMessageMs;
    this.#timer = this.#clock.after(Math.max(0, (this.#ended ? due : Math.min(due, this.#endsAt)) - now), () => this.#wake());
  }

  #wake(): void {
    const now = this.#clock.now();
    if (this.#socket.isPaused()) this.#grant();
    if (this.#partialSince !== undefined && this.#partialSince + limits.tcpMessageMs <= now) return this.#giveUp('tcpMessageMs');
    if (!this.#ended && this.#endsAt <= now) return this.#finish('tcpConnectionMs');
    if (this.isResting) this.destroy();
    else this.#rest();
  }

  #giveUp(limit: ConnectionLimit): void {
    this.#all.reached[limit]();
    this.destroy();
  }

  /** Ends when all that came is answered. */
  #finish(limit: ConnectionLimit): void {
    this.#all.reached[limit]();
    this.quiesce();
    this.#rest();
  }
}
