/** Calls declared as data → the routes that serve them. */
import Router from '@koa/router';
import { ApiError, type ApiCall, type ApiRequest, type ApiResult } from '../plugin.js';
import type { HttpContext, HttpHandler, HttpState } from './application.js';
import { readBody } from './body.js';
import { readQuery } from './query.js';
import { checkMethod, sendResult } from './reply.js';

/** A call of a plugin, with whoever carries it out. */
export interface Call extends Pick<ApiCall<never>, 'method' | 'path' | 'summary' | 'query'> {
  /** The plugin that declares it. */
  readonly plugin: string;
  answer(request: ApiRequest): ApiResult | Promise<ApiResult>;
}

/** Serves these calls, and refuses everything else: 404 for an unknown path, 405 for a wrong method, 400 for a parameter that the call does not have. */
export function serveCalls(calls: readonly Call[]): HttpHandler {
  const router = new Router<HttpState>({ sensitive: true, strict: true });
  for (const path of new Set(calls.map((call) => call.path))) {
    const methods = new Map(calls.filter((call) => call.path === path).map((call) => [call.method as string, call]));
    const known = [...methods.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    router.all(path, async (ctx) => {
      checkMethod(ctx, ...known);
      const call = methods.get(ctx.method === 'HEAD' ? 'GET' : ctx.method)!;
      await readBody(ctx.req);
      sendResult(ctx, await call.answer({ params: ctx.params, query: readQuery(ctx, call.query), closing: ctx.state.closing }));
    });
  }
  const routes = router.routes();
  return (ctx) => {
    checkEncoding(ctx);
    return routes(ctx as never, () => {
      throw new ApiError(404, `there is no call ${ctx.path}; GET /openapi.json lists all`);
    });
  };
}

function checkEncoding({ path }: HttpContext): void {
  try {
    decodeURIComponent(path);
  } catch {
    throw new ApiError(400, 'the path is not percent-encoded UTF-8');
  }
}
