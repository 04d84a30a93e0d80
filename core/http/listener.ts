/**
 * One address at which HTTP is spoken: socket → TLS, where there is any → HTTP → the one Koa application of that address. It outlives a reload:
 * each generation hands it what it now serves.
 */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import type { Server as NetServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, type SecureContext } from 'node:tls';
import { chmod } from 'node:fs/promises';
import type { Host } from '../host.js';
import { limitAlarm } from '../limit-alarm.js';
import { limits } from '../limits.js';
import { cannotListen } from '../listen/listener.js';
import type { Logger } from '../log.js';
import type { Runtime } from '../runtime.js';
import { createApplication, type Mount } from './application.js';
import { answerBrokenRequest } from './broken.js';
import type { HttpEndpoint } from './endpoint.js';
import { removeStaleSocket } from './unix.js';

/** How long a client may take to ask, in milliseconds. */
export type Patience = Readonly<Record<'httpHeadersMs' | 'httpRequestMs' | 'httpCheckMs', number>>;

export class HttpListener {
  readonly #endpoint: HttpEndpoint;
  readonly #runtime: Runtime;
  readonly #log: Logger;
  readonly #acceptor: NetServer;
  readonly #http: HttpServer;
  readonly #connections = new Set<Duplex>();
  /** Connections on which a call runs. */
  readonly #busy = new Set<Duplex>();
  readonly #closing = new AbortController();
  readonly #tooManyConnections: () => void;
  #mounts: readonly Mount[] = [];
  #secure: SecureContext | undefined;
  #opened: Promise<void> | undefined;

  constructor(endpoint: HttpEndpoint, { runtime, log, metrics }: Pick<Host, 'runtime' | 'log' | 'metrics'>, patience: Patience = limits) {
    this.#endpoint = endpoint;
    this.#runtime = runtime;
    this.#log = log;
    const alarm = (limit: keyof typeof limits, consequence: string) => limitAlarm({ clock: runtime.clock, log, metrics }, limit, consequence);
    this.#tooManyConnections = alarm('httpConnections', `further connections to ${endpoint.text} are closed`);
    this.#acceptor = runtime.sockets.server({ noDelay: true }, (socket) => this.#accept(socket));
    const application = createApplication({
      mounts: () => this.#mounts, closing: this.#closing.signal, log, bodyTooLarge: alarm('httpBodyBytes', `requests to ${endpoint.text} are refused`),
    });
    this.#http = createHttpServer({
      maxHeaderSize: limits.httpHeaderBytes, headersTimeout: patience.httpHeadersMs, requestTimeout: patience.httpRequestMs,
      connectionsCheckingInterval: patience.httpCheckMs, keepAliveTimeout: limits.httpKeepAliveMs,
    }, application.callback());
    this.#http.timeout = limits.httpIdleMs;
    this.#http.on('clientError', answerBrokenRequest);
    this.#http.on('request', ({ socket }, response) => {
      this.#busy.add(socket);
      response.once('close', () => this.#busy.delete(socket));
    });
    // Connections are handed to it; this starts its watch over slow requests.
    this.#http.emit('listening');
  }

  /** Opens the socket; once. Fails with one line that says what to mend. */
  open(): Promise<void> {
    return (this.#opened ??= this.#open());
  }

  /** From now on these are served, on new connections by way of this certificate or in clear. */
  serve(mounts: readonly Mount[], secure: SecureContext | undefined): void {
    this.#mounts = mounts;
    this.#secure = secure;
  }

  /** Takes no more connections, and gives calls under way a bounded time. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#acceptor.close(() => resolve()));
    this.#closing.abort();
    for (const connection of this.#connections) if (!this.#busy.has(connection)) connection.destroy();
    const deadline = this.#runtime.clock.after(limits.httpCloseMs, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await closed;
    this.#runtime.clock.cancel(deadline);
    this.#http.close();
  }

  async #open(): Promise<void> {
    const { listen, text, isOptional } = this.#endpoint;
    if ('path' in listen) await removeStaleSocket(listen.path, this.#runtime.sockets);
    try {
      await this.#listen();
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (isOptional && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(code)) return;
      throw cannotListen('http', text, error as NodeJS.ErrnoException);
    }
    // Its owner and group may connect; nobody else could before either, with any usual umask.
    if ('path' in listen) await chmod(listen.path, 0o660);
    this.#acceptor.on('error', (error) => this.#log.warning(`http ${text}: ${error.message}`));
  }

  #listen(): Promise<void> {
    const { listen } = this.#endpoint;
    return new Promise((resolve, reject) => {
      this.#acceptor.once('error', reject);
      this.#acceptor.listen('host' in listen && listen.host === '' ? { port: listen.port, exclusive: true } : { ...listen, exclusive: true }, () => {
        this.#acceptor.off('error', reject);
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    const isFull = this.#connections.size >= limits.httpConnections;
    if (isFull) this.#tooManyConnections();
    if (isFull || this.#closing.signal.aborted) return void socket.destroy();
    const connection = this.#secure === undefined
      ? socket
      : new TLSSocket(socket, { isServer: true, secureContext: this.#secure, ALPNProtocols: ['http/1.1'] });
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    this.#http.emit('connection', connection);
  }
}
