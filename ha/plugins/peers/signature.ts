/**
 * Signed messages: HMAC-SHA256 (RFC 2104) over everything that says who asks whom for what and when, with the secret of the two. A message can't
 * be forged, changed, turned to another site, sent back to its sender, or repeated; an answer belongs to the one request that it answers.
 *
 *     Dynvpn-Signature: from=host1 to=host2 time=1795363200123 mac=…        a request; the time in milliseconds since 1970
 *     Dynvpn-Signature: mac=…                                               its answer
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { limits } from '../../../core/limits.js';

export const signatureHeader = 'dynvpn-signature';

/** Why a message is refused; the label of its counter. */
export type Refusal = 'malformed' | 'oversized' | 'unsigned' | 'forged' | 'stale' | 'replayed' | 'unknown site' | 'foreign address';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

interface Claim {
  readonly from: string;
  readonly to: string;
  readonly time: number;
  readonly mac: string;
}

const macOf = (secret: string, ...parts: readonly (string | number)[]): string => createHmac('sha256', secret).update(parts.join('\n')).digest('hex');
const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
const digestOf = (body: string): string => hash(body).toString('hex');

const macOfRequest = (secret: string, { method, path, body }: Request, { from, to, time }: Omit<Claim, 'mac'>): string =>
  macOf(secret, 'dynvpn request 1', from, to, time, method, path, digestOf(body));

const macOfAnswer = (secret: string, requestMac: string, status: number, body: string): string =>
  macOf(secret, 'dynvpn answer 1', requestMac, status, digestOf(body));

/** A signed request: its header, and how to know its answer. */
export interface SignedRequest {
  readonly header: string;
  /** Whether the answer is by the site that was asked, and to this request. */
  isAnswer(header: string | undefined, status: number, body: string): boolean;
}

/** @param wall milliseconds since 1970 */
export function signRequest(secret: string, request: Request, from: string, to: string, wall: number): SignedRequest {
  const time = Math.floor(wall);
  const mac = macOfRequest(secret, request, { from, to, time });
  return {
    header: `from=${from} to=${to} time=${time} mac=${mac}`,
    isAnswer: (header, status, body) => isEqual(header?.replace(/^mac=/, '') ?? '', macOfAnswer(secret, mac, status, body)),
  };
}

/** @param requestHeader of a request that was accepted */
export const signAnswer = (secret: string, requestHeader: string, status: number, body: string): string =>
  `mac=${macOfAnswer(secret, readClaim(requestHeader)?.mac ?? '', status, body)}`;

function readClaim(header: string | undefined): Claim | undefined {
  const [, from, to, time, mac] = /^from=(\S{1,64}) to=(\S{1,64}) time=(\d{1,15}) mac=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  return mac === undefined ? undefined : { from: from!, to: to!, time: Number(time), mac };
}

/** In a time that tells nothing of either. */
const isEqual = (one: string, other: string): boolean => timingSafeEqual(hash(one), hash(other));

/** Who has signed a request, or why it is refused. */
export type Verdict = { readonly from: string } | { readonly refusal: Refusal };

/** The signatures that were accepted lately. It outlives a reload. */
export class Seen {
  /** By sender: a signature, and when its time is over. */
  readonly #seen = new Map<string, Map<string, number>>();

  /** Whether it is the first time; from then on it is not. */
  add(from: string, mac: string, until: number, wall: number): boolean {
    const seen = this.#seen.get(from) ?? new Map<string, number>();
    this.#seen.set(from, seen);
    for (const [old, end] of seen) if (end < wall) seen.delete(old);
    // Only the holder of the secret fills this table; whoever fills it up has to wait.
    if (seen.has(mac) || seen.size >= limits.haMessagesRemembered) return false;
    seen.set(mac, until);
    return true;
  }

  close(): void {
    this.#seen.clear();
  }
}

/** The one that receives. */
export class Verifier {
  readonly #site: string;
  readonly #secretOf: (site: string) => string | undefined;
  readonly #seen: Seen;

  /** @param secretOf the secret shared with a site; `undefined` for a site that we don't know */
  constructor(site: string, secretOf: (site: string) => string | undefined, seen: Seen) {
    this.#site = site;
    this.#secretOf = secretOf;
    this.#seen = seen;
  }

  /**
   * Judges a request by its header. An accepted one is accepted once.
   * @param wall milliseconds since 1970
   */
  judge(request: Request, header: string | undefined, wall: number): Verdict {
    if (header === undefined) return { refusal: 'unsigned' };
    const claim = readClaim(header);
    if (claim === undefined) return { refusal: 'malformed' };
    const { from, to, time, mac } = claim;
    const secret = this.#secretOf(from);
    if (secret === undefined) return { refusal: 'unknown site' };
    if (to !== this.#site || !isEqual(mac, macOfRequest(secret, request, claim))) return { refusal: 'forged' };
    if (Math.abs(wall - time) > limits.haClockSkewMs) return { refusal: 'stale' };
    return this.#seen.add(from, mac, time + limits.haClockSkewMs, wall) ? { from } : { refusal: 'replayed' };
  }
}
