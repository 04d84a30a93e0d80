/**
 * Who may call. An API that changes things, on a port that every web page's scripts can reach, needs more than an address: see each check.
 * The order is from what costs least to what tells most.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { inAny, parseAddress, type Cidr } from '../address.js';
import { ApiError } from '../plugin.js';
import type { HttpContext, HttpHandler } from './application.js';

export interface GuardOptions {
  /** What callers must show as `Authorization: Bearer …`; `undefined` asks for nothing. */
  readonly token: string | undefined;
  /** Networks that may call; none means all. */
  readonly allow: readonly Cidr[];
  /** Names, besides addresses and `localhost`, under which browsers may call. */
  readonly hosts: readonly string[];
  /** Whether calls that change something are refused. */
  readonly readOnly: boolean;
}

/** A handler that lets through only whom the options allow. */
export function guard({ token, allow, hosts, readOnly }: GuardOptions): HttpHandler {
  const isAllowed = inAny(allow);
  const names = new Set(['localhost', ...hosts.map((host) => host.toLowerCase())]);
  const holds = token === undefined ? undefined : tokenChecker(token);
  return (ctx, next) => {
    if (allow.length > 0 && !fromAllowed(ctx, isAllowed)) throw new ApiError(403, 'your address may not call');
    checkHost(ctx, names);
    if (holds !== undefined && !holds(ctx.get('Authorization'))) {
      ctx.set('WWW-Authenticate', 'Bearer');
      throw new ApiError(401, 'a token is needed: Authorization: Bearer …');
    }
    if (!isReading(ctx)) {
      checkOrigin(ctx);
      if (readOnly) throw new ApiError(403, 'this server is read-only');
    }
    return next();
  };
}

const isReading = ({ method }: HttpContext): boolean => method === 'GET' || method === 'HEAD';

/** Whoever comes by a socket of the file system has passed its permissions. */
function fromAllowed({ req }: HttpContext, isAllowed: ReturnType<typeof inAny>): boolean {
  const { remoteAddress } = req.socket;
  const address = parseAddress(remoteAddress ?? '');
  return remoteAddress === undefined || (address !== undefined && isAllowed(address));
}

/**
 * Against DNS rebinding: a page of attacker.example, whose name suddenly means 127.0.0.1, is of the same origin as this API to a browser.
 * Its requests still carry its name.
 */
function checkHost(ctx: HttpContext, names: ReadonlySet<string>): void {
  const [, inBrackets, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(ctx.get('Host')) ?? [];
  const host = (inBrackets ?? plain).toLowerCase();
  if (names.has(host) || parseAddress(host) !== undefined) return;
  throw new ApiError(403, `'${host}' is no name of this server; call it by its address, as localhost, or by a name that the host property allows`);
}

/** Against forged requests: browsers send a POST for any page, but they say for whose. Other clients say nothing. */
function checkOrigin(ctx: HttpContext): void {
  const origin = ctx.get('Origin');
  const site = ctx.get('Sec-Fetch-Site');
  const isForeign = origin !== '' && !(URL.canParse(origin) && new URL(origin).host === ctx.get('Host').toLowerCase());
  if (isForeign || site === 'cross-site' || site === 'same-site') throw new ApiError(403, 'a page of another origin may not call');
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares digests, which are of equal length, in constant time: how long it takes tells nothing of the token. */
function tokenChecker(token: string): (authorization: string) => boolean {
  const expected = digest(token);
  return (authorization) => {
    const [, shown] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    return shown !== undefined && timingSafeEqual(digest(shown), expected);
  };
}
