/** One question on its way to the servers of a group, from the first client that asks it to the answer for all who do. */
import type { BucketLink } from '../buckets.js';
import type { ChainLink } from '../chain.js';
import { messageOf } from '../errors.js';
import { limits } from '../limits.js';
import type { Query } from '../query.js';
import { failed, turnedAway, upstreamReply, type Reply } from '../reply.js';
import { ede, flag, rcode } from '../wire/layout.js';
import type { Survey } from '../wire/survey.js';
import { writeQuery } from './message.js';
import type { GroupOptions } from './options.js';
import type { Flaw, Pending, Sent } from './pending.js';
import type { Transport, Upstream, UpstreamWorld } from './upstream.js';

export type ReplyCallback = (reply: Reply) => void;

/** What an exchange needs of its group. */
export interface ExchangeGroup {
  readonly options: GroupOptions;
  readonly world: UpstreamWorld;
  /** The next server to try, or `undefined` when there is none. */
  choose(exchange: Exchange): Upstream | undefined;
  /** The exchange is over and takes no more clients. */
  finished(exchange: Exchange): void;
}

const unsent = Buffer.alloc(0);

const flaws: Readonly<Record<Flaw, string>> = {
  truncated: 'an answer that is truncated even over TCP',
  malformed: 'a malformed answer',
  otherCase: 'an answer to the question in another case',
  bareError: 'an error without the question',
};

interface Waiter {
  readonly query: Query;
  readonly callback: ReplyCallback;
}

export class Exchange implements Pending, ChainLink<Exchange>, BucketLink<Exchange> {
  /** The first query that asked; its question is what is sent. */
  readonly question: Query;
  nextInBucket: Exchange | undefined = undefined;
  isLinked = false;
  previous: Exchange | undefined = undefined;
  next: Exchange | undefined = undefined;
  /** In milliseconds of the host's clock. */
  readonly beganAt: number;
  packet: Buffer = unsent;
  readonly questionEnd: number;
  /** When the current try is over, in milliseconds of the host's clock. */
  tryEnds = Infinity;
  readonly #group: ExchangeGroup;
  readonly #waiters: Waiter[];
  /** When all is over. */
  readonly #ends: number;
  readonly #firstTransport: Transport;
  /** How often it was sent, by server and transport. */
  readonly #sends: number[] = [0, 0];
  /** Bit i: server i has failed this question for good. */
  #spent = 0;
  #server: Upstream | undefined;
  /** Whether the query is to find out if the server is back. */
  #isTrial = false;
  #transport: Transport = 'udp';
  #sent: Sent | undefined;
  #sentAt = 0;
  /** Asked without EDNS, after an answer that suggests it. */
  #withoutEdns = false;
  /** Asked over a fresh connection, after a used one was closed. */
  #again = false;
  /** An answer of the sort for which the next server is asked. */
  #secondBest: Reply | undefined;
  #failure = 'no upstream is in use: all have failed their health checks';
  #failureCode: number = ede.noReachableAuthority;

  constructor(group: ExchangeGroup, query: Query, callback: ReplyCallback, now: number) {
    const { options } = group;
    this.#group = group;
    this.question = query;
    this.questionEnd = query.questionEnd;
    this.#waiters = [{ query, callback }];
    this.beganAt = now;
    this.#ends = now + limits.upstreamExchangeMs;
    this.#firstTransport = options.forceTcp || (query.client.transport === 'tcp' && !options.preferUdp) ? 'tcp' : 'udp';
  }

  get hash(): number {
    return this.question.nameHash;
  }

  get waiters(): number {
    return this.#waiters.length;
  }

  /** Whether its answer is this query's too. */
  serves({ name, type, class: qclass, dnssecOk, checkingDisabled }: Query): boolean {
    const { question } = this;
    return name === question.name && type === question.type && qclass === question.class
      && dnssecOk === question.dnssecOk && checkingDisabled === question.checkingDisabled;
  }

  join(query: Query, callback: ReplyCallback): void {
    this.#waiters.push({ query, callback });
  }

