/** The daemon's side of its guard: finds one that is there, or starts one; tells it of every renewal; starts another when it is gone. */
import type { Socket } from 'node:net';
import { messageOf, OperationalError } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import type { Runtime, Timer } from '../../core/runtime.js';
import { lineOf, readLines, type Order, type Plan, type Report } from './protocol.js';

export interface GuardClientOptions {
  readonly path: string;
  readonly runtime: Pick<Runtime, 'clock' | 'sockets'>;
  readonly log: Logger;
  /** Starts a guard on `path`, in a process that does not end with ours. */
  spawn(): void;
  /** The guard was not fed in time and ends this VPN. */
  onActing(vpn: string): void;
}

/** Between two tries to connect to a guard that is being started. */
const retryMs = 100;
/** A guard that is not there by then will not come by itself. */
const patienceMs = 5000;

type Watching = Extract<Order, { type: 'watch' }>;

export class GuardClient {
  readonly #options: GuardClientOptions;
  readonly #watches = new Map<string, Watching>();
  /** Who waits for the guard to confirm an order. */
  readonly #waiting = new Map<Watching, () => void>();
  #socket: Socket | undefined;
  #greeted = false;
  #timer: Timer | undefined;
  #spawnAgainAt = -Infinity;
  #isClosed = false;
  #whenReady: ((watching: readonly string[]) => void) | undefined;

  constructor(options: GuardClientOptions) {
    this.#options = options;
  }

  /** Fulfilled with what the guard already watches, for the daemon before us. Fails when no guard can be started. */
  start(): Promise<readonly string[]> {
    const { runtime: { clock }, path } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = clock.after(patienceMs, () => reject(new OperationalError(`no guard could be started on ${path}`)));
      this.#whenReady = (watching) => {
        clock.cancel(timer);
        resolve(watching);
      };
      this.#connect();
    });
  }

  /** Whether there is a guard that listens to us. */
  get isReady(): boolean {
    return this.#greeted;
  }

  /**
   * The plan is to be carried out at `until`, on the system's clock, unless another call comes before.
   * @returns when the guard has confirmed it, for which it may take for ever; a caller that must know looks at the time
   */
  watch(vpn: string, until: number, plan: Plan): Promise<void> {
    const order: Watching = { type: 'watch', vpn, until, plan };
    this.#forget(vpn);
    this.#watches.set(vpn, order);
    return new Promise((resolve) => {
      this.#waiting.set(order, resolve);
      this.#send(order);
    });
  }

  release(vpn: string): void {
    this.#forget(vpn);
    this.#watches.delete(vpn);
    this.#send({ type: 'release', vpn });
  }

  /** Lets go of the guard. What it still watches it ends at its time, unless another daemon comes. */
  close(): void {
    this.#isClosed = true;
    this.#options.runtime.clock.cancel(this.#timer);
    this.#socket?.end();
    this.#greeted = false;
  }

  #forget(vpn: string): void {
    const earlier = this.#watches.get(vpn);
    if (earlier !== undefined) this.#waiting.delete(earlier);
  }

  #send(order: Order): void {
    if (this.#greeted) this.#socket?.write(lineOf(order));
  }

  #connect(): void {
    const { runtime: { clock, sockets }, path } = this.#options;
    const socket = sockets.connect({ path });
    this.#socket = socket;
    socket.setEncoding('utf8');
    const take = readLines<Report>((report) => this.#hear(report));
    socket.on('data', (chunk: string) => {
      try {
        take(chunk);
      } catch (error) {
        this.#options.log.error(`what the guard says makes no sense: ${messageOf(error)}`);
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.#greeted) this.#options.log.error('the guard is gone; another is being started');
      this.#greeted = false;
      if (this.#isClosed) return;
      this.#spawn();
      this.#timer = clock.after(retryMs, () => this.#connect());
    });
  }

  /** One guard at a time: a new one is given its time to come up. */
  #spawn(): void {
    const now = this.#options.runtime.clock.now();
    if (now < this.#spawnAgainAt) return;
    this.#spawnAgainAt = now + patienceMs;
    this.#options.spawn();
  }

  #hear(report: Report): void {
    switch (report.type) {
      case 'hello':
        this.#greeted = true;
        this.#spawnAgainAt = -Infinity;
        for (const order of this.#watches.values()) this.#send(order);
        return this.#whenReady?.(report.watching);
      case 'watching': {
        const order = this.#watches.get(report.vpn);
        if (order === undefined || order.until !== report.until) return;
        this.#waiting.get(order)?.();
        this.#waiting.delete(order);
        return;
      }
      case 'acting':
        return this.#options.onActing(report.vpn);
      default:
        return report satisfies never;
    }
  }
}
