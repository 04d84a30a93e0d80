/**
 * UDP to one server: a pool of connected sockets on ports that the kernel picks at random (it knows which are reserved; 14.8 bits on Linux).
 * Connected, so the kernel drops what others send (RFC 5452 section 9.1) and tells us at once when the server's port is closed.
 *
 * A fresh socket for every query would be best against guessing, but costs as much as several queries. So: while fewer than
 * `limits.upstreamSocketsPerSecond` are asked, every query has a fresh one; beyond that, queries take a random one of the pool, which goes on
 * being renewed at that rate.
 */
import type { Socket } from 'node:dgram';
import type { Address, Endpoint } from '../address.js';
import { messageOf } from '../errors.js';
import { limits } from '../limits.js';
import { noLookup } from '../lookup.js';
import { headerOctets, uint16At } from '../wire/layout.js';
import { surveyResponse } from '../wire/survey.js';
import { judgeResponse } from './message.js';
import { PendingTable, type Channel, type Pending, type Sent } from './pending.js';
import type { UpstreamWorld } from './upstream.js';

export class UdpPool {
  readonly server: Endpoint;
  readonly source: Address | undefined;
  readonly world: UpstreamWorld;
  /** Those that take new queries, oldest first. */
  #open: UdpChannel[] = [];
  /** Those that only finish what they have, or wait out their quarantine, oldest first. */
  readonly #retired = new Set<UdpChannel>();
  /** Sockets that may be opened now. */
  #allowance: number = limits.upstreamSockets;
  #allowedAt = 0;
  /** Called for each message that answers no query of ours. */
  readonly onForeign: () => void;

  constructor(server: Endpoint, source: Address | undefined, world: UpstreamWorld, onForeign: () => void) {
    this.server = server;
    this.source = source;
    this.world = world;
    this.onForeign = onForeign;
  }

  /** Sockets that are open. */
  get size(): number {
    return this.#open.length + this.#retired.size;
  }

  /**
   * Sends a query.
   * @param now milliseconds of the host's clock
   * @returns what went wrong, when no socket can be had
   */
  send(pending: Pending, now: number): Sent | string {
    const channel = this.#pick(now);
    if (typeof channel === 'string') return channel;
    const id = channel.send(pending, now);
    if (channel.table.issued >= limits.upstreamQueriesPerSocket) this.retire(channel);
    return { channel, id };
  }

