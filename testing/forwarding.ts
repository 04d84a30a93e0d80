/** A server that forwards to servers on loopback, for tests of what goes on between them. */
import { systemRuntime, type Sockets } from '../core/runtime.js';
import { createTestServer, type TestServer, type TestServerOptions } from './server.js';
import { startLoopbackUpstream, type Behaviour, type LoopbackOptions, type LoopbackUpstream } from './upstream.js';

/** The part of a test that ends what was begun. */
interface Teardown {
  teardown(end: () => unknown): void;
}

export interface Forwarding {
  readonly server: TestServer;
  readonly upstreams: readonly LoopbackUpstream[];
  /** The first of them. */
  readonly upstream: LoopbackUpstream;
}

export interface ForwardingOptions extends TestServerOptions {
  /** Properties of `forward`, one a line. */
  readonly options?: string;
  /** Other directives of the block. */
  readonly directives?: string;
  readonly loopback?: LoopbackOptions;
}

/** Starts a server with `forward . …` to servers that behave so; all end with the test. */
export async function startForwarding(t: Teardown, behaviours: readonly Behaviour[], options: ForwardingOptions = {}): Promise<Forwarding> {
  const upstreams = await Promise.all(behaviours.map((behaviour) => startLoopbackUpstream(behaviour, options.loopback)));
  const to = upstreams.map(({ endpoint }) => endpoint).join(' ');
  const server = await createTestServer(`. {\nforward . ${to} {\n${options.options ?? ''}\n}\n${options.directives ?? ''}\n}`, options);
  t.teardown(async () => {
    await server.stop();
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  });
  return { server, upstreams, upstream: upstreams[0]! };
}

/** The system's sockets, with a count of those that are open. */
export class CountedSockets implements Sockets {
  /** UDP sockets and TCP connections, opened so far and not closed. */
  open = 0;
  /** Opened so far. */
  opened = 0;
  readonly #system = systemRuntime().sockets;
  readonly server = this.#system.server;

  udp: Sockets['udp'] = (options) => this.#count(this.#system.udp(options));

  connect: Sockets['connect'] = (options) => this.#count(this.#system.connect(options));

  #count<T extends { once(event: 'close', listener: () => void): unknown }>(socket: T): T {
    this.open++;
    this.opened++;
    socket.once('close', () => this.open--);
    return socket;
  }
}
