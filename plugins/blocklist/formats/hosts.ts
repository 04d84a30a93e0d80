/** `plain`: a name a line. `hosts`: an address that leads nowhere, then names. `wildcard`: `*.name`. */
import { zone, type Coverage } from '../../../core/lists/name-table.js';
import { lowerCase } from '../../../core/name.js';
import { code, equals, skipBlanks, startsWith, textOf, withoutComment, wordEnd } from './bytes.js';
import type { EntryReader, ParserFactory } from './entries.js';

const commentMarks: ReadonlySet<number> = new Set(['#', '!', ';'].map(code));

const isComment = (bytes: Uint8Array, start: number, end: number): boolean => commentMarks.has(bytes[start]!) || startsWith(bytes, start, end, '//');

export const plainParser: ParserFactory = (reader, coverage) => (bytes, start, end) => {
  if (!isComment(bytes, start, end)) readPlain(reader, coverage, bytes, start, withoutComment(bytes, start, end));
};

export const hostsParser: ParserFactory = (reader, coverage) => (bytes, start, end) => {
  if (!isComment(bytes, start, end)) readHosts(reader, coverage, bytes, start, withoutComment(bytes, start, end));
};

/** As blockers take it: `*.name` covers the name too. */
export const wildcardParser: ParserFactory = (reader) => (bytes, start, end) => {
  if (!isComment(bytes, start, end)) reader.pattern(bytes, start, withoutComment(bytes, start, end), zone, zone);
};

/** One name and nothing else. */
export function readPlain(reader: EntryReader, coverage: Coverage, bytes: Uint8Array, start: number, end: number): void {
  if (wordEnd(bytes, start, end) === end) reader.name(bytes, start, end, coverage);
  else reader.sink.bad('more than a name stands on the line');
}

/** `0.0.0.0 name…`. A line that gives a name an address of its own would be a record, and is refused. */
export function readHosts(reader: EntryReader, coverage: Coverage, bytes: Uint8Array, start: number, end: number): void {
  let gap = wordEnd(bytes, start, end);
  if (gap === end) return reader.sink.bad('an address and a name were expected');
  const nowhere = leadsNowhere(bytes, start, gap);
  while (gap < end) {
    const word = skipBlanks(bytes, gap, end);
    gap = wordEnd(bytes, word, end);
    if (isOwnName(bytes, word, gap)) continue;
    if (!nowhere) return reader.sink.bad('it begins with no address that leads nowhere (0.0.0.0, 127.0.0.1, :: or ::1)');
    reader.name(bytes, word, gap, coverage);
  }
}

/** How nearly every list writes it. */
const usualNowhere = ['0.0.0.0', '127.0.0.1', '::', '::1'] as const;

/** The unspecified and the loopback addresses in any form (`0` is the C library's); `ipaddr.js` would cost the loader's thread megabytes. */
const nowhere = /^(0|0\.0\.0\.0|127(\.\d{1,3}){3}|[0:]*:[0:]*1?)$/;
const nowhereOctets = 39;

/** Whether it is an unspecified or a loopback address. */
export function leadsNowhere(bytes: Uint8Array, start: number, end: number): boolean {
  for (const text of usualNowhere) if (equals(bytes, start, end, text)) return true;
  return end - start <= nowhereOctets && nowhere.test(textOf(bytes, start, end));
}

/** The names that a hosts file has for the host itself and its network; lists made from such files still carry them. */
const ownNames: ReadonlySet<string> = new Set([
  '0.0.0.0', 'localhost', 'localhost.localdomain', 'localhost4', 'localhost4.localdomain4', 'localhost6', 'localhost6.localdomain6', 'local', 'broadcasthost',
  'loopback', 'ip6-localhost', 'ip6-loopback', 'ip6-localnet', 'ip6-mcastprefix', 'ip6-allnodes', 'ip6-allrouters', 'ip6-allhosts',
]);
const ownInitials: ReadonlySet<number> = new Set([...ownNames].map(code));
const ownLengthMax = Math.max(...[...ownNames].map((name) => name.length));

/** Most names part from these by their first letter. */
const isOwnName = (bytes: Uint8Array, start: number, end: number): boolean =>
  ownInitials.has(lowerCase[bytes[start]!]!) && end - start <= ownLengthMax && ownNames.has(textOf(bytes, start, end).toLowerCase());
