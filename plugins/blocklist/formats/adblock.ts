/**
 * The part of the adblock syntax that is about names: `||name^` blocks a name and all below it, `@@||name^` allows it. What DNS can't
 * express (element hiding, paths, modifiers such as `$third-party`) is refused, for read as a plain name it would block too much. Lists
 * for AdGuard Home mix in plain names and hosts lines.
 */
import { below, zone } from '../../../core/lists/name-table.js';
import { code, startsWith, textOf, withoutComment, wordEnd } from './bytes.js';
import type { EntryReader, ParserFactory } from './entries.js';
import { readHosts, readPlain } from './hosts.js';

const [hash, bang, bracket, caret, bar, dollar, slash, colon] = ['#', '!', '[', '^', '|', '$', '/', ':'].map(code) as [
  number, number, number, number, number, number, number, number,
];
/** Behind these a `#` begins a rule about elements of pages: `##`, `#@#`, `#?#`, `#$#`, `#%#`. */
const elementMarks: ReadonlySet<number> = new Set(['#', '@', '?', '$', '%'].map(code));

export const adblockParser: ParserFactory = (reader, coverage) => (bytes, start, end) => {
  const first = bytes[start];
  const allow = startsWith(bytes, start, end, '@@');
  const rule = allow ? start + 2 : start;
  if (startsWith(bytes, rule, end, '||')) return readRule(reader, bytes, rule + 2, end, allow);
  if (first === bang || first === bracket) return;
  if (first === hash) {
    if (elementMarks.has(bytes[start + 1]!)) reader.sink.bad(elementRule);
    return;
  }
  const last = withoutComment(bytes, start, end, true);
  if (allow) return reader.sink.bad('an exception was expected to be @@||name^');
  if (holdsElementMark(bytes, start, last)) return reader.sink.bad(elementRule);
  if (wordEnd(bytes, start, last) === last) readPlain(reader, coverage, bytes, start, last);
  else readHosts(reader, coverage, bytes, start, last);
};

const elementRule = 'it is about elements of pages, which DNS does not see';

function holdsElementMark(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i + 1 < end; i++) if (bytes[i] === hash && elementMarks.has(bytes[i + 1]!)) return true;
  return false;
}

const isNameEnd = (octet: number): boolean => octet === caret || octet === bar || octet === dollar || octet === slash || octet === colon;

/** What follows `||`: a name, then `^`, then perhaps `|` and modifiers. */
function readRule(reader: EntryReader, bytes: Uint8Array, start: number, end: number, allow: boolean): void {
  let nameEnd = start;
  while (nameEnd < end && !isNameEnd(bytes[nameEnd]!)) nameEnd++;
  let at = nameEnd;
  if (bytes[at] === caret && at < end) at++;
  if (bytes[at] === bar && at < end) at++;
  // Most rules end here.
  const last = at < end ? withoutComment(bytes, start, end, true) : end;
  if (at < last && bytes[at] !== dollar) return reader.sink.bad('it is about parts of a URL, and DNS sees names only');
  const modifier = at < last ? foreignModifier(textOf(bytes, at + 1, last)) : undefined;
  if (modifier !== undefined) return reader.sink.bad(`DNS can't express the modifier ${modifier}`);
  reader.pattern(bytes, start, Math.min(nameEnd, last), zone, below, allow);
}

/** The modifiers that say no more than the rule says to DNS anyway. */
const harmless: ReadonlySet<string> = new Set(['important', 'all']);

const foreignModifier = (modifiers: string): string | undefined => modifiers.split(',').find((modifier) => !harmless.has(modifier));
