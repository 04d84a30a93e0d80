/** Bodies of requests, bounded by `limits.httpBodyBytes`. */
import type { IncomingMessage } from 'node:http';
import { limits } from '../limits.js';
import { ApiError } from '../plugin.js';

const tooLarge = (): ApiError => new ApiError(413, `the body is too large; at most ${limits.httpBodyBytes} bytes are taken`);

/** Refuses a request that announces too large a body, before any of it is read. */
export function checkAnnouncedBody(request: IncomingMessage): void {
  if (Number(request.headers['content-length'] ?? 0) > limits.httpBodyBytes) throw tooLarge();
}

/** The whole body. Fails with an `ApiError` when it is too large or breaks off. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let octets = 0;
    request.on('data', (part: Buffer) => {
      octets += part.length;
      if (octets <= limits.httpBodyBytes) return parts.push(part);
      // The rest stays unread: the reply ends the connection.
      request.pause();
      return reject(tooLarge());
    });
    request.once('end', () => resolve(Buffer.concat(parts)));
    request.once('close', () => reject(new ApiError(400, 'the body ended too early')));
  });
}
