/** One address and port on which queries come in, over UDP and TCP; shared by all server blocks that listen there. */
import { textOfEndpoint, type Endpoint } from '../address.js';
import type { Logger } from '../log.js';
import type { Runtime } from '../runtime.js';
import type { Server } from '../server.js';
import type { ZoneTable } from '../zones.js';
import type { Connections } from './connections.js';
import type { Listener, Receive } from './listener.js';
import { tcpListener } from './tcp.js';
import { udpListener } from './udp.js';

export class Doorway {
  /** The server blocks of the generation that serves now. Without any, queries are dropped: it has just opened. */
  zones: ZoneTable | undefined = undefined;
  readonly #listeners: readonly Listener[];
  #opened: Promise<void> | undefined;

  /** @param connections those of all doorways */
  constructor(endpoint: Endpoint, runtime: Runtime, server: Server, connections: Connections, log: Logger) {
    const receive: Receive = (message, client, send) => {
      if (this.zones === undefined) send(undefined);
      else server.serve(this.zones, message, client, send);
    };
    const options = { endpoint, runtime, receive, warn: (message: string) => log.warning(message) };
    this.#listeners = [udpListener(options), tcpListener(options, connections)];
  }

  /** The key under which it outlives a reload. */
  static key(endpoint: Endpoint): string {
    return `dns ${textOfEndpoint(endpoint)}`;
  }

  /** Opens both sockets; once. */
  open(): Promise<void> {
    this.#opened ??= (async () => {
      for (const listener of this.#listeners) await listener.open();
    })();
    return this.#opened;
  }

  /** Takes no more queries; answers still leave. */
  quiesce(): void {
    for (const listener of this.#listeners) listener.quiesce();
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
