/** Sockets that are plain memory: what the server sends stays in them until somebody takes it, so that its own work can be measured without the system's. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:dgram';
import type { Server } from 'node:net';
import type { Sockets } from '../../core/runtime.js';

/** As much of a UDP socket as the server uses. */
class MemorySocket extends EventEmitter {
  /** What was sent and not taken yet. */
  readonly sent: Buffer[] = [];

  /** @param opened given by those who listen for clients */
  bind(_where: unknown, opened?: () => void): void {
    if (opened === undefined) this.emit('listening');
    else opened();
  }

  connect(): void {
    this.emit('connect');
  }

  send(message: Buffer): void {
    this.sent.push(message);
  }

  close(closed?: () => void): void {
    closed?.();
  }
}

/** A TCP listener to which nobody comes. */
class MemoryServer extends EventEmitter {
  listen(_where: unknown, opened: () => void): void {
    opened();
  }

  close(closed: () => void): void {
    closed();
  }
}

/** The two sides of a server: who asks it, and whom it asks. */
export class MemoryNetwork implements Sockets {
  readonly #sockets: MemorySocket[] = [];

  udp(): Socket {
    const socket = new MemorySocket();
    this.#sockets.push(socket);
    return socket as unknown as Socket;
  }

  server(): Server {
    return new MemoryServer() as unknown as Server;
  }

  connect(): never {
    throw new Error('nobody listens for TCP connections here');
  }

  /** Delivers queries to the first socket that was opened, which listens for clients. Returns how many were answered at once. */
  ask(queries: readonly Buffer[]): number {
    const listener = this.#sockets[0]!;
    for (const [i, query] of queries.entries()) listener.emit('message', query, { address: '127.0.0.1', port: 40_000 + (i & 7) });
    return listener.sent.splice(0).length;
  }

  /** What the server has asked others since the last time, by socket. */
  takeAsked(): Asked[] {
    return this.#sockets.slice(1).flatMap((socket) => socket.sent.splice(0).map((query) => ({ socket, query })));
  }

  /** Delivers the answers to what it asked. Returns how many clients got one. */
  answer(answers: readonly Asked[]): number {
    for (const { socket, query } of answers) socket.emit('message', query, { address: '127.0.0.1', port: 53 });
    return this.#sockets[0]!.sent.splice(0).length;
  }
}

/** A message of an upstream socket. */
export interface Asked {
  readonly socket: EventEmitter;
  readonly query: Buffer;
}
