/** Queries that were sent and whose answers are awaited. */
import assert from 'node:assert/strict';
import type { Random } from '../runtime.js';
import { putUint16, offsetOf } from '../wire/layout.js';
import type { Survey } from '../wire/survey.js';
import type { Verdict } from './message.js';

/** Why an answer to a query of ours is of no use. */
export type Flaw = Exclude<Verdict, 'answer' | 'foreign'> | 'malformed';

/** Something that asks a server and is told once what became of it. */
export interface Pending {
  /** The query; the channel writes the id. */
  readonly packet: Buffer;
  readonly questionEnd: number;
  /** The server's well-formed response. `bytes` are the receiver's own. */
  answered(bytes: Buffer, survey: Survey): void;
  /** An answer came that can't be used. It may be forged, so over UDP it is no more than a reason to ask over TCP. */
  unusable(flaw: Flaw): void;
  /** Too many strange answers came on its socket: ask over TCP. */
  besieged(): void;
  /**
   * The way to the server failed.
   * @param again whether a fresh connection may do better: the server closed one that it had kept open until now (RFC 7766 section 6.2.4)
   */
  lost(reason: string, again: boolean): void;
}

/** A place on a socket where an answer is awaited. */
export interface Channel {
  /** Waits no longer. An answer that still comes is recognised as late. */
  forget(id: number): void;
}

/** Where a query went out. */
export interface Sent {
  readonly channel: Channel;
  readonly id: number;
}

/**
 * The queries of one socket by id. In the life of a socket an id is used once, so a late answer can't be taken for that of a later query
 * (RFC 5452 section 9.2: ids are unpredictable, over the full 16 bits).
 */
export class PendingTable {
  /** Queries so far. */
  issued = 0;
  /** Queries that were given up. */
  forgotten = 0;
  /** A bit for each id that was ever used. */
  readonly #used = new Uint8Array(65_536 / 8);
  /** Queries whose answers are awaited. */
  waiting = 0;
  /** What waits, and its ids: few enough for a search from end to end. Behind them there is room: an array that shrinks and grows costs memory each time. */
  readonly #ids: number[] = [];
  readonly #pending: (Pending | undefined)[] = [];

  /** Gives the query an id and writes it to its packet. */
  add(pending: Pending, random: Random): number {
    let id = random.uint16();
    while (this.knows(id)) id = random.uint16();
    this.#used[id >> 3]! |= 1 << (id & 7);
    this.#ids[this.waiting] = id;
    this.#pending[this.waiting] = pending;
    this.waiting++;
    this.issued++;
    putUint16(pending.packet, offsetOf.id, id);
    return id;
  }

  /** Whether a query with this id ever was. */
  knows(id: number): boolean {
    return (this.#used[id >> 3]! & (1 << (id & 7))) !== 0;
  }

  get(id: number): Pending | undefined {
    return this.#pending[this.#placeOf(id)];
  }

  #placeOf(id: number): number {
    for (let place = 0; place < this.waiting; place++) if (this.#ids[place] === id) return place;
    return -1;
  }

  /** Its answer is here: the last one takes its place. */
  settle(id: number): void {
    const place = this.#placeOf(id);
    assert(place !== -1, 'somebody waits for an answer with this id');
    const last = --this.waiting;
    this.#ids[place] = this.#ids[last]!;
    this.#pending[place] = this.#pending[last];
    this.#pending[last] = undefined;
  }

  /** Its answer is no longer awaited. */
  forget(id: number): void {
    this.settle(id);
    this.forgotten++;
  }

  /** Takes out all that wait. */
  drain(): Pending[] {
    const drained = this.#pending.slice(0, this.waiting) as Pending[];
    this.forgotten += this.waiting;
    this.waiting = 0;
    this.#pending.fill(undefined);
    return drained;
  }
}
