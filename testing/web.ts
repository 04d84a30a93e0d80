import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server on loopback that a test can tell what to do. */
export class Web {
  /** Every request that came. */
  readonly asked: IncomingMessage[] = [];
  readonly #server = createServer((request, response) => {
    this.asked.push(request);
    this.answer(request, response);
  });
  /** What it answers; may be changed at any time. */
  answer: RequestListener = (_request, response) => void response.end();

  static async start(): Promise<Web> {
    const web = new Web();
    await new Promise<void>((resolve) => web.#server.listen(0, '127.0.0.1', resolve));
    return web;
  }

  url(path = '/list'): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
