/** The cache's calls of the admin API. A KEY is the type, then the name: `Aexample.com`. */
import { ApiError, type ApiCall, type ApiRequest, type ApiResult } from '../../core/plugin.js';
import { textOfName } from '../../core/name.js';
import type { Reply } from '../../core/reply.js';
import { classIn, headerOctets, offsetOf, putUint16, putUint32 } from '../../core/wire/layout.js';
import { surveyResponse } from '../../core/wire/survey.js';
import { textOfRecords } from '../../core/wire/text.js';
import { rcodeText, typeText } from '../../core/wire/types.js';
import type { CachePlugin } from './plugin.js';
import type { Entry } from './store.js';

const listMax = 10_000;

const keyOf = ({ type, name }: Entry): string => typeText(type) + textOfName(name);

/** What the entry says now, as lines. */
function linesOf(entry: Entry, now: number): string[] {
  const { reply, name } = entry;
  const seconds = Math.max(0, Math.ceil((entry.expiresAt - now) / 1000));
  const message = messageOf(entry, reply, seconds);
  const survey = surveyResponse(message);
  const lines = survey === undefined ? [] : textOfRecords(message, survey);
  return lines.length > 0 ? lines : [`; ${rcodeText(reply.rcode)} for ${textOfName(name)}, ${seconds} s`];
}

/** The whole message again, with what is left of its TTLs. */
function messageOf(entry: Entry, reply: Reply, seconds: number): Buffer {
  const question = Buffer.from(`${entry.name}\0\0\0\0`, 'latin1');
  putUint16(question, question.length - 4, entry.type);
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

/** The entries that the caller asked for, and where to go on. */
function page(instances: readonly CachePlugin[], { query }: ApiRequest): { readonly entries: ReadonlyMap<string, Entry[]>; readonly cursor?: string } {
  const limit = Number(query['limit'] ?? listMax);
  if (!Number.isInteger(limit) || limit < 1 || limit > listMax) throw new ApiError(400, `limit: expected a number from 1 to ${listMax}`);
  const prefix = query['prefix'] ?? '';
  const after = query['cursor'] ?? '';
  const all = instances.flatMap(({ cache }) => [...cache.store.entries()]).map((entry) => [keyOf(entry), entry] as const);
  const wanted = all.filter(([key]) => key.startsWith(prefix) && key > after).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const entries = new Map<string, Entry[]>();
  for (const [key, entry] of wanted) {
    if (!entries.has(key) && entries.size === limit) return { entries, cursor: [...entries.keys()].at(-1)! };
    entries.set(key, [...(entries.get(key) ?? []), entry]);
  }
  return { entries };
}

const paging = {
  prefix: 'Only keys that begin with this', limit: `At most so many keys (${listMax})`, cursor: 'Go on after this key, as the reply before said',
};

const message = (count: number): string => `${count} ${count === 1 ? 'key' : 'keys'}`;

export const cacheCalls: readonly ApiCall<CachePlugin>[] = [
  {
    method: 'GET', path: '/cache/list', summary: 'The keys of the cache', query: paging,
    handle(instances, request): ApiResult {
      const { entries, ...more } = page(instances, request);
      return { message: message(entries.size), data: { entries: [...entries.keys()], ...more } };
    },
  },
  {
    method: 'GET', path: '/cache/show', summary: 'The cache with its records', query: paging,
    handle(instances, request): ApiResult {
      const { entries, ...more } = page(instances, request);
      const shown = [...entries].map(([key, list]) => [key, [...new Set(list.flatMap((entry) => linesOf(entry, instances[0]!.now())))]]);
      return { message: message(entries.size), data: { entries: Object.fromEntries(shown), ...more } };
    },
  },
  {
    method: 'POST', path: '/cache/del/:key', summary: 'Removes a key, in every route',
    handle(instances, { params }): ApiResult {
      const wanted = params['key']!.replace(/(?<=.)\.$/, '').toLowerCase();
      const removed = instances.reduce((sum, { cache }) => sum + cache.store.remove((entry) => keyOf(entry).toLowerCase() === wanted), 0);
      return removed === 0 ? { message: 'not in the cache', data: {}, failed: true } : { message: 'deleted', data: { deleted: params['key']! } };
    },
  },
  {
    method: 'POST', path: '/cache/flush', summary: 'Empties the cache',
    handle(instances): ApiResult {
      const flushed = instances.reduce((sum, { cache }) => sum + cache.store.clear(), 0);
      return { message: 'flushed', data: { flushed } };
    },
  },
  {
    method: 'GET', path: '/cache/stats', summary: 'Entries, bytes, hits, misses, stale answers, prefetches, evictions',
    handle(instances): ApiResult {
      const total: Record<string, number> = {};
      for (const stats of instances.map((each) => each.stats())) for (const [name, count] of Object.entries(stats)) total[name] = (total[name] ?? 0) + count;
      return { message: 'ok', data: total };
    },
  },
];
