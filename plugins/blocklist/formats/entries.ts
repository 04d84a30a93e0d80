/** What the parsers of all formats have in common: where their finds go, and how they read a name. */
import type { Coverage } from '../../../core/lists/name-table.js';
import { startsWith } from './bytes.js';
import { createWire, problemOf, readListedName } from './listed-name.js';

/** Takes what a parser finds. */
export interface EntrySink {
  /** A name: `length` octets of wire form at the start of `wire`, which is only lent. `allow`: no list may block it. */
  name(wire: Uint8Array, length: number, coverage: Coverage, allow: boolean): void;
  /** A line (or a part of one) that is neither a name nor a comment, and why. */
  bad(reason: string): void;
}

/** Takes one line, in [start, end) of a buffer that it must not keep. */
export type LineHandler = (bytes: Uint8Array, start: number, end: number) => void;

/**
 * Makes the parser of a format. Its lines come without blanks at the ends and are never empty (a zone file's keep those at the start).
 * @param coverage what a name covers where the format doesn't say it itself
 */
export type ParserFactory = (reader: EntryReader, coverage: Coverage) => LineHandler;

export class EntryReader {
  readonly sink: EntrySink;
  readonly #wire = createWire();

  constructor(sink: EntrySink) {
    this.sink = sink;
  }

  name(bytes: Uint8Array, start: number, end: number, coverage: Coverage, allow = false): void {
    const length = readListedName(bytes, start, end, this.#wire);
    if (length > 0) this.sink.name(this.#wire, length, coverage, allow);
    else this.sink.bad(problemOf(length));
  }

  /** `name`, which covers `coverage`, or `*.name`, which covers `starred`. */
  pattern(bytes: Uint8Array, start: number, end: number, coverage: Coverage, starred: Coverage, allow = false): void {
    if (startsWith(bytes, start, end, '*.')) this.name(bytes, start + 2, end, starred, allow);
    else this.name(bytes, start, end, coverage, allow);
  }
}
