/**
 * The guard: a process of its own that ends what the daemon can't end any more. A daemon that hangs, is stopped or dies does not take its route
 * down when its lease runs out; the guard does, unless it is told in time that the lease was renewed. It knows nothing of leases: it has, for
 * each VPN, a moment and the commands that are due then.
 *
 *     daemon ── watch vpn until T ──▶ guard        at every renewal
 *     daemon ── release vpn ────────▶ guard        the VPN is down in good order
 *     T passes                        guard        withdraw the route, stop the session; again until that works
 *
 * It outlives the daemon. The next daemon connects to the same socket and goes on feeding; the newest connection is the one that counts. When
 * nobody is connected and nothing is watched, it ends.
 */
import type { Server, Socket } from 'node:net';
import { chmod } from 'node:fs/promises';
import { removeStaleSocket } from '../../core/http/unix.js';
import { messageOf } from '../../core/errors.js';
import type { Result } from '../../core/process/run.js';
import type { Runtime, Timer } from '../../core/runtime.js';
import type { CommandLine, Ending } from '../hooks.js';
import { lineOf, readLines, type Order, type Plan, type Report } from './protocol.js';

export interface GuardOptions {
  /** Where the daemon finds it. */
  readonly path: string;
  readonly runtime: Pick<Runtime, 'clock' | 'sockets'>;
  /** Runs a command to its end, at most for so long. Never rejects. */
  run(command: CommandLine, timeoutMs: number): Promise<Result>;
  log(line: string): void;
}

interface Watch {
  readonly until: number;
  readonly plan: Plan;
}

/** Between two looks at the clocks. */
const lookMs = 100;
/** A wall clock that runs ahead by so much means that the host was suspended: the monotonic clock stood still meanwhile. */
const suspendedMs = 2000;
/** Before a plan that failed is carried out again. */
const againMs = 1000;
/** For the first daemon to connect. */
const lonelyMs = 10_000;

export class Guard {
  readonly #options: GuardOptions;
  readonly #server: Server;
  readonly #watches = new Map<string, Watch>();
  /** VPNs whose plan is being carried out. */
  readonly #acting = new Map<string, Promise<void>>();
  readonly #ended: Promise<void>;
  #end: () => void = () => undefined;
  #daemon: Socket | undefined;
  #timer: Timer | undefined;
  #bornAt: number;
  /** Wall clock minus monotonic clock, at the last look. */
  #difference: number;

  constructor(options: GuardOptions) {
    const { clock, sockets } = options.runtime;
    this.#options = options;
    this.#server = sockets.server({}, (socket) => this.#connected(socket));
    this.#bornAt = clock.now();
    this.#difference = clock.wall() - clock.now();
    this.#ended = new Promise((resolve) => (this.#end = resolve));
  }

  /** Opens the socket. Fails when another guard has it. */
  async start(): Promise<void> {
    const { path, runtime } = this.#options;
    await removeStaleSocket(path, runtime.sockets);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ path }, resolve);
    });
    await chmod(path, 0o600);
    this.#timer = runtime.clock.every(lookMs, () => this.#look());
  }

  /** Fulfilled when there is nobody to guard for and nothing to guard. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Carries out everything now, as if every moment had come. */
  fenceAll(reason: string): void {
    for (const vpn of this.#watches.keys()) this.#act(vpn, reason);
  }

  #connected(socket: Socket): void {
    this.#daemon?.destroy();
    this.#daemon = socket;
    socket.setEncoding('utf8');
    const take = readLines<Order>((order) => this.#obey(order));
    socket.on('data', (chunk: string) => {
      try {
        if (socket === this.#daemon) take(chunk);
      } catch (error) {
        this.#options.log(`what the daemon says makes no sense: ${messageOf(error)}`);
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (socket === this.#daemon) this.#daemon = undefined;
    });
    this.#tell({ type: 'hello', watching: [...this.#watches.keys()] });
  }

  #obey(order: Order): void {
    if (order.type === 'release') return void this.#watches.delete(order.vpn);
    const { vpn, until, plan } = order;
    this.#watches.set(vpn, { until, plan });
    this.#tell({ type: 'watching', vpn, until });
    // A daemon that was stopped may say what was true before.
    this.#look();
  }

  #tell(report: Report): void {
    this.#daemon?.write(lineOf(report));
  }

  #look(): void {
    const { clock } = this.#options.runtime;
    const now = clock.now();
    const difference = clock.wall() - now;
    const wasSuspended = difference - this.#difference > suspendedMs;
    this.#difference = difference;
    if (wasSuspended) this.fenceAll('the host was suspended');
    for (const [vpn, { until }] of this.#watches) if (now >= until) this.#act(vpn, 'the daemon has not said in time that its lease goes on');
    const isIdle = this.#daemon === undefined && this.#watches.size === 0 && this.#acting.size === 0;
    if (isIdle && now >= this.#bornAt + lonelyMs) this.#close();
  }

  #act(vpn: string, reason: string): void {
    if (this.#acting.has(vpn)) return;
    this.#options.log(`${vpn}: ${reason}; withdrawing its route and stopping its session`);
    this.#tell({ type: 'acting', vpn });
    const acted = this.#carryOut(vpn).catch((error: unknown) => this.#options.log(`${vpn}: ${messageOf(error)}`));
    this.#acting.set(vpn, acted.finally(() => this.#acting.delete(vpn)));
  }

  /** Again and again, until it has worked or somebody feeds us. */
  async #carryOut(vpn: string): Promise<void> {
    const { clock } = this.#options.runtime;
    for (;;) {
      const watch = this.#watches.get(vpn);
      if (watch === undefined) return;
      const isDone = await this.#tryOnce(vpn, watch.plan);
      // An order that came meanwhile is another matter, and is not forgotten.
      if (this.#watches.get(vpn) !== watch) return;
      if (isDone) return void this.#watches.delete(vpn);
      await new Promise<void>((resolve) => clock.after(againMs, resolve));
    }
  }

  /** The route first; the session in any case. */
  async #tryOnce(vpn: string, { route, session, timeoutMs }: Plan): Promise<boolean> {
    const isRouteGone = await this.#endOne(vpn, 'its route', route, timeoutMs);
    const isSessionGone = await this.#endOne(vpn, 'its session', session, timeoutMs);
    return isRouteGone && isSessionGone;
  }

  /** What can be seen counts for more than what a command says of itself. */
  async #endOne(vpn: string, what: string, { commands, still }: Ending, timeoutMs: number): Promise<boolean> {
    const problems: string[] = [];
    for (const command of commands) {
      const { ok, reason = 'failed' } = await this.#options.run(command, timeoutMs);
      if (!ok) problems.push(reason);
    }
    const isThere = still && isStillThere(still, await this.#options.run(still.command, timeoutMs));
    const isGone = isThere === undefined ? problems.length === 0 : !isThere;
    this.#options.log(`${vpn}: ${what} ${isGone ? 'is gone' : 'is still there'}${problems.map((problem) => `; ${problem}`).join('')}`);
    return isGone;
  }

  #close(): void {
    this.#options.runtime.clock.cancel(this.#timer);
    this.#server.close(() => this.#end());
  }
}

/** `undefined`: it can't be seen. */
function isStillThere({ pattern, absenceFails = false }: NonNullable<Ending['still']>, { ok, unsure = false, output }: Result): boolean | undefined {
  if (ok) return new RegExp(pattern, 'm').test(output);
  return absenceFails && !unsure ? false : undefined;
}
