/** Small questions about bytes, asked of every line of a list. A text is the octets in [start, end) of `bytes`. */

/** The octet of an ASCII character. */
export const code = (character: string): number => character.charCodeAt(0);

const space = code(' ');
const hash = code('#');

/** Space, tab, carriage return and their like; not NUL, which stands in no text. */
export const isBlank = (octet: number): boolean => octet <= space && octet !== 0;

/** Where the next word begins. */
export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at++;
  return at;
}

/** Where the word at `start` ends. */
export function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && !isBlank(bytes[at]!)) at++;
  return at;
}

/** Where the octet stands first, or `end`. */
export function find(octet: number, bytes: Uint8Array, start: number, end: number): number {
  const at = bytes.indexOf(octet, start);
  return at === -1 || at > end ? end : at;
}

/** Whether the text begins with these ASCII characters. */
export function startsWith(bytes: Uint8Array, start: number, end: number, prefix: string): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix.charCodeAt(i)) return false;
  return true;
}

/** Whether the text is these ASCII characters. */
export const equals = (bytes: Uint8Array, start: number, end: number, text: string): boolean =>
  end - start === text.length && startsWith(bytes, start, end, text);

/** The text as a string of one character an octet. */
export const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');

/** Where a line's content ends: before a `#`, and the blanks before that. With `onlyAfterBlank`, a `#` inside a word belongs to it. */
export function withoutComment(bytes: Uint8Array, start: number, end: number, onlyAfterBlank = false): number {
  let last = start;
  for (let i = start; i < end; i++) {
    if (isBlank(bytes[i]!)) continue;
    if (bytes[i] === hash && !(onlyAfterBlank && last === i)) return last;
    last = i + 1;
  }
  return last;
}
