/** Requests that are no HTTP, or that take too long. */
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { replyText } from './reply.js';

const statusOf: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Says so, where the client still listens and nothing else has been said, and ends the connection. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Bytes behind a reply would be taken for the next one.
  const hasSpoken = 'bytesWritten' in socket && socket.bytesWritten !== 0;
  if (!socket.writable || hasSpoken || error.code === 'ECONNRESET') return void socket.destroy();
  const status = statusOf[error.code ?? ''] ?? 400;
  const reason = STATUS_CODES[status]!;
  const body = replyText(reason, true, {});
  const headers = `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${headers}\r\n\r\n${body}`);
}
