/** A connection that can be cut: what is between a daemon and etcd. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

export class Proxy {
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #target: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isCut = false;

  private constructor(target: number) {
    this.#target = target;
  }

  /** @param target a port of loopback */
  static async start(target: number): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing passes, in neither direction, and nobody is told: connections are accepted and stay silent. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.unpipe().pause();
  }

  /** New connections pass again; the old ones are lost. */
  heal(): void {
    this.#isCut = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    const target = connect(this.#target, '127.0.0.1');
    const pair = [socket, target] as const;
    this.#pairs.add(pair);
    for (const each of pair) {
      each.on('error', () => undefined);
      each.once('close', () => {
        this.#pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    if (this.#isCut) for (const each of pair) each.pause();
    else socket.pipe(target).pipe(socket);
  }
}