  /** How often it was sent to a server on the way on which it is sent first; many times if the server is not to be tried again. */
  triesOf({ index }: Upstream): number {
    return (this.#spent & (1 << index)) === 0 ? (this.#sends[sendsAt(index, this.#firstTransport)] ?? 0) : limits.upstreamSends;
  }

  /** Asks the next server, or ends. */
  proceed(now: number): void {
    const server = now < this.#ends ? this.#group.choose(this) : undefined;
    if (server === undefined) return this.#end(this.#secondBest ?? failed(this.#group.options.plugin, this.#failure, this.#failureCode));
    this.#server = server;
    this.#withoutEdns = false;
    this.#isTrial = server.isDown;
    if (this.#isTrial) server.onTrial = true;
    server.began();
    this.#send(this.#firstTransport, false, now);
  }

  /** Nothing came in time. */
  timedOut(): void {
    const sent = this.#sent;
    this.#sent = undefined;
    sent?.channel.forget(sent.id);
    this.#failed('no answer', ede.noReachableAuthority);
  }

  /** Ends without an answer, to make room for another. */
  giveWay(): void {
    const sent = this.#sent;
    this.#sent = undefined;
    sent?.channel.forget(sent.id);
    this.#leave();
    this.#end(turnedAway(this.#group.options.plugin, 'too many queries are waiting for upstreams, of which this had waited longest'));
  }

  answered(bytes: Buffer, survey: Survey): void {
    const server = this.#server!;
    const now = this.#now();
    this.#sent = undefined;
    server.answered(now - this.#sentAt, survey.rcode);
    const isRefusal = isEdnsRefusal(survey);
    if (isRefusal && this.#mayDropEdns()) return this.#sendWithoutEdns();
    if (!isRefusal && this.#withoutEdns) server.becomePlain(now);
    const { plugin, trustAd, failover } = this.#group.options;
    const reply = upstreamReply(bytes, survey, plugin, trustAd);
    this.#leave();
    if (!failover.includes(reply.rcode)) return this.#end(reply);
    this.#secondBest = reply;
    this.#spent |= 1 << server.index;
    this.proceed(now);
  }

  unusable(flaw: Flaw): void {
    this.#sent = undefined;
    if (flaw === 'bareError' && this.#mayDropEdns()) return this.#sendWithoutEdns();
    if (this.#transport === 'udp') return this.#send('tcp', false);
    this.#failForGood(flaws[flaw], ede.networkError);
  }

  besieged(): void {
    this.#sent = undefined;
    this.#send('tcp', false);
  }

  lost(reason: string, again: boolean): void {
    this.#sent = undefined;
    if (!again || this.#again) return this.#failForGood(reason, ede.noReachableAuthority);
    this.#again = true;
    this.#send('tcp', true);
  }

  #send(transport: Transport, fresh: boolean, now = this.#now()): void {
    const server = this.#server!;
    const counter = sendsAt(server.index, transport);
    const sends = this.#sends[counter] ?? 0;
    if (sends >= limits.upstreamSends) return this.#failForGood(`asked ${sends} times over ${transport}`, ede.noReachableAuthority);
    this.#sends[counter] = sends + 1;
    this.#transport = transport;
    this.packet = this.#write(!this.#withoutEdns && !server.isPlain(now));
    this.#sentAt = now;
    this.tryEnds = Math.min(now + this.#group.options.readTimeoutMs, this.#ends);
    const sent = server.send(this, transport, now, fresh);
    if (typeof sent === 'string') this.#failForGood(sent, ede.networkError);
    else this.#sent = sent;
  }

  #write(edns: boolean): Buffer {
    const { question } = this;
    const flags = flag.rd | (question.flags & flag.cd) | (this.#group.options.trustAd ? flag.ad : 0);
    return writeQuery(question.bytes, this.questionEnd, flags, edns, question.dnssecOk);
  }

  #mayDropEdns(): boolean {
    return !this.#withoutEdns && !this.#server!.isPlain(this.#sentAt);
  }

  #sendWithoutEdns(): void {
    this.#withoutEdns = true;
    this.#send(this.#transport, false);
  }

  /** The server is not asked again for this question. */
  #failForGood(reason: string, code: number): void {
    this.#spent |= 1 << this.#server!.index;
    this.#failed(reason, code);
  }

  #failed(reason: string, code: number): void {
    const server = this.#server!;
    this.#failure = `${server.text}: ${reason}`;
    this.#failureCode = code;
    this.#leave();
    const now = this.#now();
    server.failed(reason, now);
    this.proceed(now);
  }

  #now(): number {
    return this.#group.world.runtime.clock.now();
  }

  #leave(): void {
    const server = this.#server!;
    server.inFlight--;
    if (this.#isTrial) server.onTrial = false;
    this.#isTrial = false;
  }

  #end(reply: Reply): void {
    this.tryEnds = Infinity;
    this.#group.finished(this);
    for (const { query, callback } of this.#waiters) {
      query.upstream = this.#server?.text;
      try {
        callback(reply);
      } catch (error) {
        // One client's misfortune must not cost the others their answer.
        this.#group.world.log.error(`a query's callback failed: ${messageOf(error)}`);
      }
    }
  }
}

const sendsAt = (index: number, transport: Transport): number => 2 * index + (transport === 'tcp' ? 1 : 0);

/** Whether the server may have stumbled over our OPT record (RFC 6891 section 7): one that knows EDNS puts its own into a FORMERR. */
const isEdnsRefusal = (survey: Survey): boolean =>
  survey.rcode === rcode.badVers || (survey.opt === undefined && (survey.rcode === rcode.formErr || survey.rcode === rcode.notImp));
