/** A page of plain text for monitors: GET and HEAD of one path, open to whoever reaches the address. */
import type { Mount } from './application.js';
import { checkMethod } from './reply.js';

export interface Page {
  readonly text: string;
  /** Default: 200. */
  readonly status?: number;
  /** Default: plain text. */
  readonly type?: string;
}

/** What to mount for a page that is made anew for every look. */
export const page = (path: string, make: () => Page | Promise<Page>): Mount => ({
  path,
  async serve(ctx) {
    checkMethod(ctx, 'GET', 'HEAD');
    const { text, status = 200, type = 'text/plain; charset=utf-8' } = await make();
    ctx.status = status;
    ctx.type = type;
    ctx.body = text;
  },
});
