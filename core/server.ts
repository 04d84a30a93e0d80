/**
 * THE file: bytes in → bytes out. Every transport hands its messages to `Server.serve`; whatever answers, answers through `finish`.
 * Answers from memory leave in the same turn of the event loop.
 */
import type { DnsBlock } from './block.js';
import { PluginFailure } from './hooks.js';
import { limitAlarm } from './limit-alarm.js';
import { limits } from './limits.js';
import type { Logger } from './log.js';
import type { Count, Family, Metrics } from './metrics.js';
import { nameOfQuestion, Query, type Client } from './query.js';
import { createReply, dropped, refused, render, renderError, type Reply } from './reply.js';
import type { Clock, Runtime, Timer } from './runtime.js';
import { WaitingRoom, type Waiting } from './waiting.js';
import { readOpt, type Edns } from './wire/edns.js';
import { accepted, endOfQuestion, judgeHeader, judgeQuestion, silence } from './wire/guard.js';
import { ede, headerOctets, offsetOf, rcode, uint16At } from './wire/layout.js';
import { rcodeText } from './wire/types.js';
import type { ZoneTable } from './zones.js';

/** Sends one message back to whoever asked, or nothing at all (`undefined`); called exactly once a query. */
export type Send = (message: Buffer | undefined) => void;

const secondMs = 1000;
const nothing = dropped('server');

export class Server {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #malformed: Family<'rcode', Count>;
  readonly #failures: Family<'plugin' | 'hook', Count>;
  readonly #waiting: WaitingRoom;
  readonly #tooManyRefusals: () => void;
  /** Messages refused over UDP since the second that began then. */
  #refusals = 0;
  #refusalsSince = -Infinity;
  /** Called when a query in flight has ended; for those who wait for the last. */
  readonly #watchers = new Set<() => void>();
  readonly #sweeper: Timer;

  constructor({ clock, random }: Pick<Runtime, 'clock' | 'random'>, log: Logger, metrics: Metrics) {
    this.#clock = clock;
    this.#log = log;
    this.#waiting = new WaitingRoom({ clock, log, metrics }, random);
    this.#tooManyRefusals = limitAlarm({ clock, log, metrics }, 'refusalsPerSecond', 'messages over UDP that are no acceptable query are dropped');
    this.#malformed = metrics.counter('malformed_queries_total', 'Messages that were no acceptable query, by what they got.', ['rcode']);
    this.#failures = metrics.counter('panics_total', 'Plugins that threw, by plugin and hook.', ['plugin', 'hook']);
    this.#sweeper = clock.every(secondMs, () => this.#waiting.sweep());
  }

  /** Queries that wait for an answer from elsewhere. */
  get inFlight(): number {
    return this.#waiting.size;
  }

  /** Fulfilled when no query of these blocks waits any more, or `limits.drainMs` from now. */
  drained(blocks: readonly DnsBlock[]): Promise<void> {
    const isBusy = (): boolean => blocks.some(({ inFlight }) => inFlight > 0);
    return new Promise((resolve) => {
      if (!isBusy()) return resolve();
      const end = (): void => {
        this.#clock.cancel(timer);
        this.#watchers.delete(look);
        resolve();
      };
      const look = (): void => {
        if (!isBusy()) end();
      };
      const timer = this.#clock.after(limits.drainMs, end);
      this.#watchers.add(look);
    });
  }

  /** Ends the housekeeping. */
  close(): void {
    this.#clock.cancel(this.#sweeper);
  }

  /** Serves one message from a client. Never throws, whatever the bytes. */
  serve(zones: ZoneTable, bytes: Buffer, client: Client, send: Send): void {
    const judgement = judgeHeader(bytes);
    if (judgement === silence) {
      this.#malformed.child({ rcode: 'dropped' }).inc();
      return send(undefined);
    }
    if (judgement !== accepted) return this.#refuse(bytes, judgement, client, send);
    const questionEnd = endOfQuestion(bytes);
    if (questionEnd === -1) return this.#refuse(bytes, rcode.formErr, client, send);
    let edns: Edns | undefined;
    if (uint16At(bytes, offsetOf.additionals) === 1) {
      edns = readOpt(bytes, questionEnd);
      if (edns === undefined) return this.#refuse(bytes, rcode.formErr, client, send, questionEnd);
      if (edns.version !== 0) return this.#refuse(bytes, rcode.badVers, client, send, questionEnd, true);
    }
    const asked = judgeQuestion(uint16At(bytes, questionEnd - 4), uint16At(bytes, questionEnd - 2));
    if (asked !== accepted) return this.#refuse(bytes, asked, client, send, questionEnd, edns !== undefined);
    const name = nameOfQuestion(bytes, questionEnd);
    const block = zones.find(name);
    if (block === undefined) return this.#refuse(bytes, rcode.refused, client, send, questionEnd, edns !== undefined);
    this.#answer(new Query(bytes, questionEnd, edns, name, client, block, this.#clock.now()), send);
  }