  /** Closes what is no longer of use. */
  tick(now: number): void {
    for (const channel of this.#open) if (channel.isIdleSince(now - limits.upstreamSocketIdleMs)) this.retire(channel);
    for (const channel of this.#retired) if (channel.isIdleSince(now - limits.upstreamQuarantineMs)) this.closed(channel);
  }

  close(): void {
    for (const channel of [...this.#open, ...this.#retired]) this.closed(channel);
  }

  /** Gives the channel no more queries, and closes it when it has none left and needs no quarantine. */
  retire(channel: UdpChannel): void {
    this.#open = this.#open.filter((other) => other !== channel);
    this.#retired.add(channel);
    this.settled(channel);
  }

  /** A query of this channel is over. */
  settled(channel: UdpChannel): void {
    if (channel.table.waiting > 0 || !this.#retired.has(channel)) return;
    if (channel.table.forgotten === 0) this.closed(channel);
    else if (this.#retired.size > limits.upstreamQuarantined) this.#closeOldestIdle();
  }

  /** The channel is of no more use at all. */
  closed(channel: UdpChannel): void {
    this.#open = this.#open.filter((other) => other !== channel);
    this.#retired.delete(channel);
    channel.close();
  }

  #pick(now: number): UdpChannel | string {
    if (this.#open.length > 0 && !this.#mayOpen(now)) return this.#anyOpen();
    if (!this.world.budget.allows(this.#open.length === 0)) return 'too many sockets to upstreams are open';
    const channel = new UdpChannel(this);
    if (channel.failure === undefined) {
      if (this.#open.length >= limits.upstreamSockets) this.retire(this.#open[0]!);
      this.#open.push(channel);
      return channel;
    }
    // Out of file descriptors, perhaps: the open ones do for a while.
    this.#allowance = 0;
    return this.#open.length > 0 ? this.#anyOpen() : channel.failure;
  }

  #anyOpen(): UdpChannel {
    return this.#open[this.world.runtime.random.below(this.#open.length)]!;
  }

  #mayOpen(now: number): boolean {
    const earned = ((now - this.#allowedAt) * limits.upstreamSocketsPerSecond) / 1000;
    this.#allowance = Math.min(limits.upstreamSockets, this.#allowance + earned);
    this.#allowedAt = now;
    if (this.#allowance < 1 || !this.world.budget.allows(false)) return false;
    this.#allowance--;
    return true;
  }

  #closeOldestIdle(): void {
    for (const channel of this.#retired) if (channel.table.waiting === 0) return this.closed(channel);
  }
}

/** One connected socket. */
class UdpChannel implements Channel {
  readonly table = new PendingTable();
  /** What went wrong with the socket. */
  failure: string | undefined;
  readonly #pool: UdpPool;
  readonly #socket: Socket;
  #usedAt = 0;
  #isClosed = false;
  #foreign = 0;
  /** What is to be sent when the socket is connected; `undefined` when it is. */
  #held: Buffer[] | undefined = [];

  constructor(pool: UdpPool) {
    this.#pool = pool;
    const { server, source, world: { runtime, budget } } = pool;
    budget.open++;
    this.#socket = runtime.sockets.udp({ type: server.address.bits === 32 ? 'udp4' : 'udp6', lookup: noLookup });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('listening', () => this.#socket.connect(server.port, server.address.text));
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on('message', (bytes) => this.#receive(bytes));
    this.#socket.bind({ port: 0, exclusive: true, ...(source && { address: source.text }) });
  }

  send(pending: Pending, now: number): number {
    const id = this.table.add(pending, this.#pool.world.runtime.random);
    this.#usedAt = now;
    // A callback costs as much as all the rest of sending. What one would tell, the sockets opened meanwhile find out with their first query.
    if (this.#held === undefined) this.#socket.send(pending.packet);
    else this.#held.push(pending.packet);
    return id;
  }

  forget(id: number): void {
    this.table.forget(id);
    this.#pool.settled(this);
  }

  /** Whether nobody has waited here since a moment. */
  isIdleSince(moment: number): boolean {
    return this.table.waiting === 0 && this.#usedAt <= moment;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pool.world.budget.open--;
    this.#socket.close();
  }

  #connected(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (this.#isClosed) return;
    for (const packet of held) this.#socket.send(packet, (error) => error !== null && this.#fail(error));
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.failure = messageOf(error);
    this.#pool.closed(this);
    for (const pending of this.table.drain()) pending.lost(this.failure, false);
  }

  #receive(bytes: Buffer): void {
    if (bytes.length < headerOctets) return this.#countForeign();
    const id = uint16At(bytes, 0);
    const pending = this.table.get(id);
    // A late answer is nobody's any more.
    if (pending === undefined) return this.table.knows(id) ? undefined : this.#countForeign();
    const verdict = judgeResponse(pending.packet, pending.questionEnd, bytes);
    if (verdict === 'foreign') return this.#countForeign();
    const survey = verdict === 'answer' ? surveyResponse(bytes) : undefined;
    this.table.settle(id);
    this.#pool.settled(this);
    if (survey !== undefined) pending.answered(bytes, survey);
    else pending.unusable(verdict === 'answer' ? 'malformed' : verdict);
  }

  /** One wrong answer must not end a query (else guessing would be an easy way to stop one), and many must not get it a wrong one. */
  #countForeign(): void {
    this.#pool.onForeign();
    if (++this.#foreign < limits.upstreamForeignAnswers) return;
    const besieged = this.table.drain();
    this.#pool.retire(this);
    for (const pending of besieged) pending.besieged();
  }
}
