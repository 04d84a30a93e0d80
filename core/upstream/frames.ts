/** DNS messages in a TCP stream: each behind its length in 16 bits (RFC 1035 section 4.2.2), cut into segments anywhere. */
import { putUint16 } from '../wire/layout.js';

/** A message as it goes over TCP; in one piece, so that it leaves in one segment (RFC 7766 section 8). */
export function frameOf(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(2 + message.length);
  putUint16(frame, 0, message.length);
  message.copy(frame, 2);
  return frame;
}

/** Puts messages together. Holds at most one incomplete message, and copies each octet a bounded number of times however it is cut. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  /** Takes in a segment; returns the messages that it completes, each in memory of its own. */
  push(segment: Buffer): Buffer[] {
    this.#chunks.push(segment);
    this.#length += segment.length;
    const messages: Buffer[] = [];
    for (let length = this.#nextLength(); length !== undefined && this.#length >= 2 + length; length = this.#nextLength()) {
      const joined = this.#joined();
      messages.push(Buffer.from(joined.subarray(2, 2 + length)));
      this.#chunks = [joined.subarray(2 + length)];
      this.#length -= 2 + length;
    }
    return messages;
  }

  #nextLength(): number | undefined {
    if (this.#length < 2) return undefined;
    // Only the first octets can be split from each other.
    if (this.#chunks[0]!.length < 2) this.#joined();
    return this.#chunks[0]!.readUInt16BE(0);
  }

  #joined(): Buffer {
    const joined = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length);
    this.#chunks = [joined];
    return joined;
  }
}
