/** A socket on which queries come in. It outlives a reload: each generation hands it the table of server blocks that it now serves. */
import type { Endpoint } from '../address.js';
import { OperationalError } from '../errors.js';
import type { Client } from '../query.js';
import type { Send } from '../server.js';
import type { Runtime } from '../runtime.js';

/** Where a listener delivers what it receives. */
export type Receive = (message: Buffer, client: Client, send: Send) => void;

export interface Listener {
  /** Opens the socket. Fails with one line that says what to mend. */
  open(): Promise<void>;
  /** From now on no new query is taken; answers still leave. */
  quiesce(): void;
  close(): Promise<void>;
}

export interface ListenerOptions {
  readonly endpoint: Endpoint;
  readonly runtime: Runtime;
  readonly receive: Receive;
  /** Whether other workers listen on the same port; the system then deals out clients among them. */
  readonly shared?: boolean;
  /** Told of errors of the socket that do not end it. */
  readonly warn: (message: string) => void;
}

/** What to do about an error of `bind` or `listen`, in one line. */
export function cannotListen(transport: string, where: string, error: NodeJS.ErrnoException): OperationalError {
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use; stop the other server or choose another port',
    EACCES: 'permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE',
    EADDRNOTAVAIL: 'this host has no such address',
    ENOTSUP: 'this system does not let workers share a port; serve with one',
  };
  return new OperationalError(`cannot listen on ${transport} ${where}: ${hints[error.code ?? ''] ?? error.message}`);
}
