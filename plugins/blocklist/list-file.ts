/** Reads one list, from bytes to entries: the whole of it in the loader's thread, or up to a certain line in the server's. */
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { itself, type Coverage } from '../../core/lists/name-table.js';
import { nameAt, type Name } from '../../core/name.js';
import { detectFormat } from './formats/detect.js';
import type { EntrySink, LineHandler } from './formats/entries.js';
import { createParser, type Format } from './formats/formats.js';
import { LineCutter } from './lines.js';
import { reading } from './sources.js';

/** Takes the entries of a list. */
export interface ListSink extends Pick<EntrySink, 'name'> {
  /** A line that is neither an entry nor a comment. `text` is only lent. */
  bad(reason: string, line: number, text: Uint8Array): void;
}

/** Reads a list out of a buffer that its user fills. */
class ListReader {
  readonly #cutter: LineCutter;
  readonly #parserOf: (format: Format) => LineHandler;
  #format: Format | undefined;
  #parse: LineHandler | undefined;

  constructor(format: Format | 'auto', coverage: Coverage, sink: ListSink) {
    this.#format = format === 'auto' ? undefined : format;
    const bad = (reason: string): void => sink.bad(reason, this.#cutter.line, this.#cutter.text);
    this.#parserOf = (found) => createParser(found, coverage, { name: (wire, length, covers, allow) => sink.name(wire, length, covers, allow), bad });
    this.#cutter = new LineCutter((bytes, start, end) => this.#parse!(bytes, start, end), () => bad('the line is too long'));
  }

  /** What the format is, or turned out to be. */
  get format(): Format {
    return this.#format ?? 'plain';
  }

  get line(): number {
    return this.#cutter.line;
  }

  /** Where the next bytes go. */
  get free(): Uint8Array {
    return this.#cutter.free;
  }

  /** Takes `count` bytes more; 0 means that the file has ended. Returns whether to go on. */
  take(count: number): boolean {
    this.#format ??= detectFormat(this.#cutter.free.subarray(0, count));
    this.#parse ??= this.#parserOf(this.#format);
    if (count > 0) this.#cutter.filled(count);
    else this.#cutter.end();
    return count > 0;
  }
}

/** Reads the whole list in the file; returns its format. Throws an OperationalError that names the path when it can't be read. */
export function readList(path: string, format: Format | 'auto', coverage: Coverage, sink: ListSink): Format {
  const file = reading(path, () => openSync(path, 'r'));
  try {
    const reader = new ListReader(format, coverage, sink);
    while (reader.take(reading(path, () => readSync(file, reader.free)))) continue;
    return reader.format;
  } finally {
    closeSync(file);
  }
}

/** An entry to look for in a file: a name, listed as blocked or as allowed. */
export interface Wanted {
  readonly name: Name;
  readonly allow: boolean;
}

/**
 * The number of the line that lists a name, found by reading the file again, piece by piece, without holding up the event loop.
 * `undefined` when it is not there (any more).
 */
export async function lineOf(path: string, format: Format, wanted: Wanted): Promise<number | undefined> {
  let line: number | undefined;
  const reader: ListReader = new ListReader(format, itself, {
    name(wire, length, _coverage, allow) {
      if (line === undefined && allow === wanted.allow && length === wanted.name.length && nameAt(wire, 0, length) === wanted.name) line = reader.line;
    },
    bad: () => undefined,
  });
  const file = await open(path);
  try {
    while (line === undefined && reader.take((await file.read(reader.free)).bytesRead)) continue;
    return line;
  } finally {
    await file.close();
  }
}
