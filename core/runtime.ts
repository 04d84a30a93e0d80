/**
 * What a host gets from the outside world: time, chance and sockets. They are handed in, never reached for, so that a test
 * runs on a clock of its own and two hosts live in one process.
 */
import dgram from 'node:dgram';
import net from 'node:net';
import { randomFillSync } from 'node:crypto';
import { availableParallelism, totalmem } from 'node:os';

/** A pending timer; opaque. */
export type Timer = object;

export interface Clock {
  /** Milliseconds since some fixed moment; never jumps, never goes back. */
  now(): number;
  /** Milliseconds since 1970; for people and files only, never for durations. */
  wall(): number;
  /** Calls back once after `delayMs`. Timers of the system clock do not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls back every `intervalMs`. */
  every(intervalMs: number, callback: () => void): Timer;
  cancel(timer: Timer | undefined): void;
}

export interface Random {
  /** A uniform 16-bit number nobody can foresee, as RFC 5452 section 4.3 asks of a query's id. */
  uint16(): number;
  /** A uniform integer in 0 … below−1 (below ≤ 2^32); unpredictable too. */
  below(below: number): number;
}

/** The part of the system's sockets that hosts use; a test may put its own in place. */
export interface Sockets {
  udp(options: UdpOptions): dgram.Socket;
  connect(options: net.NetConnectOpts): net.Socket;
  server(options: net.ServerOpts, onConnection: (socket: net.Socket) => void): net.Server;
}

/** Options of a UDP socket; `reusePort` (Node.js 22.12 and later) lets several sockets of one user share a port. */
export type UdpOptions = dgram.SocketOptions & { readonly reusePort?: boolean };

/** What there is to run on. */
export interface Machine {
  /** As `22.12.0`. */
  readonly nodeVersion: string;
  /** Threads that can run at one time. */
  readonly parallelism: number;
  /** Bytes of memory that this process may come to use. */
  readonly memoryBytes: number;
}

export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets;
  /** Environment variables, for `{$NAME}` in a Corefile and `NOTIFY_SOCKET`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly machine: Machine;
}

/** `performance.now()` counts from the start of the process; the clock below it, which all processes of this host share, from an earlier moment. */
const processStart = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Its `now()` is that of every other process of this host: the HA daemon and its guard speak of the same moments. */
const systemClock: Clock = {
  now: () => processStart + performance.now(),
  wall: () => Date.now(),
  after: (delayMs, callback) => setTimeout(callback, delayMs).unref(),
  every: (intervalMs, callback) => setInterval(callback, intervalMs).unref(),
  cancel: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
};

/** Random numbers from the system's CSPRNG, drawn a block at a time (a call for each number would cost a microsecond). */
export function systemRandom(): Random {
  const pool = new Uint32Array(256);
  let used = pool.length;
  const next = (): number => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    return pool[used++]!;
  };
  return {
    uint16: () => next() & 0xffff,
    // Rejection keeps it uniform: numbers past the last whole multiple of `below` are drawn again.
    below(below) {
      const limit = 2 ** 32 - (2 ** 32 % below);
      for (;;) {
        const number = next();
        if (number < limit) return number % below;
      }
    },
  };
}

/** The real world. */
export const systemRuntime = (): Runtime => ({
  clock: systemClock,
  random: systemRandom(),
  sockets: {
    udp: (options) => dgram.createSocket(options),
    connect: (options) => net.connect(options),
    server: (options, onConnection) => net.createServer(options, onConnection),
  },
  env: process.env,
  machine: {
    nodeVersion: process.versions.node, parallelism: availableParallelism(),
    // Where nothing constrains it, that is 0 or more than there is.
    memoryBytes: Math.min(process.constrainedMemory() || Infinity, totalmem()),
  },
});