  #refuse(bytes: Buffer, code: number, client: Client, send: Send, questionEnd = headerOctets, withOpt = false): void {
    if (client.transport === 'udp' && !this.#mayRefuse()) {
      this.#malformed.child({ rcode: 'dropped' }).inc();
      return send(undefined);
    }
    this.#malformed.child({ rcode: rcodeText(code) }).inc();
    send(renderError(bytes, code, questionEnd, withOpt));
  }

  /** Whoever sends such messages over UDP may have forged their sender. */
  #mayRefuse(): boolean {
    const now = this.#clock.now();
    if (now - this.#refusalsSince >= secondMs) {
      this.#refusalsSince = now;
      this.#refusals = 0;
    }
    if (this.#refusals++ < limits.refusalsPerSecond) return true;
    this.#tooManyRefusals();
    return false;
  }

  #answer(query: Query, send: Send): void {
    let reply: Reply | undefined;
    try {
      reply = query.block.hooks.query.call(query);
    } catch (error) {
      reply = this.#broken(error);
    }
    if (reply !== undefined) return this.#finish(query, reply, send);
    this.fetch(query, (fetched) => this.#finish(query, this.#waiting.isUnwanted(query) ? nothing : fetched, send));
  }

  /** Gets an answer from elsewhere: through the block's `resolve` and `fetched` hooks. Calls back exactly once, within `limits.resolveMs`. */
  fetch(query: Query, callback: (reply: Reply) => void): void {
    // Without RD the sender asks what is here (RFC 1035 section 4.1.1); asking others for it would be a lie, and the cache its spy.
    if (!query.recursionDesired) return callback(refused('server', ede.notAuthoritative, 'recursion was not asked for, and there is no local data'));
    const refusal = this.#waiting.refusal(query);
    if (refusal !== undefined) return callback(refusal);
    const waiting: Waiting = {
      isLinked: false, previous: undefined, next: undefined,
      query,
      settle: (reply) => {
        // A plugin may call back twice, or after its time: the first answer is the answer.
        if (!this.#waiting.leave(waiting)) return;
        query.block.inFlight--;
        callback(this.#fetched(query, reply));
        for (const look of this.#watchers) look();
      },
    };
    this.#waiting.enter(waiting);
    query.block.inFlight++;
    query.block.hooks.resolve.call(query, (error, reply) => {
      waiting.settle(error ? this.#broken(error) : reply ?? refused('server', ede.notAuthoritative, 'no plugin answers this query'));
    });
  }

  #fetched(query: Query, reply: Reply): Reply {
    try {
      return query.block.hooks.fetched.call(reply, query);
    } catch (error) {
      return this.#broken(error);
    }
  }

  #finish(query: Query, answer: Reply, send: Send): void {
    let reply = answer;
    try {
      if (reply.kind !== undefined) reply = query.block.hooks.inspect.call(reply, query);
    } catch (error) {
      reply = this.#broken(error);
    }
    const message = reply.dropped ? undefined : render(reply, query);
    query.sent = message;
    send(message);
    try {
      query.block.hooks.done.call(query, reply);
    } catch (error) {
      this.#broken(error);
    }
  }

  /** A plugin threw: one SERVFAIL, one count, one line. */
  #broken(error: unknown): Reply {
    const { plugin, hook } = error instanceof PluginFailure ? error : { plugin: 'server', hook: 'unknown' };
    this.#failures.child({ plugin, hook }).inc();
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    this.#log.error(cause instanceof Error ? `${String(error)}\n${cause.stack ?? ''}` : String(error));
    return createReply(rcode.servFail, plugin, { kind: 'failure', failure: String(error) });
  }
}
