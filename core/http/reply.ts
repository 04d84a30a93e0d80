/** The one shape of every JSON reply: `{ message, is_error, data }`. */
import { messageOf } from '../errors.js';
import type { Logger } from '../log.js';
import { ApiError, type ApiResult } from '../plugin.js';
import type { HttpContext } from './application.js';

/** The text of a reply, for a pipe and for people. */
export const replyText = (message: string, failed: boolean, data: object): string =>
  `${JSON.stringify({ message, is_error: failed ? 1 : 0, data }, null, 2)}\n`;

export function sendJson(ctx: HttpContext, text: string): void {
  ctx.type = 'application/json';
  ctx.body = text;
}

export const sendResult = (ctx: HttpContext, { message, data, failed = false }: ApiResult): void => sendJson(ctx, replyText(message, failed, data));

/** Answers what was thrown: a caller's mistake as it says, anything else as 500, with its story in the log and not in the reply. */
export function sendError(ctx: HttpContext, error: unknown, log: Logger): void {
  const { status, message } = error instanceof ApiError ? error : { status: 500, message: 'this call failed; the log tells why' };
  if (!(error instanceof ApiError)) log.error(`${ctx.method} ${ctx.path}: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`);
  ctx.status = status;
  sendJson(ctx, replyText(message, true, {}));
}

/** Refuses another method than these, and says which there are. */
export function checkMethod(ctx: HttpContext, ...methods: readonly string[]): void {
  if (methods.includes(ctx.method)) return;
  ctx.set('Allow', methods.join(', '));
  throw new ApiError(405, `${ctx.path} takes ${methods.join(', ')}, not ${ctx.method}`);
}
