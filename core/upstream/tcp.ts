/**
 * TCP to one server: few connections, kept open while they are used, with many queries in flight on each, answered in any order
 * (RFC 7766 sections 6.2 and 7).
 */
import type { Socket } from 'node:net';
import type { Address, Endpoint } from '../address.js';
import { limits } from '../limits.js';
import { Deframer, frame } from '../wire/frame.js';
import { headerOctets, uint16At } from '../wire/layout.js';
import { surveyResponse } from '../wire/survey.js';
import { judgeResponse } from './message.js';
import { PendingTable, type Channel, type Pending, type Sent } from './pending.js';
import type { UpstreamWorld } from './upstream.js';

export class TcpPool {
  readonly server: Endpoint;
  readonly source: Address | undefined;
  readonly world: UpstreamWorld;
  /** Milliseconds that an idle connection is kept. */
  readonly expireMs: number;
  readonly #connections = new Set<TcpChannel>();

  constructor(server: Endpoint, source: Address | undefined, world: UpstreamWorld, expireMs: number) {
    this.server = server;
    this.source = source;
    this.world = world;
    this.expireMs = expireMs;
  }

  /** Connections that are open or being opened. */
  get size(): number {
    return this.#connections.size;
  }

  /**
   * Sends a query.
   * @param now milliseconds of the host's clock
   * @param fresh whether it has to be a connection that hasn't been used
   * @returns what went wrong, when no connection may take it
   */
  send(pending: Pending, now: number, fresh: boolean): Sent | string {
    const channel = this.#pick(fresh);
    return channel === undefined ? 'too many connections, or queries in flight, over TCP' : { channel, id: channel.send(pending, now) };
  }

  tick(now: number): void {
    for (const channel of this.#connections) channel.tick(now);
  }

  close(): void {
    for (const channel of this.#connections) channel.close();
  }

  closed(channel: TcpChannel): void {
    this.#connections.delete(channel);
  }

  /** The connection with the fewest queries in flight, or a new one when that has many. */
  #pick(fresh: boolean): TcpChannel | undefined {
    const usable = [...this.#connections].filter((channel) => channel.isUsable);
    const unused = fresh ? usable.filter((channel) => channel.table.issued === 0) : usable;
    const best = leastLoaded(unused);
    if (best !== undefined && best.table.waiting < limits.upstreamPipelined) return best;
    if (usable.length < limits.upstreamConnections && this.world.budget.allows(usable.length === 0)) {
      const opened = new TcpChannel(this);
      this.#connections.add(opened);
      return opened;
    }
    const any = leastLoaded(usable);
    return any !== undefined && any.table.waiting < limits.upstreamPipelinedMost ? any : undefined;
  }
}

function leastLoaded(channels: readonly TcpChannel[]): TcpChannel | undefined {
  return channels.reduce<TcpChannel | undefined>((best, next) => (best !== undefined && best.table.waiting <= next.table.waiting ? best : next), undefined);
}

/** One connection. */
class TcpChannel implements Channel {
  readonly table = new PendingTable();
  readonly #pool: TcpPool;
  readonly #socket: Socket;
  readonly #deframer = new Deframer();
  #usedAt = 0;
  #isClosed = false;
  /** Answers so far, of any kind. */
  #answers = 0;
  /** Whether a query has been given up, and no answer has come since. */
  #isSilent = false;

  constructor(pool: TcpPool) {
    this.#pool = pool;
    const { server, source, world: { runtime, budget } } = pool;
    budget.open++;
    this.#socket = runtime.sockets.connect({
      host: server.address.text, port: server.port, noDelay: true, ...(source && { localAddress: source.text }),
    });
    this.#socket.on('error', (error) => this.#fail(error.message, this.#answers > 0));
    this.#socket.on('close', () => this.#fail('the connection was closed', this.#answers > 0));
    this.#socket.on('end', () => this.#fail('the server closed the connection', this.#answers > 0));
    this.#socket.on('data', (segment: Buffer) => this.#receive(segment));
  }

  send(pending: Pending, now: number): number {
    const id = this.table.add(pending, this.#pool.world.runtime.random);
    this.#usedAt = now;
    this.#socket.write(frame(pending.packet));
    return id;
  }

  /** Whether it takes another query. */
  get isUsable(): boolean {
    return !this.#isSilent && this.table.issued < limits.upstreamQueriesPerConnection;
  }

  /** A query is given up. Perhaps nothing will ever come back over this connection: until something does, it gets no more. */
  forget(id: number): void {
    this.table.forget(id);
    this.#isSilent = true;
    if (this.table.waiting === 0) this.close();
  }

  tick(now: number): void {
    if (this.table.waiting > 0) return;
    if (this.#usedAt + this.#pool.expireMs <= now || !this.isUsable) this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pool.closed(this);
    this.#pool.world.budget.open--;
    this.#socket.destroy();
  }

  #fail(reason: string, again: boolean): void {
    this.close();
    for (const pending of this.table.drain()) pending.lost(reason, again);
  }

  #receive(segment: Buffer): void {
    for (const message of this.#deframer.push(segment)) {
      if (this.#isClosed) return;
      // A copy: what is kept of a small answer must not keep its whole segment.
      this.#take(Buffer.from(message));
    }
  }

  #take(bytes: Buffer): void {
    const id = bytes.length < headerOctets ? -1 : uint16At(bytes, 0);
    const pending = this.table.get(id);
    if (pending === undefined) {
      // A late answer is nobody's any more, but it shows that the connection is alive.
      if (this.table.knows(id)) this.#isSilent = false;
      else this.#fail('an answer to no query of ours', false);
      return;
    }
    const verdict = judgeResponse(pending.packet, pending.questionEnd, bytes);
    if (verdict === 'foreign') return this.#fail('an answer to another question', false);
    // Nobody can forge a TCP answer without seeing the query, so its question's case proves nothing more.
    const survey = verdict === 'answer' || verdict === 'otherCase' ? surveyResponse(bytes) : undefined;
    this.table.settle(id);
    this.#answers++;
    this.#isSilent = false;
    if (survey !== undefined) pending.answered(bytes, survey);
    else pending.unusable(verdict === 'answer' || verdict === 'otherCase' ? 'malformed' : verdict);
  }
}
