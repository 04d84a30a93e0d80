/** All TCP connections from clients, over all listeners of the host: how many there may be, and which goes when another comes. */
import { Chain, type ChainLink } from '../chain.js';
import { limitAlarm, type AlarmWorld } from '../limit-alarm.js';
import { limits } from '../limits.js';

/** A client's connection. */
export interface Connected extends ChainLink<Connected> {
  /** The client's address. */
  readonly peer: string;
  /** Whether it waits for no answer. */
  readonly isResting: boolean;
  destroy(): void;
}

/** The bounds of a connection itself, by their names in `core/limits.ts`. */
export type ConnectionLimit = 'tcpMessageMs' | 'tcpUnreadOctets' | 'tcpQueriesPerConnection' | 'tcpConnectionMs' | 'tcpPipelined';

export class Connections {
  /** Told whenever a connection comes to a bound of its own. */
  readonly reached: Readonly<Record<ConnectionLimit, () => void>>;
  /** By their last query: who has not asked for the longest time comes first. */
  readonly #chain = new Chain<Connected>();
  readonly #perClient = new Map<string, number>();
  readonly #tooMany: () => void;
  readonly #tooManyOfClient: () => void;

  constructor(world: AlarmWorld) {
    const alarm = (limit: keyof typeof limits, consequence: string): (() => void) => limitAlarm(world, limit, consequence);
    this.#tooMany = alarm('tcpConnections', 'TCP connections that rest are closed for new ones, which are closed if none does');
    this.#tooManyOfClient = alarm('tcpConnectionsPerClient', 'further TCP connections of one client are closed');
    this.reached = {
      tcpMessageMs: alarm('tcpMessageMs', 'TCP connections on which a query has begun and does not end are closed'),
      tcpUnreadOctets: alarm('tcpUnreadOctets', 'TCP connections whose clients do not read are closed'),
      tcpQueriesPerConnection: alarm('tcpQueriesPerConnection', 'TCP connections end after so many queries'),
      tcpConnectionMs: alarm('tcpConnectionMs', 'TCP connections end after their time'),
      tcpPipelined: alarm('tcpPipelined', 'TCP connections are read no further until some answers have left'),
    };
    world.metrics.gauge('tcp_connections', 'TCP connections of clients that are open.').child({}).watch(() => this.size);
  }

  get size(): number {
    return this.#chain.size;
  }

  /** Whether another one of this client may be taken. When there are too many in all, the one that has rested longest makes room. */
  admits(peer: string): boolean {
    if ((this.#perClient.get(peer) ?? 0) >= limits.tcpConnectionsPerClient) {
      this.#tooManyOfClient();
      return false;
    }
    if (this.size < limits.tcpConnections) return true;
    this.#tooMany();
    const rested = this.#firstResting();
    rested?.destroy();
    return rested !== undefined && this.delete(rested);
  }

  add(connection: Connected): void {
    this.#chain.add(connection);
    this.#perClient.set(connection.peer, (this.#perClient.get(connection.peer) ?? 0) + 1);
  }

  /** It has asked something. */
  touch(connection: Connected): void {
    if (this.#chain.delete(connection)) this.#chain.add(connection);
  }

  /** Returns false when it had left already. */
  delete(connection: Connected): boolean {
    if (!this.#chain.delete(connection)) return false;
    const left = this.#perClient.get(connection.peer)! - 1;
    if (left === 0) this.#perClient.delete(connection.peer);
    else this.#perClient.set(connection.peer, left);
    return true;
  }

  #firstResting(): Connected | undefined {
    let connection = this.#chain.first;
    while (connection !== undefined && !connection.isResting) connection = connection.next;
    return connection;
  }
}
