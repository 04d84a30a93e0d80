/** The queries that wait for an answer from elsewhere: how many there may be, in all and of one client, and who has to go when there are more. */
import { Chain, type ChainLink } from './chain.js';
import { ClientSlots, slotCount } from './client-slots.js';
import { limitAlarm, type AlarmWorld } from './limit-alarm.js';
import { limits } from './limits.js';
import type { Query } from './query.js';
import { failed, turnedAway, type Reply } from './reply.js';
import type { Random } from './runtime.js';
import { ede } from './wire/layout.js';

/** A query that waits. */
export interface Waiting extends ChainLink<Waiting> {
  readonly query: Query;
  /** Ends the wait; only the first call counts. */
  readonly settle: (reply: Reply) => void;
}

const full = turnedAway('server', 'too many queries in flight');
const fullForClient = turnedAway('server', 'too many queries of this client in flight');
const shed = turnedAway('server', 'too many queries in flight, of which this had waited longest');
const tooLate = failed('server', `no answer within ${limits.resolveMs / 1000} s`, ede.noReachableAuthority);

export class WaitingRoom {
  readonly #world: AlarmWorld;
  readonly #chain = new Chain<Waiting>();
  readonly #slots: ClientSlots;
  /** How many wait, by the slot of their client. */
  readonly #perClient = new Uint16Array(slotCount);
  readonly #reached: Readonly<Record<'queriesInFlight' | 'queriesInFlightPerClient' | 'oldAnswersPerClient', () => void>>;

  constructor(world: AlarmWorld, random: Random) {
    this.#world = world;
    this.#slots = new ClientSlots(random);
    this.#reached = {
      queriesInFlight: limitAlarm(world, 'queriesInFlight', 'queries fail, old ones before new ones'),
      queriesInFlightPerClient: limitAlarm(world, 'queriesInFlightPerClient', 'further queries of one client fail'),
      oldAnswersPerClient: limitAlarm(world, 'oldAnswersPerClient', 'old answers to one client are dropped'),
    };
    world.metrics.gauge('queries_in_flight', 'Queries that wait for an answer from elsewhere.').child({}).watch(() => this.size);
  }

  get size(): number {
    return this.#chain.size;
  }

  /**
   * Why this query can't wait as well; `undefined` when it can. When the room is full, the one that has waited longest goes, if that is long: it has
   * the least hope, and its client has perhaps asked again.
   */
  refusal({ background, client }: Query): Reply | undefined {
    if (!background && this.#perClient[this.#slots.of(client.address)]! >= limits.queriesInFlightPerClient) {
      this.#reached.queriesInFlightPerClient();
      return fullForClient;
    }
    if (this.size < limits.queriesInFlight) return undefined;
    this.#reached.queriesInFlight();
    const oldest = this.#chain.first!;
    if (background || oldest.query.receivedAt + limits.shedAfterMs > this.#world.clock.now()) return full;
    oldest.settle(shed);
    return undefined;
  }

  enter(waiting: Waiting): void {
    this.#chain.add(waiting);
    this.#count(waiting.query, 1);
  }

  /** Returns false when it had left already. */
  leave(waiting: Waiting): boolean {
    if (!this.#chain.delete(waiting)) return false;
    this.#count(waiting.query, -1);
    return true;
  }

  /** Whether an answer comes so late that its client, for which many wait, is better off without: see `limits.oldAnswerMs`. */
  isUnwanted({ client, receivedAt }: Query): boolean {
    if (client.transport !== 'udp' || this.#perClient[this.#slots.of(client.address)]! < limits.oldAnswersPerClient) return false;
    if (this.#world.clock.now() - receivedAt <= limits.oldAnswerMs) return false;
    this.#reached.oldAnswersPerClient();
    return true;
  }

  /** Ends the wait of those whose time is over. The oldest come first. */
  sweep(): void {
    const due = this.#world.clock.now() - limits.resolveMs;
    for (let oldest = this.#chain.first; oldest !== undefined && oldest.query.receivedAt <= due; oldest = this.#chain.first) oldest.settle(tooLate);
  }

  /** Nobody's queries, which refresh the cache, are no client's. */
  #count({ background, client }: Query, step: 1 | -1): void {
    if (!background) this.#perClient[this.#slots.of(client.address)]! += step;
  }
}
