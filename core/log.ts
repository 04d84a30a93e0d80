/**
 * Log lines: `2026-11-22T14:42:00.000Z [INFO] blocklist: …`, one a line, to a stream that never blocks the event loop: when the reader of
 * our standard output stops reading, lines are dropped and counted, and the answers go on.
 */
import sonicBoom from 'sonic-boom';
import { limits } from './limits.js';
import type { Clock } from './runtime.js';

export type Level = 'debug' | 'info' | 'warning' | 'error';

export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
  /** A logger whose lines begin with this word too. */
  for(prefix: string): Logger;
}

/** Where finished lines go. */
export type LogSink = (line: string, level: Level) => void;

/** Control characters can't forge a line or drive a terminal; the lines of a stack trace are indented. */
const printable = (text: string): string =>
  text.replace(/[\0-\x09\x0b-\x1f\x7f-\x9f]/g, (octet) => `\\${String(octet.charCodeAt(0)).padStart(3, '0')}`).replaceAll('\n', '\n    ');

/** A logger over a sink. `quiet` leaves out debug and info lines. */
export function createLogger(sink: LogSink, clock: Clock, options: { readonly quiet?: boolean; readonly prefix?: string } = {}): Logger {
  const prefix = options.prefix === undefined ? '' : `${options.prefix}: `;
  const write = (level: Level, message: string): void => {
    if (options.quiet === true && (level === 'debug' || level === 'info')) return;
    sink(`${new Date(clock.wall()).toISOString()} [${level.toUpperCase()}] ${prefix}${printable(message)}\n`, level);
  };
  return {
    debug: (message) => write('debug', message),
    info: (message) => write('info', message),
    warning: (message) => write('warning', message),
    error: (message) => write('error', message),
    for: (word) => createLogger(sink, clock, { ...options, prefix: prefix + word }),
  };
}

/** A sink, what it could not write, and its end. */
export interface StreamSink {
  readonly sink: LogSink;
  dropped(): number;
  /** Writes what is left, and gives up on a reader that does not read. */
  close(): Promise<void>;
}

const secondMs = 1000;

/** A sink for a file descriptor that drops lines rather than wait, or than write more than `limits.logLinesPerSecond`; of the latter it tells. */
export function streamSink(fd: number, clock: Clock): StreamSink {
  const stream = new sonicBoom.SonicBoom({ fd, sync: false, maxLength: limits.logBufferBytes });
  let dropped = 0;
  let closing = false;
  let second = { since: -Infinity, lines: 0 };
  stream.on('drop', () => dropped++);
  // A closed pipe (EPIPE) must not end the server.
  stream.on('error', () => dropped++);

  const write = (line: string): void => {
    const now = clock.now();
    if (now - second.since >= secondMs) {
      const excess = second.lines - limits.logLinesPerSecond;
      second = { since: now, lines: 0 };
      if (excess > 0) stream.write(`${new Date(clock.wall()).toISOString()} [WARNING] the limit logLinesPerSecond is reached: ${excess} lines were dropped\n`);
    }
    if (++second.lines > limits.logLinesPerSecond) dropped++;
    else stream.write(line);
  };
  return {
    sink: (line) => {
      // What comes after the end has no reader.
      if (!closing) write(line);
    },
    dropped: () => dropped,
    close: () =>
      new Promise((resolve) => {
        closing = true;
        const patience = clock.after(limits.logCloseMs, resolve);
        stream.once('close', () => {
          clock.cancel(patience);
          resolve();
        });
        stream.end();
      }),
  };
}
