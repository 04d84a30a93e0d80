/** One address and port on which queries come in, over UDP and TCP; shared by all server blocks that listen there. */
import { textOfEndpoint, type Endpoint } from '../address.js';
import type { Host } from '../host.js';
import type { Server } from '../server.js';
import type { ZoneTable } from '../zones.js';
import type { Connections } from './connections.js';
import type { Listener, Receive } from './listener.js';
import { tcpListener } from './tcp.js';
import { udpListener } from './udp.js';

export class Doorway {
  /** The server blocks of the generation that serves now. Without any, queries are dropped: it has just opened. */
  zones: ZoneTable | undefined = undefined;
  /** Whether the sockets of other workers can stand beside these. */
  readonly isShared: boolean;
  /** Makes a listener for each transport. */
  readonly #listen: (shared: boolean) => readonly Listener[];
  readonly #listeners: readonly Listener[];
  #opened: Promise<void> | undefined;

  /** @param connections those of all doorways */
  constructor(endpoint: Endpoint, isShared: boolean, server: Server, connections: Connections, { runtime, log }: Pick<Host, 'runtime' | 'log'>) {
    const receive: Receive = (message, client, send) => {
      if (this.zones === undefined) send(undefined);
      else server.serve(this.zones, message, client, send);
    };
    this.isShared = isShared;
    const options = { endpoint, runtime, receive, warn: (message: string) => log.warning(message) };
    this.#listen = (shared) => [udpListener({ ...options, shared }), tcpListener({ ...options, shared }, connections)];
    this.#listeners = this.#listen(isShared);
  }

  /** The key under which it outlives a reload. */
  static key(endpoint: Endpoint): string {
    return `dns ${textOfEndpoint(endpoint)}`;
  }

  /**
   * Opens both sockets; once.
   * @param isFirst whether no other worker can have opened them: then a port that somebody has is an error, shared or not
   */
  open(isFirst: boolean): Promise<void> {
    this.#opened ??= (async () => {
      if (this.isShared && isFirst) await this.#probe();
      for (const listener of this.#listeners) await listener.open();
    })();
    return this.#opened;
  }

  /** A second server of the same user could share our port, and get half of our queries, without anybody noticing. */
  async #probe(): Promise<void> {
    for (const listener of this.#listen(false)) {
      try {
        await listener.open();
      } finally {
        await listener.close();
      }
    }
  }

  /** Takes no more queries; answers still leave. */
  quiesce(): void {
    for (const listener of this.#listeners) listener.quiesce();
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
