/** The Koa application of one address: what every reply has, which part serves a request, and how mistakes are told. */
import Koa, { type ParameterizedContext } from 'koa';
import type { Logger } from '../log.js';
import { ApiError } from '../plugin.js';
import { checkAnnouncedBody } from './body.js';
import { sendError } from './reply.js';

/** What a handler finds in `ctx.state`. */
export interface HttpState {
  /** Aborted when this address is given up. */
  closing: AbortSignal;
}

export type HttpContext = ParameterizedContext<HttpState>;

/** Answers a request, or hands it on. It may throw `ApiError`s. */
export type HttpHandler = (ctx: HttpContext, next: () => Promise<unknown>) => unknown;

/** What one directive serves at an address. */
export interface Mount {
  /** Just this path; without it, every path that no other mount has. */
  readonly path?: string;
  readonly serve: HttpHandler;
}

export interface ApplicationOptions {
  /** What is served at the moment; nothing before the first configuration stands. */
  readonly mounts: () => readonly Mount[];
  readonly closing: AbortSignal;
  readonly log: Logger;
  /** Called whenever a body is larger than is taken. */
  readonly bodyTooLarge: () => void;
}

export function createApplication({ mounts, closing, log, bodyTooLarge }: ApplicationOptions): Koa<HttpState> {
  const application = new Koa<HttpState>();
  application.use(async (ctx, next) => {
    ctx.state.closing = closing;
    // For browsers: nothing here is a page, nothing may be kept.
    ctx.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store', 'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'" });
    try {
      checkAnnouncedBody(ctx.req);
      await next();
    } catch (error) {
      sendError(ctx, error, log);
      if (ctx.status === 413) bodyTooLarge();
      // What the client still sends belongs to the request that failed.
      if (!ctx.req.complete) ctx.set('Connection', 'close');
    }
    if (closing.aborted) ctx.set('Connection', 'close');
  });
  application.use((ctx, next) => {
    const current = mounts();
    if (current.length === 0) throw new ApiError(503, 'the server is starting');
    const mount = current.find(({ path }) => path === ctx.path) ?? current.find(({ path }) => path === undefined);
    if (mount === undefined) throw new ApiError(404, `there is nothing at ${ctx.path}`);
    return mount.serve(ctx, next);
  });
  // Handlers' errors are answered above; what is left are clients that went away.
  application.on('error', (error: Error) => log.debug(`http: ${error.message}`));
  return application;
}

