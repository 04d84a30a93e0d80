/** A line for every query, as the format says. */
import type { Position } from '../../core/errors.js';
import { isWithin, nameFromText, root, type Name } from '../../core/name.js';
import { value } from '../../core/properties.js';
import type { Query } from '../../core/query.js';
import type { Reply } from '../../core/reply.js';
import type { Clock } from '../../core/runtime.js';
import { opcodeOf, rcode, uint16At } from '../../core/wire/layout.js';
import { classText, rcodeText, typeText } from '../../core/wire/types.js';
import { compileFormat, type LogEntry } from './format.js';

export type Class = 'success' | 'denial' | 'error' | 'all';
export type Format = (entry: LogEntry) => string;
export interface FormatWord {
  readonly format: Format;
  readonly at: Position;
}
export type Word = { readonly name: Name } | FormatWord;

/** A word with a placeholder in it is the format; the others are names. */
export const formatOrName = value<Word>('NAMES|FORMAT', (word, at) =>
  (word.includes('{') ? { format: compileFormat(word), at } : { name: nameFromText(word) }));

/** The words of a directive, sorted. */
export function sortWords(words: readonly Word[]): { readonly names: readonly Name[]; readonly formats: readonly FormatWord[] } {
  return { names: words.flatMap((word) => ('name' in word ? [word.name] : [])), formats: words.filter((word) => 'format' in word) };
}

/** What an answer is to somebody who reads logs: there is data, there is none, or something went wrong. */
function classOf(reply: Reply): Class {
  if (reply.rcode === rcode.nxDomain || (reply.rcode === rcode.noError && reply.answers === 0)) return 'denial';
  return reply.rcode === rcode.noError ? 'success' : 'error';
}

export interface QueryLogOptions {
  /** Names to log, with all below them; none means all. */
  readonly names: readonly Name[];
  readonly format: Format | undefined;
  /** None means all. */
  readonly classes: readonly Class[];
}

/** Returns what is to be called for every query. */
export function createQueryLog(options: QueryLogOptions, clock: Clock, write: (line: string) => void): (query: Query, reply: Reply) => void {
  const { names, format = compileFormat('{common}'), classes } = options;
  const zones = names.length === 0 ? [root] : names;
  const wanted = new Set<Class>(classes.length === 0 ? ['all'] : classes);
  return (query, reply) => {
    if (!wanted.has('all') && !wanted.has(classOf(reply))) return;
    if (zones.some((zone) => isWithin(query.name, zone))) write(format(entryOf(query, reply, clock.now())));
  };
}

function entryOf(query: Query, reply: Reply, now: number): LogEntry {
  const { client, sent } = query;
  return {
    name: query.name, type: typeText(query.type), class: classText(query.class), protocol: client.transport,
    client: { address: client.address, port: client.port }, local: client.local,
    id: query.id, opcode: opcodeOf(query.flags), size: query.bytes.length, dnssecOk: query.dnssecOk, udpSize: query.edns?.udpSize ?? 512,
    rcode: sent && rcodeText(reply.rcode), responseFlags: sent && uint16At(sent, 2), responseSize: sent?.length,
    durationMs: now - query.receivedAt, plugin: reply.plugin, upstream: query.upstream,
  };
}
