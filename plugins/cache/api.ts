/** The cache's calls of the admin API. A KEY is the type, then the name: `Aexample.com`. */
import { ApiError, sharedCall, type ApiCall, type ApiRequest } from '../../core/plugin.js';
import { textOfName } from '../../core/name.js';
import type { Reply } from '../../core/reply.js';
import { classIn, headerOctets, offsetOf, putUint16, putUint32 } from '../../core/wire/layout.js';
import { surveyResponse } from '../../core/wire/survey.js';
import { textOfRecords } from '../../core/wire/text.js';
import { rcodeText, typeText } from '../../core/wire/types.js';
import type { Entry } from './record.js';
import type { CachePlugin } from './plugin.js';

const listMax = 10_000;

const keyOf = ({ type, name }: Entry): string => typeText(type) + textOfName(name);

/** What the entry says now, as lines. */
function linesOf(entry: Entry, now: number): string[] {
  const reply = entry.reply();
  const seconds = Math.max(0, Math.ceil((entry.expiresAt - now) / 1000));
  const message = messageOf(entry, reply, seconds);
  const survey = surveyResponse(message);
  const lines = survey === undefined ? [] : textOfRecords(message, survey);
  return lines.length > 0 ? lines : [`; ${rcodeText(reply.rcode)} for ${textOfName(entry.name)}, ${seconds} s`];
}

/** The whole message again, with what is left of its TTLs. */
function messageOf({ name, type }: Entry, reply: Reply, seconds: number): Buffer {
  const question = Buffer.from(`${name}\0\0\0\0`, 'latin1');
  putUint16(question, question.length - 4, type);
  putUint16(question, question.length - 2, classIn);
  const header = Buffer.alloc(headerOctets);
  putUint16(header, offsetOf.questions, 1);
  putUint16(header, offsetOf.answers, reply.answers);
  putUint16(header, offsetOf.authorities, reply.authorities);
  putUint16(header, offsetOf.additionals, reply.additionals);
  const message = Buffer.concat([header, question, reply.body]);
  for (const offset of reply.ttls) putUint32(message, headerOctets + question.length + offset, seconds);
  return message;
}

type Asking = Pick<ApiRequest, 'query'>;

function limitOf({ query }: Asking): number {
  const limit = Number(query['limit'] ?? listMax);
  if (!Number.isInteger(limit) || limit < 1 || limit > listMax) throw new ApiError(400, `limit: expected a number from 1 to ${listMax}`);
  return limit;
}

const inOrder = <Value>(pairs: Iterable<readonly [string, Value]>): (readonly [string, Value])[] =>
  [...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** The entries that the caller asked for, by key, and one key more than fit on a page. */
function entriesFor(instances: readonly CachePlugin[], request: Asking): Map<string, Entry[]> {
  const limit = limitOf(request);
  const prefix = request.query['prefix'] ?? '';
  const after = request.query['cursor'] ?? '';
  const all = instances.flatMap(({ cache }) => [...cache.store.entries()]).map((entry) => [keyOf(entry), entry] as const);
  const entries = new Map<string, Entry[]>();
  for (const [key, entry] of inOrder(all.filter(([key]) => key.startsWith(prefix) && key > after))) {
    if (!entries.has(key) && entries.size > limit) break;
    entries.set(key, [...(entries.get(key) ?? []), entry]);
  }
  return entries;
}

/** What all workers have, as a page: key → lines, each once. */
function pageOf(parts: readonly Lines[], request: Asking): { readonly entries: readonly (readonly [string, readonly string[]])[]; readonly cursor?: string } {
  const merged = new Map<string, Set<string>>();
  for (const [key, lines] of parts.flatMap((part) => [...part])) {
    const known = merged.get(key) ?? new Set();
    for (const line of lines) known.add(line);
    merged.set(key, known);
  }
  const limit = limitOf(request);
  const entries = inOrder(merged).slice(0, limit).map(([key, lines]) => [key, [...lines]] as const);
  return merged.size > limit ? { entries, cursor: entries.at(-1)![0] } : { entries };
}

type Lines = ReadonlyMap<string, readonly string[]>;

const paging = {
  prefix: 'Only keys that begin with this', limit: `At most so many keys (${listMax})`, cursor: 'Go on after this key, as the reply before said',
};

const message = (count: number): string => `${count} ${count === 1 ? 'key' : 'keys'}`;

const sumOf = (instances: readonly CachePlugin[], count: (instance: CachePlugin) => number): number =>
  instances.reduce((sum, instance) => sum + count(instance), 0);

/** A number that every worker has, and their sum. */
type Part = { readonly count: number };
const total = (parts: readonly Part[]): number => parts.reduce((sum, { count }) => sum + count, 0);

export const cacheCalls: readonly ApiCall<CachePlugin>[] = [
  sharedCall<CachePlugin, Lines>({
    method: 'GET', path: '/cache/list', summary: 'The keys of the cache', query: paging,
    ask: (instances, request) => new Map([...entriesFor(instances, request).keys()].map((key) => [key, []])),
    reply(parts, request) {
      const { entries, ...more } = pageOf(parts, request);
      return { message: message(entries.length), data: { entries: entries.map(([key]) => key), ...more } };
    },
  }),
  sharedCall<CachePlugin, Lines>({
    method: 'GET', path: '/cache/show', summary: 'The cache with its records', query: paging,
    ask(instances, request) {
      const now = instances[0]!.now();
      return new Map([...entriesFor(instances, request)].map(([key, entries]) => [key, entries.flatMap((entry) => linesOf(entry, now))]));
    },
    reply(parts, request) {
      const { entries, ...more } = pageOf(parts, request);
      return { message: message(entries.length), data: { entries: Object.fromEntries(entries), ...more } };
    },
  }),
  sharedCall<CachePlugin, Part>({
    method: 'POST', path: '/cache/del/:key', summary: 'Removes a key, in every route',
    ask(instances, { params }) {
      const wanted = params['key']!.replace(/(?<=.)\.$/, '').toLowerCase();
      return { count: sumOf(instances, ({ cache }) => cache.store.remove((entry) => keyOf(entry).toLowerCase() === wanted)) };
    },
    reply: (parts, { params }) =>
      (total(parts) === 0 ? { message: 'not in the cache', data: {}, failed: true } : { message: 'deleted', data: { deleted: params['key']! } }),
  }),
  sharedCall<CachePlugin, Part>({
    method: 'POST', path: '/cache/flush', summary: 'Empties the cache',
    ask: (instances) => ({ count: sumOf(instances, ({ cache }) => cache.store.clear()) }),
    reply: (parts) => ({ message: 'flushed', data: { flushed: total(parts) } }),
  }),
  sharedCall<CachePlugin, readonly Readonly<Record<string, number>>[]>({
    method: 'GET', path: '/cache/stats', summary: 'Entries, bytes, hits, misses, stale answers, prefetches, evictions',
    ask: (instances) => instances.map((each) => each.stats()),
    reply(parts) {
      const sums: Record<string, number> = {};
      for (const stats of parts.flat()) for (const [name, count] of Object.entries(stats)) sums[name] = (sums[name] ?? 0) + count;
      return { message: 'ok', data: sums };
    },
  }),
];
