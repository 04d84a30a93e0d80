/** HTTP in a test: a server's listeners bind ports that the system chooses, whatever its Corefile says, and are called by the address that stands there. */
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net';
import { systemRuntime, type Sockets } from '../core/runtime.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text, where it is JSON. */
  readonly json: { readonly message: string; readonly is_error: number; readonly data: Readonly<Record<string, unknown>> };
}

export interface HttpAsking extends Pick<RequestOptions, 'headers' | 'agent' | 'socketPath'> {
  readonly method?: string;
  readonly body?: string;
  /** Speaks TLS and trusts this certificate. */
  readonly ca?: string;
}

export class LoopbackHttp {
  readonly #system = systemRuntime().sockets;
  readonly #ports = new Map<string, number>();

  /** For the runtime of the server under test. */
  readonly sockets: Sockets = {
    ...this.#system,
    server: (options, onConnection) => this.#elsewhere(this.#system.server(options, onConnection)),
  };

  /** The port that stands in for an address such as `127.0.0.1:8080`; `undefined` while nobody listens there. */
  portOf(address: string): number | undefined {
    return this.#ports.get(address);
  }

  /** Connects to an address, to say what no HTTP client would. */
  connect(address: string): Socket {
    return this.#system.connect({ host: '127.0.0.1', port: this.#ports.get(address)! });
  }

  /** Calls, with the address as `Host` unless the headers say otherwise. */
  call(address: string, path: string, { method = 'GET', headers = {}, body, ca, ...more }: HttpAsking = {}): Promise<HttpAnswer> {
    const port = this.#ports.get(address);
    if (port === undefined && more.socketPath === undefined) return Promise.reject(new Error(`nobody listens on ${address}`));
    const host = address.startsWith('[') ? '::1' : '127.0.0.1';
    const options: RequestOptions = { host, path, method, headers: { Host: address, ...headers }, ...more, ...(port !== undefined && { port }) };
    return new Promise((resolve, reject) => {
      const request = ca === undefined ? httpRequest(options) : httpsRequest({ ...options, ca, servername: 'localhost' });
      request.once('error', reject);
      request.once('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(parts).toString();
          const { statusCode: status = 0, headers: received } = response;
          resolve({ status, headers: received, text, get json() { return JSON.parse(text) as HttpAnswer['json']; } });
        });
      });
      request.end(body);
    });
  }

  #elsewhere(server: Server): Server {
    const listen = server.listen.bind(server) as (options: ListenOptions, listening: () => void) => Server;
    server.listen = ((options: ListenOptions, listening: () => void) => {
      if (options.path !== undefined) return listen(options, listening);
      const { host = '', port } = options;
      const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      server.once('close', () => this.#ports.delete(address));
      return listen({ ...options, port: 0 }, () => {
        this.#ports.set(address, (server.address() as AddressInfo).port);
        listening();
      });
    }) as Server['listen'];
    return server;
  }
}
