/** A load of queries, and how Node.js sends it where there is no dnsperf. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isResponse, writeQuery } from './message.js';
import { quantile } from './statistics.js';

/** In a closed loop: as many queries are out as `inFlight` allows. With a `rate` they also keep to that pace. */
export interface Load {
  readonly port: number;
  /** Queries, one a line, as dnsperf reads them: `example.org A`. */
  readonly file: string;
  /** For so long, over and over; or, without it, each query once. */
  readonly seconds?: number;
  readonly inFlight: number;
  readonly sockets: number;
  /** Queries a second. */
  readonly rate?: number;
  /** Threads of dnsperf that ask; default 1. Our own asker has one. */
  readonly threads?: number;
}

export interface Outcome {
  readonly sent: number;
  readonly answered: number;
  /** Of the answered: those with another RCODE than NOERROR. */
  readonly failed: number;
  readonly seconds: number;
  /** Only of loads with a rate. */
  readonly latency?: Latency;
}

/** Milliseconds within which half and 99 % of the answers came, and the slowest. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

export const latencyOf = (milliseconds: readonly number[]): Latency =>
  ({ p50: quantile(milliseconds, 0.5), p99: quantile(milliseconds, 0.99), worst: quantile(milliseconds, 1) });

/** An answer that has not come in this time is lost. */
const lostMs = 2000;
const paceMs = 1;

/** A socket, and when each of its queries left, by id. */
class Lane {
  readonly #socket: Socket = createSocket('udp4');
  readonly #sentAt = new Map<number, number>();
  #id = 0;

  async open(port: number, onAnswer: (message: Buffer, latencyMs: number) => void): Promise<void> {
    this.#socket.on('message', (message) => {
      const id = message.readUInt16BE(0);
      const sentAt = this.#sentAt.get(id);
      if (sentAt === undefined) return;
      this.#sentAt.delete(id);
      onAnswer(message, performance.now() - sentAt);
    });
    this.#socket.connect(port, '127.0.0.1');
    await once(this.#socket, 'connect');
  }

  send(query: Buffer): void {
    this.#id = (this.#id + 1) & 0xffff;
    const message = Buffer.from(query);
    message.writeUInt16BE(this.#id, 0);
    this.#sentAt.set(this.#id, performance.now());
    this.#socket.send(message);
  }

  /** Gives up what has waited too long; returns how many those are. Ids come in the order of time. */
  giveUp(): number {
    const before = this.#sentAt.size;
    for (const [id, sentAt] of this.#sentAt) {
      if (performance.now() - sentAt < lostMs) break;
      this.#sentAt.delete(id);
    }
    return before - this.#sentAt.size;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Sends the load from this process; resolves when every query is answered or lost. */
export async function generate({ port, file, seconds, inFlight, sockets, rate }: Load): Promise<Outcome> {
  const queries = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => writeQuery(line.split(' ')[0]!));
  const lanes = Array.from({ length: sockets }, () => new Lane());
  const latencies: number[] = [];
  let [sent, answered, failed, lost] = [0, 0, 0, 0];
  const begun = performance.now();
  const elapsed = (): number => (performance.now() - begun) / 1000;
  const finished = (): boolean => (seconds === undefined ? sent >= queries.length : elapsed() >= seconds);
  const isDue = (): boolean => rate === undefined || sent < elapsed() * rate;
  const fill = (): void => {
    while (sent - answered - lost < inFlight && isDue() && !finished()) lanes[sent % sockets]!.send(queries[sent++ % queries.length]!);
  };
  for (const lane of lanes) {
    await lane.open(port, (message, latencyMs) => {
      answered++;
      if (!isResponse(message)) failed++;
      if (rate !== undefined) latencies.push(latencyMs);
      fill();
    });
  }
  await new Promise<void>((resolve) => {
    const pacer = setInterval(() => {
      for (const lane of lanes) lost += lane.giveUp();
      fill();
      if (!finished() || sent > answered + lost) return;
      clearInterval(pacer);
      resolve();
    }, paceMs);
  });
  for (const lane of lanes) lane.close();
  return { sent, answered, failed, seconds: elapsed(), ...(rate === undefined ? {} : { latency: latencyOf(latencies) }) };
}
