/**
 * One HTTP call with a deadline, for talking to peers, to etcd and to a daemon: a connection of its own, a bounded answer, no redirects. Whoever
 * accepts a connection and never answers costs the deadline and nothing more.
 */
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { limits } from '../core/limits.js';
import type { Clock, Sockets } from '../core/runtime.js';

export interface Calling {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For everything: connecting, sending, and the whole answer. */
  readonly timeoutMs: number;
  /** The most that the answer may be; `limits.httpBodyBytes` if left out. */
  readonly answerBytes?: number;
  /** For `https:`: certificates in PEM. */
  readonly tls?: Pick<RequestOptions & { ca?: string; cert?: string; key?: string }, 'ca' | 'cert' | 'key'>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Calls, and reads the answer, whatever its status. Fails with one line that says why. */
export function call({ clock, sockets }: { readonly clock: Clock; readonly sockets: Sockets }, calling: Calling): Promise<Answer> {
  const { method, url, headers, body, timeoutMs, tls, answerBytes = limits.httpBodyBytes } = calling;
  return new Promise((resolve, reject) => {
    const options: RequestOptions = { method, headers: { ...headers, ...lengthOf(body) }, agent: false };
    const request = url.protocol === 'https:'
      ? httpsRequest(url, { ...options, ...tls })
      : httpRequest(url, { ...options, createConnection: () => sockets.connect({ host: bareHost(url), port: Number(url.port || 80), noDelay: true }) });
    const end = (settle: () => void): void => {
      clock.cancel(timer);
      settle();
      request.destroy();
    };
    const fail = (error: Error): void => end(() => reject(error));
    const timer = clock.after(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
    request.on('error', (error) => fail(error.message === '' ? new Error((error as NodeJS.ErrnoException).code ?? 'no connection') : error));
    request.once('response', (response) => void read(response, answerBytes).then((text) => end(() => resolve(answerOf(response, text))), fail));
    request.end(body);
  });
}

const answerOf = ({ statusCode = 0, headers }: IncomingMessage, body: string): Answer => ({ status: statusCode, headers, body });

const lengthOf = (body: string | undefined): Readonly<Record<string, string>> =>
  body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };

/** A URL writes IPv6 addresses in brackets. */
const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

function read(response: IncomingMessage, most: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let octets = 0;
    response.on('data', (part: Buffer) => {
      octets += part.length;
      if (octets > most) reject(new Error(`the answer is larger than ${most} bytes`));
      else parts.push(part);
    });
    response.once('end', () => resolve(Buffer.concat(parts).toString()));
    response.on('error', reject);
    response.once('close', () => reject(new Error('the answer broke off')));
  });
}
