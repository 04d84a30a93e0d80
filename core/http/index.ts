/**
 * HTTP for every host: plugins declare in `setup` what they serve and where, and share the listeners.
 *
 *     mountHttp      a path, or all paths that nobody else has, at some addresses
 *     page           a path of plain text
 *     guard          who may call an API
 *     loadApi        serveCalls: an API from declared calls; describeApi: its OpenAPI description
 */
export type { Call } from './api.js';
export type { HttpContext, HttpHandler, Mount } from './application.js';
export { readBody } from './body.js';
export { httpAddress, unixEndpoint } from './endpoint.js';
export type { HttpAddress, HttpEndpoint } from './endpoint.js';
export { guard } from './guard.js';
export type { GuardOptions } from './guard.js';
export { mountHttp } from './mount.js';
export type { Site } from './mount.js';
export { describeApi } from './openapi.js';
export { page } from './page.js';
export { readQuery } from './query.js';
export { checkMethod, sendJson } from './reply.js';
export type { TlsFiles } from './tls.js';

/** `serveCalls`, for `start`: a host without an API does without the router. */
export const loadApi = (): Promise<typeof import('./api.js')> => import('./api.js');
