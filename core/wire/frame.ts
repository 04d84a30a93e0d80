/** Messages over a stream: each is preceded by its length in two octets (RFC 1035 section 4.2.2). */
import { uint16At } from './layout.js';

/** Cuts a stream into messages, however the segments fall. Holds at most one incomplete message and what came with it. */
export class Deframer {
  #chunks: Buffer[] = [];
  #buffered = 0;

  /** Takes a segment; returns the messages that it completes. */
  push(segment: Buffer): Buffer[] {
    this.#chunks.push(segment);
    this.#buffered += segment.length;
    if (this.#buffered < 2) return [];
    // Joining for each octet of a trickle would cost quadratic time: join only when a message is complete.
    const length = uint16At(this.#head(), 0);
    if (this.#buffered < 2 + length) return [];
    return this.#cut(Buffer.concat(this.#chunks, this.#buffered));
  }

  /** Whether a message has begun and not ended. */
  get partial(): boolean {
    return this.#buffered > 0;
  }

  /** The first chunk, with at least the two octets of the length. */
  #head(): Buffer {
    if (this.#chunks[0]!.length < 2) this.#chunks = [Buffer.concat(this.#chunks, this.#buffered)];
    return this.#chunks[0]!;
  }

  #cut(bytes: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    let offset = 0;
    while (bytes.length - offset >= 2) {
      const end = offset + 2 + uint16At(bytes, offset);
      if (end > bytes.length) break;
      messages.push(bytes.subarray(offset + 2, end));
      offset = end;
    }
    this.#chunks = offset === bytes.length ? [] : [bytes.subarray(offset)];
    this.#buffered = bytes.length - offset;
    return messages;
  }
}

/** A message with its length before it. */
export function frame(message: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(2 + message.length);
  framed.writeUInt16BE(message.length, 0);
  message.copy(framed, 2);
  return framed;
}
