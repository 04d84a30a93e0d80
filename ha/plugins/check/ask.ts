/** The three questions. Each is fulfilled with what is wrong, in words, or with nothing when there was an answer; none is ever rejected. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { platform } from 'node:os';
import { parseEndpoint, textOfEndpoint, type Address } from '../../../core/address.js';
import { messageOf } from '../../../core/errors.js';
import type { Name } from '../../../core/name.js';
import type { Clock, Random, Runtime } from '../../../core/runtime.js';
import { judgeResponse } from '../../../core/upstream/message.js';
import { flag, offsetOf, putUint16, rcode, rcodeMask, type, uint16At } from '../../../core/wire/layout.js';
import { writeQuestion } from '../../../core/wire/question.js';
import { rcodeText } from '../../../core/wire/types.js';
import { run } from '../../../core/process/run.js';

export interface Asking {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the question. */
  readonly signal: AbortSignal;
  /** The address to ask from; undefined leaves it to the system. */
  readonly source: Address | undefined;
}

/** Milliseconds until a datagram that may have been lost is sent again. */
const resendMs = 1000;

/** By the system's own command: raw sockets are for root. */
export async function ping(target: string, timeoutSeconds: number, { runtime: { env }, clock, signal, source }: Asking): Promise<string | undefined> {
  const isBsd = platform() === 'freebsd';
  const from = source === undefined ? [] : [isBsd ? '-S' : '-I', source.text];
  // Linux counts in seconds, FreeBSD in milliseconds.
  const argv = ['ping', '-n', '-q', '-c', '1', '-W', String(isBsd ? timeoutSeconds * 1000 : timeoutSeconds), ...from, target];
  const { ok, unsure, reason } = await run({ argv, env, clock, signal });
  return ok ? undefined : unsure === true ? reason : `${target} does not answer a ping`;
}

/** Asks a server for the NS records of a name, over UDP. That it knows, or knows that there is no such name, is an answer. */
export function askDns(name: Name, server: string, { runtime, clock, random, signal, source }: Asking): Promise<string | undefined> {
  const endpoint = parseEndpoint(server, 53);
  if (endpoint === undefined) return Promise.resolve(`'${server}' is no address of a DNS server`);
  const query = writeQuestion(name, type.ns, flag.rd);
  putUint16(query, offsetOf.id, random.uint16());
  return new Promise((resolve) => {
    const socket = runtime.sockets.udp({ type: endpoint.address.bits === 32 ? 'udp4' : 'udp6' });
    let again: object | undefined;
    let isOpen = true;
    const finish = (problem?: string): void => {
      if (!isOpen) return;
      isOpen = false;
      clock.cancel(again);
      signal.removeEventListener('abort', giveUp);
      socket.close();
      resolve(problem && `${textOfEndpoint(endpoint)}: ${problem}`);
    };
    const giveUp = (): void => finish(messageOf(signal.reason));
    const send = (): void => {
      if (!isOpen) return;
      socket.send(query);
      again = clock.after(resendMs, send);
    };
    socket.on('error', (error) => finish(error.message));
    socket.on('message', (bytes: Buffer) => {
      const problem = problemOf(bytes, query);
      if (problem !== 'foreign') finish(problem);
    });
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    socket.bind({ port: 0, ...(source !== undefined && { address: source.text }) }, () => {
      if (isOpen) socket.connect(endpoint.port, endpoint.address.text, send);
    });
  });
}

/** What is wrong with an answer; `foreign` when it is none to this query. */
function problemOf(bytes: Buffer, query: Buffer): string | undefined {
  if (bytes.length < query.length || uint16At(bytes, offsetOf.id) !== uint16At(query, offsetOf.id)) return 'foreign';
  if (!['answer', 'truncated'].includes(judgeResponse(query, query.length, bytes))) return 'foreign';
  const code = uint16At(bytes, offsetOf.flags) & rcodeMask;
  return code === rcode.noError || code === rcode.nxDomain ? undefined : `it answers ${rcodeText(code)}`;
}

/** Asks for a page. A status below 400 is an answer; a redirection is not followed. */
export function askHttp(url: string, { signal, source }: Asking): Promise<string | undefined> {
  if (!URL.canParse(url)) return Promise.resolve(`'${url}' is no URL`);
  const request = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest;
  const from = source === undefined ? {} : { localAddress: source.text, family: source.bits === 32 ? 4 : 6 };
  return new Promise((resolve) => {
    const call = request(url, { ...from, agent: false, signal }, (response) => {
      const { statusCode = 0 } = response;
      resolve(statusCode < 400 ? undefined : `${url}: status ${statusCode}`);
      response.destroy();
    });
    call.on('error', (error) => resolve(`${url}: ${signal.aborted ? messageOf(signal.reason) : messageOf(error)}`));
    call.end();
  });
}
