/**
 * Health checks, as CoreDNS has them: they begin when a query to the server failed, repeat until one is answered, and only their failures
 * take a server out of use. So one name that nobody can resolve doesn't; and any answer to anything puts it back.
 */
import { limits } from '../limits.js';
import { flag, type } from '../wire/layout.js';
import { writeQuestion } from '../wire/question.js';
import type { GroupOptions } from './options.js';
import type { Pending, Sent } from './pending.js';
import type { Upstream, UpstreamWorld } from './upstream.js';

export class HealthCheck implements Pending {
  readonly packet: Buffer;
  readonly questionEnd: number;
  /** Checks that failed in a row. */
  fails = 0;
  readonly #server: Upstream;
  readonly #options: GroupOptions;
  readonly #world: UpstreamWorld;
  /** The check that is out. */
  #sent: Sent | undefined;
  /** When it has failed, or the next is due; `undefined` while the server is fine. */
  #due: number | undefined;

  constructor(server: Upstream, options: GroupOptions, world: UpstreamWorld) {
    this.#server = server;
    this.#options = options;
    this.#world = world;
    this.packet = writeQuestion(options.healthCheck.name, type.ns, options.healthCheck.recursionDesired ? flag.rd : 0);
    this.questionEnd = this.packet.length;
  }

  get isDown(): boolean {
    return this.#options.maxFails > 0 && this.fails >= this.#options.maxFails;
  }

  get isRunning(): boolean {
    return this.#due !== undefined;
  }

  /** Begins to check, unless it does already. */
  begin(reason: string, now: number): void {
    if (this.isRunning || this.#options.maxFails === 0) return;
    this.#world.log.debug(`${this.#server.text}: ${reason}; checking its health`);
    this.#ask(now);
  }

  /** @param isWanted whether somebody would use the server; whom nobody wants isn't checked */
  tick(now: number, isWanted: boolean): void {
    if (this.#due === undefined || this.#due > now) return;
    if (this.#sent !== undefined) this.#failed('no answer', now);
    else if (isWanted) this.#ask(now);
    else this.stop();
  }

  /** The server is alive. */
  passed(): void {
    if (this.isDown) this.#world.log.info(`${this.#server.text} is up again`);
    this.fails = 0;
    this.stop();
  }

  stop(): void {
    const sent = this.#sent;
    this.#sent = undefined;
    this.#due = undefined;
    sent?.channel.forget(sent.id);
  }

  answered(): void {
    this.#sent = undefined;
    this.passed();
  }

  /** Even a broken answer is one. */
  unusable(): void {
    this.answered();
  }

  besieged(): void {
    this.lost('nothing but foreign answers');
  }

  lost(reason: string): void {
    this.#sent = undefined;
    this.#failed(reason, this.#world.runtime.clock.now());
  }

  #ask(now: number): void {
    this.#due = now + limits.upstreamHealthCheckMs;
    const sent = this.#server.send(this, this.#options.forceTcp ? 'tcp' : 'udp', now, false);
    if (typeof sent === 'string') this.#failed(sent, now);
    else this.#sent = sent;
  }

  #failed(reason: string, now: number): void {
    const wasDown = this.isDown;
    this.fails++;
    this.stop();
    this.#due = now + this.#options.healthCheck.intervalMs;
    this.#world.metrics.checkFailed(this.#server.text);
    if (this.isDown && !wasDown) this.#world.log.warning(`${this.#server.text} is down: ${reason}`);
  }
}
