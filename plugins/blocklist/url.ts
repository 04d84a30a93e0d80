/** Lists from the web, kept on disk: fetched when they are due and only when they have changed; what is unreachable keeps its last good copy. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OperationalError } from '../../core/errors.js';
import { writeFileAtomically } from '../../core/files.js';
import { limits } from '../../core/limits.js';
import type { Clock } from '../../core/runtime.js';

/** A list on the web. */
export interface UrlSource {
  readonly url: string;
  /** How old a copy may get before it is asked for again, in milliseconds. */
  readonly everyMs: number;
}

/** What became of a list that was due. */
export interface Refreshed {
  /** Where the copy is; `undefined` when there is none. */
  readonly path: string | undefined;
  /** Whether the copy is another one than before. */
  readonly changed: boolean;
  /** Why it could not be fetched, with its URL; a copy, if any, is the last good one. */
  readonly problem: string | undefined;
}

/** What is known about a copy; times in milliseconds since 1970. */
interface Metadata {
  readonly url: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** When the web was last found to have this copy. */
  readonly checked: number;
}

export interface Keeping {
  /** Where copies are kept; made when it is not there. */
  readonly directory: string;
  readonly clock: Clock;
  /** Ends a download early. */
  readonly signal: AbortSignal;
}

/** Where the copy of a URL is kept: the host for people, a digest to tell URLs apart. */
export function copyPath(directory: string, url: string): string {
  const host = new URL(url).hostname.replace(/[^a-z0-9.-]/gi, '_');
  return join(directory, `${host}-${createHash('sha256').update(url).digest('hex').slice(0, 16)}.list`);
}

/** Whether there is a copy that can be used, and whether it is due. */
export async function lookAt(source: UrlSource, { directory, clock }: Keeping): Promise<{ readonly there: boolean; readonly due: boolean }> {
  const metadata = await readMetadata(copyPath(directory, source.url), source.url);
  const age = clock.wall() - (metadata?.checked ?? 0);
  // A copy from the future tells of a clock that was wrong.
  return { there: metadata !== undefined, due: metadata === undefined || age >= source.everyMs || age < 0 };
}

/** Fetches a list if the web has another one than the copy. Never fails: a problem is part of the result. */
export async function refresh({ url }: UrlSource, keeping: Keeping): Promise<Refreshed> {
  const path = copyPath(keeping.directory, url);
  const known = await readMetadata(path, url);
  try {
    await mkdir(keeping.directory, { recursive: true });
    const changed = await within(limits.listDownloadMs, keeping, (signal) => update(url, path, known, keeping.clock, signal));
    return { path, changed, problem: undefined };
  } catch (error) {
    return { path: known === undefined ? undefined : path, changed: false, problem: `can't fetch ${url}: ${causeOf(error)}` };
  }
}

/** Runs a task with a signal that ends it after a time, or when the owner gives up. */
async function within<T>(ms: number, { clock, signal }: Keeping, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = clock.after(ms, () => late.abort(new OperationalError(`it took more than ${ms / 1000} s`)));
  try {
    return await task(AbortSignal.any([signal, late.signal]));
  } finally {
    clock.cancel(timer);
  }
}

/** Asks, and stores what is new. Returns whether it is. */
async function update(url: string, path: string, known: Metadata | undefined, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const response = await followRedirects(url, conditions(known), signal);
  const unchanged = response.status === 304 && known !== undefined;
  try {
    if (!unchanged) {
      refuseWhatIsNoList(response);
      await writeFileAtomically(path, bounded(response.body!));
    }
  } finally {
    if (!response.bodyUsed) await response.body?.cancel();
  }
  const etag = response.headers.get('etag') ?? (unchanged ? known.etag : undefined);
  const lastModified = response.headers.get('last-modified') ?? (unchanged ? known.lastModified : undefined);
  const metadata: Metadata = { url, ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }), checked: clock.wall() };
  // After the list: a crash in between costs a download, and never leaves a tag with the wrong list.
  await writeFileAtomically(metadataPath(path), `${JSON.stringify(metadata)}\n`);
  return !unchanged;
}

const conditions = (known: Metadata | undefined): Record<string, string> => ({
  ...(known?.etag !== undefined && { 'if-none-match': known.etag }),
  ...(known?.lastModified !== undefined && { 'if-modified-since': known.lastModified }),
});

/** Follows redirects by hand: `fetch` itself would go from https to http, where anybody on the way can change a list. */
async function followRedirects(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  let from = new URL(url);
  for (let hop = 0; hop <= limits.listRedirects; hop++) {
    const response = await fetch(from.href, { headers: { ...headers, accept: 'text/plain, */*' }, redirect: 'manual', signal });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status === 304 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    if (!URL.canParse(location, from.href)) throw new OperationalError(`it redirects to '${location}', which is no URL`);
    const to = new URL(location, from);
    const allowed = to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:');
    if (!allowed) throw new OperationalError(`it redirects to ${to.href}, which is less safe than ${from.protocol}//`);
    from = to;
  }
  throw new OperationalError(`it redirects more than ${limits.listRedirects} times`);
}

/** A page that says "log in first", or an error, must not take a list's place. */
function refuseWhatIsNoList(response: Response): void {
  if (response.status !== 200) throw new OperationalError(`the server answered ${response.status} ${response.statusText}`.trimEnd());
  if (response.headers.get('content-type')?.startsWith('text/html') === true) throw new OperationalError('the server sent a web page and no list');
  if (response.body === null) throw new OperationalError('the server sent nothing');
}

/** The body as it comes. Throws when it exceeds its bound, or holds nothing. */
async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let octets = 0;
  for await (const chunk of body) {
    octets += chunk.length;
    if (octets > limits.listDownloadBytes) throw new OperationalError(`it is larger than ${limits.listDownloadBytes / 2 ** 20} MiB`);
    yield chunk;
  }
  if (octets === 0) throw new OperationalError('the server sent an empty file');
}

const metadataPath = (path: string): string => `${path}.json`;

/** What is known about the copy; nothing when there is none, or when nobody knows where it came from. */
async function readMetadata(path: string, url: string): Promise<Metadata | undefined> {
  try {
    const [text] = await Promise.all([readFile(metadataPath(path), 'utf8'), stat(path)]);
    const { url: from, etag, lastModified, checked } = JSON.parse(text) as Partial<Record<keyof Metadata, unknown>>;
    if (from !== url || typeof checked !== 'number') return undefined;
    return { url, checked, ...(typeof etag === 'string' && { etag }), ...(typeof lastModified === 'string' && { lastModified }) };
  } catch {
    return undefined;
  }
}

/** `fetch` hides the reason ("connection refused") behind "fetch failed", or behind several of them, one for each address. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : messageOf(error);
}
