/** Clients of a server under faults: so many queries a second, whatever becomes of those before, and what became of each. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { encodeQuestion } from '../../testing/index.js';

/** A name that the server knows by itself; it must be answered whatever happens elsewhere. */
export const ownName = 'own.test';
/** Names that upstreams are asked for; few enough that each is asked for again when its second of life is over. */
const otherNames = 50;

/** Milliseconds between two queries for each of the two kinds of names. */
const intervalMs = 10;
/** Longer than the server takes to give up. */
const patienceMs = 6_000;

export interface Asked {
  readonly isOwn: boolean;
  /** Milliseconds since the load began. */
  readonly sentAt: number;
  /** Milliseconds to the answer; `undefined` when none came. */
  took?: number;
  rcode?: number;
}

export class Load {
  readonly asked: Asked[] = [];
  readonly #port: number;
  readonly #socket = createSocket('udp4');
  readonly #waiting = new Map<number, Asked>();
  readonly #beganAt = performance.now();
  #ticker: NodeJS.Timeout | undefined;
  #count = 0;

  private constructor(port: number) {
    this.#port = port;
    this.#socket.on('message', (bytes) => this.#take(bytes));
    // Nobody listens while the server is down: what is sent meanwhile is lost, and counted as such.
    this.#socket.on('error', () => undefined);
  }

  static async begin(port: number): Promise<Load> {
    const load = new Load(port);
    load.#socket.bind(0, '127.0.0.1');
    await once(load.#socket, 'listening');
    load.#ticker = setInterval(() => load.#ask(), intervalMs);
    return load;
  }

  /** Milliseconds since it began. */
  get now(): number {
    return performance.now() - this.#beganAt;
  }

  /** Asks no more; over when every answer has come, or cannot come any more. */
  async end(): Promise<readonly Asked[]> {
    clearInterval(this.#ticker);
    const deadline = performance.now() + patienceMs;
    while (this.#waiting.size > 0 && performance.now() < deadline) await new Promise((done) => setTimeout(done, 20));
    this.#socket.close();
    return this.asked;
  }

  #ask(): void {
    for (const isOwn of [true, false]) {
      const id = this.#count++ & 0xffff;
      const asked: Asked = { isOwn, sentAt: this.now };
      this.asked.push(asked);
      this.#waiting.set(id, asked);
      const name = isOwn ? ownName : `n${(this.#count >> 1) % otherNames}.example`;
      this.#socket.send(encodeQuestion(name, 'A', id, {}), this.#port, '127.0.0.1');
    }
  }

  #take(bytes: Buffer): void {
    const asked = this.#waiting.get(bytes.readUInt16BE(0));
    if (asked === undefined) return;
    this.#waiting.delete(bytes.readUInt16BE(0));
    asked.took = this.now - asked.sentAt;
    asked.rcode = bytes[3]! & 15;
  }
}
