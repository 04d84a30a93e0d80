/** What happens at a site, live: server-sent events. */
import { PassThrough, type Readable } from 'node:stream';
import { limits } from '../../../core/limits.js';
import { ApiError } from '../../../core/plugin.js';
import type { Clock } from '../../../core/runtime.js';
import type { Entry } from '../../history.js';

/** An entry as callers see it. */
export const shown = ({ n, at, level, text }: Entry): object => ({ n, time: new Date(at).toISOString(), level, text });

export class EventStreams {
  readonly #clock: Clock;
  readonly #streams = new Set<PassThrough>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Everybody who listens hears of it. A reader who is too slow is let go; it comes back and asks for what it has missed. */
  tell(entry: Entry): void {
    for (const stream of this.#streams) {
      if (stream.writableNeedDrain) stream.destroy();
      else stream.write(eventOf(entry));
    }
  }

  /**
   * What happened before, and then what happens. Ends with the signal.
   * @throws ApiError when there are too many readers
   */
  follow(before: readonly Entry[], closing: AbortSignal): Readable {
    if (this.#streams.size >= limits.queryStreams) throw new ApiError(503, `${limits.queryStreams} clients follow the events already`);
    const stream = new PassThrough({ highWaterMark: limits.queryStreamBytes });
    const end = (): void => void stream.end();
    const beat = this.#clock.every(limits.queryStreamBeatMs, () => {
      if (!stream.writableNeedDrain) stream.write(': still here\n\n');
    });
    closing.addEventListener('abort', end, { once: true });
    stream.on('error', () => undefined);
    stream.once('close', () => {
      this.#clock.cancel(beat);
      closing.removeEventListener('abort', end);
      this.#streams.delete(stream);
    });
    stream.write('retry: 2000\n\n');
    for (const entry of before) stream.write(eventOf(entry));
    this.#streams.add(stream);
    return stream;
  }

  close(): void {
    for (const stream of this.#streams) stream.end();
  }
}

const eventOf = (entry: Entry): string => `id: ${entry.n}\ndata: ${JSON.stringify(shown(entry))}\n\n`;
