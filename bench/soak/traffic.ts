/** Who asks: clients of all kinds at once, over UDP and TCP, some of them broken. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Random } from '../../core/runtime.js';
import { Deframer, frame } from '../../core/wire/frame.js';
import { writeQuery } from '../message.js';
import { nameOfNumber } from '../names.js';

/** Queries a second over UDP, of all kinds together: far from busy, since what matters is that nothing stays of them. */
const rate = 300;
const paceMs = 10;
/** TCP connections opened, and messages of garbage sent, in a second. */
const connectionsPerSecond = 10;
const garbagePerSecond = 30;
const tcpPatienceMs = 1000;

/** Names that are asked again and again; the world's list begins with number 0. */
export const popularNames = 600_000_000;
export const popularCount = 1000;

/** One name of each kind; `fresh` is a number never used before. */
const kinds: Readonly<Record<string, (fresh: number, random: Random) => string>> = {
  cached: (_fresh, random) => nameOfNumber(popularNames + random.below(popularCount)),
  blocked: (_fresh, random) => nameOfNumber(random.below(20_000)),
  static: (_fresh, random) => `static${random.below(50)}.soak.test`,
  forwarded: (fresh) => `n${fresh}.new.soak.test`,
  refreshed: (_fresh, random) => `n${random.below(20)}.brief.soak.test`,
  denied: (fresh) => `n${fresh}.gone.soak.test`,
  aliased: (fresh) => `n${fresh}.alias.soak.test`,
  'slow upstream': (fresh) => `n${fresh}.slow.soak.test`,
  'failing upstream': (fresh) => `n${fresh}.servfail.soak.test`,
  'garbled answer': (fresh) => `n${fresh}.garbled.soak.test`,
  'answer over TCP': (fresh) => `n${fresh}.large.soak.test`,
  'no upstream': (fresh) => `n${fresh}.dead.soak.test`,
  'silent upstream': (fresh) => `n${fresh}.mute.soak.test`,
};

/** How many of a hundred queries are of a kind; the others share what is left. */
const shares: Readonly<Record<string, number>> = { 'cached': 35, 'blocked': 15, 'static': 10, 'forwarded': 20, 'silent upstream': 1, 'no upstream': 1 };
const bag: readonly string[] = bagOf();

function bagOf(): string[] {
  const others = Object.keys(kinds).filter((kind) => shares[kind] === undefined);
  const dealt = Object.entries(shares).flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
  return [...dealt, ...Array.from({ length: 100 - dealt.length }, (_, i) => others[i % others.length]!)];
}

/** Queries of a kind, and answers to them. */
export interface Tally {
  asked: number;
  answered: number;
}

export class Traffic {
  readonly #port: number;
  readonly #random: Random;
  readonly #socket = createSocket('udp4');
  /** The kinds of the queries that wait, by id: as many as there are ids at most. */
  readonly #waiting = new Map<number, string>();
  readonly tallies = new Map<string, Tally>(['over TCP', ...Object.keys(kinds)].map((kind) => [kind, { asked: 0, answered: 0 }]));
  #count = 0;
  garbage = 0;

  constructor(port: number, random: Random) {
    this.#port = port;
    this.#random = random;
  }

  async open(): Promise<void> {
    this.#socket.on('message', (message) => {
      const id = message.readUInt16BE(0);
      const kind = this.#waiting.get(id);
      if (this.#waiting.delete(id)) this.tallies.get(kind!)!.answered++;
    });
    this.#socket.connect(this.#port, '127.0.0.1');
    await once(this.#socket, 'connect');
  }

  close(): void {
    this.#socket.close();
  }

  /** Asks for so long. */
  async run(ms: number): Promise<void> {
    const begun = performance.now();
    let [asked, connected, spoilt] = [0, 0, 0];
    await new Promise<void>((resolve) => {
      const pacer = setInterval(() => {
        const seconds = (performance.now() - begun) / 1000;
        for (; asked < seconds * rate; asked++) this.#ask();
        for (; connected < seconds * connectionsPerSecond; connected++) this.#connect();
        for (; spoilt < seconds * garbagePerSecond; spoilt++) this.#spoil();
        if (seconds * 1000 < ms) return;
        clearInterval(pacer);
        resolve();
      }, paceMs);
    });
  }

  #queryOf(kind: string): Buffer {
    const query = writeQuery(kinds[kind]!(this.#count, this.#random));
    query.writeUInt16BE(this.#count++ & 0xffff, 0);
    return query;
  }

  #ask(): void {
    const kind = bag[this.#random.below(bag.length)]!;
    const query = this.#queryOf(kind);
    this.#waiting.set(query.readUInt16BE(0), kind);
    this.tallies.get(kind)!.asked++;
    this.#socket.send(query);
  }

  /** A query that is cut off, or changed somewhere behind its id: what comes back answers nobody else's. */
  #spoil(): void {
    const query = this.#queryOf('forwarded');
    const length = this.#random.below(query.length);
    for (let i = 0; i <= this.#random.below(8); i++) query[2 + this.#random.below(query.length - 2)] = this.#random.below(256);
    this.garbage++;
    this.#socket.send(this.#random.below(2) === 0 ? query : query.subarray(0, length));
  }

  /** A connection with some queries; one of four breaks off in the middle of a message. */
  #connect(): void {
    const tally = this.tallies.get('over TCP')!;
    const socket: Socket = connect(this.#port, '127.0.0.1');
    const queries = Array.from({ length: 1 + this.#random.below(3) }, () => frame(this.#queryOf(this.#random.below(2) === 0 ? 'cached' : 'forwarded')));
    const breaksOff = this.#random.below(4) === 0;
    const deframer = new Deframer();
    let left = queries.length;
    socket.setTimeout(tcpPatienceMs, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('connect', () => {
      if (breaksOff) return void socket.write(queries[0]!.subarray(0, -5), () => socket.destroy());
      tally.asked += queries.length;
      socket.write(Buffer.concat(queries));
    });
    socket.on('data', (segment) => {
      const count = deframer.push(segment).length;
      tally.answered += count;
      left -= count;
      if (left <= 0) socket.end();
    });
  }
}
