/** Cuts a file into lines, a buffer at a time, whatever is in it: a line that never ends costs one report and no memory. */
import { limits } from '../../core/limits.js';
import type { LineHandler } from './formats/entries.js';

const newline = 0x0a;
const bufferBytes = 256 * 1024;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Usage: read into {@link free}, say how much with {@link filled}, and {@link end} when there is no more. */
export class LineCutter {
  readonly #onLine: LineHandler;
  readonly #onLongLine: () => void;
  readonly #buffer = new Uint8Array(bufferBytes);
  #used = 0;
  #line = 0;
  #skipping = false;
  #start = 0;
  #end = 0;

  constructor(onLine: LineHandler, onLongLine: () => void) {
    this.#onLine = onLine;
    this.#onLongLine = onLongLine;
  }

  /** The number of the line that was handed out last; the first is 1. */
  get line(): number {
    return this.#line;
  }

  /** The bytes of that line, as long as it is being handled. */
  get text(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Where the next bytes of the file go; never empty. */
  get free(): Uint8Array {
    return this.#buffer.subarray(this.#used);
  }

  /** Hands out the lines that `count` more bytes complete. */
  filled(count: number): void {
    const limit = this.#used + count;
    let start = 0;
    // What was there before holds no newline.
    for (let i = this.#used; i < limit; i++) {
      if (this.#buffer[i] !== newline) continue;
      this.#handOut(start, i);
      start = i + 1;
    }
    this.#keep(start, limit);
  }

  /** Hands out the last line, when it lacks its newline. */
  end(): void {
    if (this.#used > 0 || this.#skipping) this.#handOut(0, this.#used);
    this.#used = 0;
  }

  #handOut(start: number, end: number): void {
    this.#line++;
    const tooLong = this.#skipping || end - start > limits.listLineBytes;
    this.#skipping = false;
    this.#start = this.#line === 1 && startsWithMark(this.#buffer, start, end) ? start + byteOrderMark.length : start;
    this.#end = Math.min(end, start + limits.listLineBytes);
    if (tooLong) this.#onLongLine();
    else this.#onLine(this.#buffer, this.#start, this.#end);
  }

  #keep(start: number, limit: number): void {
    this.#used = limit - start;
    if (this.#used > limits.listLineBytes) this.#skipping = true;
    if (this.#skipping) this.#used = 0;
    else this.#buffer.copyWithin(0, start, limit);
  }
}

const startsWithMark = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= byteOrderMark.length && byteOrderMark.every((octet, i) => bytes[start + i] === octet);
