/** The last queries: kept as they come in a ring of records that are written over, and put into words when somebody looks. */
import { PassThrough, type Readable } from 'node:stream';
import type { Address } from '../../core/address.js';
import { limits } from '../../core/limits.js';
import { textOfName, type Name } from '../../core/name.js';
import { ApiError } from '../../core/plugin.js';
import type { Query } from '../../core/query.js';
import type { Reply } from '../../core/reply.js';
import type { Clock, Timer } from '../../core/runtime.js';
import { topicOf, type Workers } from '../../core/workers/index.js';
import { rcodeText, typeText } from '../../core/wire/types.js';
import type { Filter } from './filter.js';

/** One query. It holds no part of a message, so that none is kept from being freed. */
export interface QueryRecord {
  /** In milliseconds of the host's clock. */
  receivedAt: number;
  tookMs: number;
  client: Address;
  transport: string;
  name: Name;
  type: number;
  rcode: number;
  dropped: boolean;
  plugin: string;
  route: string | undefined;
  upstream: string | undefined;
  octets: number;
}

/** What `GET /queries` tells, newest first. */
export interface Recent {
  readonly queries: readonly object[];
}

/** A query in words, with when it came: by the clock that all workers share. */
export type TimedQuery = readonly [receivedAt: number, shown: object];

/** What the others tell worker 0, while it says that somebody follows. */
const live = topicOf<QueryRecord>('queries live');
const followed = topicOf<boolean>('queries are followed');

export class QueryLog {
  readonly #clock: Clock;
  readonly #workers: Workers;
  readonly #endHearing: () => void;
  readonly #records: QueryRecord[] = [];
  readonly #followers = new Set<Follower>();
  /** Where the next record goes. */
  #next = 0;
  #beat: Timer | undefined;
  /** Whether somebody follows in worker 0, and this is another. */
  #isFollowed = false;

  constructor(clock: Clock, workers: Workers) {
    this.#clock = clock;
    this.#workers = workers;
    this.#endHearing = workers.isFirst
      ? workers.hear(live, (records, missed) => this.#hear(records, missed))
      : workers.follow(followed, (is) => (this.#isFollowed = is));
  }

  record(query: Query, reply: Reply): void {
    const record = (this.#records[this.#next] ??= {} as QueryRecord);
    this.#next = (this.#next + 1) % limits.queriesKept;
    record.receivedAt = query.receivedAt;
    record.tookMs = this.#clock.now() - query.receivedAt;
    record.client = query.client.address;
    record.transport = query.client.transport;
    record.name = query.name;
    record.type = query.type;
    record.rcode = reply.rcode;
    record.dropped = reply.dropped;
    record.plugin = reply.plugin;
    record.route = query.chosenRoute?.label;
    record.upstream = query.upstream;
    record.octets = query.sent?.length ?? 0;
    if (this.#followers.size > 0) this.#tell(record);
    // The record will be written over.
    if (this.#isFollowed && !this.#workers.isFirst) this.#workers.tell(live, { ...record });
  }

  /** This worker's queries that match, newest first. */
  last({ limit = limits.queriesKept, matches }: Filter): TimedQuery[] {
    const newestFirst = [...this.#records.slice(this.#next), ...this.#records.slice(0, this.#next)].reverse();
    return newestFirst.filter(matches).slice(0, limit).map((record) => [record.receivedAt, this.#show(record)]);
  }

  /**
   * The queries that match as they come, as server-sent events. Ends with the signal. A reader who is too slow misses queries, and gets an
   * event that says how many.
   * @param before what was before, newest first
   * @throws ApiError when there are too many readers
   */
  follow(filter: Filter, before: readonly object[], closing: AbortSignal): Readable {
    if (this.#followers.size >= limits.queryStreams) throw new ApiError(503, `${limits.queryStreams} clients follow the queries already`);
    const follower = new Follower(filter);
    const end = (): void => void follower.stream.end();
    closing.addEventListener('abort', end, { once: true });
    follower.stream.once('close', () => {
      closing.removeEventListener('abort', end);
      this.#leave(follower);
    });
    for (const query of [...before].reverse()) follower.offer(query);
    this.#followers.add(follower);
    this.#announce(true);
    this.#beat ??= this.#clock.every(limits.queryStreamBeatMs, () => {
      for (const { stream } of this.#followers) if (!stream.writableNeedDrain) stream.write(': still here\n\n');
    });
    return follower.stream;
  }

  close(): void {
    this.#endHearing();
    for (const { stream } of this.#followers) stream.end();
  }

  #leave(follower: Follower): void {
    this.#followers.delete(follower);
    if (this.#followers.size > 0) return;
    this.#announce(false);
    this.#clock.cancel(this.#beat);
    this.#beat = undefined;
  }

  /** Tells the other workers whether somebody follows. */
  #announce(isFollowed: boolean): void {
    if (this.#workers.isFirst) void this.#workers.publish(followed, () => isFollowed);
  }

  /** What came to another worker. */
  #hear(records: readonly QueryRecord[], missed: number): void {
    for (const record of records) this.#tell(record);
    for (const follower of this.#followers) follower.miss(missed);
  }

  #tell(record: QueryRecord): void {
    let shown: object | undefined;
    for (const follower of this.#followers) {
      if (follower.filter.matches(record)) follower.offer((shown ??= this.#show(record)));
    }
  }

  #show(record: QueryRecord): object {
    const ageMs = this.#clock.now() - record.receivedAt;
    return {
      time: new Date(this.#clock.wall() - ageMs).toISOString(),
      client: record.client.text, transport: record.transport, name: textOfName(record.name), type: typeText(record.type),
      rcode: record.dropped ? 'dropped' : rcodeText(record.rcode), plugin: record.plugin,
      ...(record.route !== undefined && { route: record.route }), ...(record.upstream !== undefined && { upstream: record.upstream }),
      ms: Math.round(record.tookMs * 1000) / 1000, octets: record.octets,
    };
  }
}

/** Somebody who reads queries live. */
class Follower {
  readonly filter: Filter;
  readonly stream = new PassThrough({ highWaterMark: limits.queryStreamBytes });
  #missed = 0;

  constructor(filter: Filter) {
    this.filter = filter;
    this.stream.write('retry: 2000\n\n');
    this.stream.on('drain', () => this.#catchUp());
    // A reader who goes away is no error; 'close' follows.
    this.stream.on('error', () => undefined);
  }

  offer(query: object): void {
    if (!this.stream.writable) return;
    if (this.stream.writableNeedDrain) this.#missed++;
    else this.stream.write(`data: ${JSON.stringify(query)}\n\n`);
  }

  /** So many queries did not come this far. */
  miss(count: number): void {
    this.#missed += count;
    if (!this.stream.writableNeedDrain) this.#catchUp();
  }

  #catchUp(): void {
    if (this.#missed === 0 || !this.stream.writable) return;
    this.stream.write(`event: missed\ndata: {"missed":${this.#missed}}\n\n`);
    this.#missed = 0;
  }
}
