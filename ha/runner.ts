/**
 * What runs the machine at a site: one queue of events in, effects out through the block's hooks, results back in. It outlives a reload: the
 * next generation's block takes over its hooks and settings, while sessions, routes and what peers said go on.
 */
import { dirname, join } from 'node:path';
import { messageOf as textOfError } from '../core/errors.js';
import type { Host } from '../core/host.js';
import type { Closable } from '../core/keep.js';
import { limits } from '../core/limits.js';
import { trimSessionOutput } from '../core/process/run.js';
import type { Timer } from '../core/runtime.js';
import type { HaBlock } from './block.js';
import { History, type Entry } from './history.js';
import { boot, messageOf, reconfigure, step, wakeAt, withoutRemoved } from './machine/index.js';
import type { Command, Effect, Event, Message, ReplicaMode, State, Step } from './machine/index.js';
import { Meters } from './meters.js';
import { endLeftovers } from './process/driver.js';
import type { LocalVpn } from './settings.js';
import { snapshotOf, type SiteSnapshot } from './snapshot.js';
import { Store } from './store.js';
import { configOf } from './timing.js';
import { Worker } from './worker.js';

/** An event without its time, which the runner adds. */
export type Happening = Event extends infer E ? (E extends Event ? Omit<E, 'now'> : never) : never;

/** A command that makes no sense here: the caller's mistake. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

export class Runner implements Closable {
  /** The site. */
  readonly name: string;
  /** What happened lately. */
  readonly history = new History();
  /** Fulfilled when a `shutdown` has taken everything down and the process may end. */
  readonly left: Promise<void>;
  readonly #host: Pick<Host, 'clock' | 'log' | 'runtime'>;
  readonly #store: Store;
  readonly #meters: Meters;
  readonly #worker: Worker;
  readonly #queue: Happening[] = [];
  /** All VPNs that were ever configured here: one that was removed still has to be taken down. */
  readonly #vpns = new Map<string, LocalVpn>();
  #leave: () => void = () => undefined;
  #block: HaBlock | undefined;
  #incarnation = 0;
  #state: State | undefined;
  #busy = false;
  #halted = false;
  #wake: Timer | undefined;
  #beat: Timer | undefined;
  /** The wall clock against the monotonic one, and when the last look at them was. */
  #offset = 0;
  #lookedAt = 0;

  /** @param stateDirectory where this site's file is, or will be */
  constructor(name: string, stateDirectory: string, { clock, log, metrics, runtime }: Pick<Host, 'clock' | 'log' | 'metrics' | 'runtime'>) {
    this.name = name;
    this.#host = { clock, log, runtime };
    this.#store = new Store(join(stateDirectory, `${name}.json`));
    this.#meters = new Meters(name, metrics);
    this.#worker = new Worker(clock);
    this.left = new Promise((resolve) => (this.#leave = resolve));
  }

  /** How things are. Not to be changed. */
  get state(): State {
    if (this.#state === undefined) throw new Error(`the site ${this.name} does not run yet`);
    return this.#state;
  }

  /** What to tell a peer now. */
  message(): Message {
    return messageOf(this.state, this.#host.clock.now());
  }

  snapshot(): SiteSnapshot {
    return snapshotOf(this.state, this.#host.clock.now());
  }

  /** Reads what the disk keeps, and ends what an earlier daemon has left running. Nothing runs yet. Throws an `OperationalError`. */
  async open(): Promise<void> {
    if (this.#incarnation > 0) return;
    const { clock, log } = this.#host;
    this.#incarnation = await this.#store.open(clock.wall());
    const leftovers = await endLeftovers(dirname(this.#store.path), `${this.name}-`, this.#host);
    for (const command of leftovers) log.warning(`ended what an earlier daemon had left running: ${command}`);
  }

  /** Carries on through this block's hooks, under its settings: at the first time this is the site's start. */
  adopt(block: HaBlock): void {
    const before = this.#block?.settings;
    this.#block = block;
    for (const vpn of block.settings.vpns) this.#vpns.set(vpn.id, vpn);
    if (this.#state === undefined) this.#boot(block);
    else this.#reconfigure(this.#state, block, before?.replicaMode);
    this.#meters.show(this.state, () => this.state);
    this.take({ type: 'tick' });
  }

  #boot(block: HaBlock): void {
    const { clock } = this.#host;
    this.#offset = clock.wall() - clock.now();
    this.#lookedAt = clock.now();
    this.#beat = clock.every(limits.haBeatMs, () => this.#look());
    const { replicaMode } = block.settings;
    this.#settle(boot(configOf(block), { now: clock.now(), incarnation: this.#incarnation, replicaMode, saved: this.#store.saved }));
  }

  #reconfigure(state: State, block: HaBlock, modeBefore: ReplicaMode | undefined): void {
    const { removed, ...changed } = reconfigure(state, configOf(block), this.#host.clock.now(), this.#store.saved);
    this.#settle(changed);
    for (const vpn of removed) this.take({ type: 'command', command: { name: 'set_offline', vpn } });
    const mode = block.settings.replicaMode;
    // What an administrator has set meanwhile holds until the file says something new.
    if (modeBefore !== mode) this.take({ type: 'command', command: { name: 'set_replica_mode', mode } });
  }

  /** Something has happened. Its effects are under way when this returns, unless it was called from one of them. */
  take(happening: Happening): void {
    if (this.#halted || this.#state === undefined) return;
    if (!this.#busy && happening.type !== 'suspended') this.#noticeSleep();
    this.#queue.push(happening);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#step(next);
    } finally {
      this.#busy = false;
    }
    this.#setWake();
  }

  /**
   * Does what an administrator says; fulfilled when it is on the disk (not when it is done: look at the state).
   * @throws CommandError for a VPN that this site does not have
   */
  async command(command: Command): Promise<void> {
    if ('vpn' in command && this.state.vpns.every(({ id }) => id !== command.vpn)) throw new CommandError(`there is no VPN ${command.vpn} at ${this.name}`);
    if (this.#halted) throw new CommandError(`${this.name} is stopping`);
    const { name, ...about } = command;
    this.#note('info', `an administrator said ${[name, ...Object.values(about)].join(' ')}`);
    this.take({ type: 'command', command });
    await this.#store.flush();
  }

  /** If this block's generation is the one in force: begins nothing more. Sessions and routes stay as they are. */
  haltFor(block: HaBlock): void {
    if (this.#block === block) this.#halt();
  }

  /** After a halt: fulfilled when the work that was under way has ended, or has had its time. */
  async drained(): Promise<void> {
    if (!this.#halted) return;
    let timer: Timer | undefined;
    const patience = new Promise<void>((resolve) => (timer = this.#host.clock.after(limits.haDrainMs, resolve)));
    await Promise.race([this.#worker.idle(), patience]);
    this.#host.clock.cancel(timer);
  }

  /** Ends what work is still under way. Sessions and routes stay as they are. */
  async close(): Promise<void> {
    this.#halt();
    this.#worker.abortAll();
    await this.#worker.idle();
    this.#meters.close();
    await this.#store.flush();
  }

  #halt(): void {
    this.#halted = true;
    this.#host.clock.cancel(this.#wake);
    this.#host.clock.cancel(this.#beat);
  }

  #step(happening: Happening): void {
    const { clock, log } = this.#host;
    const before = this.state;
    let next: Step;
    try {
      next = step(before, { ...happening, now: clock.now() });
    } catch (error) {
      // The machine is pure: the state is as it was. What was begun and is not answered runs into its deadline.
      this.#meters.bugs.inc();
      return log.error(`the machine failed at ${happening.type}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    this.#meters.record(before, next.state);
    this.#settle(next);
    this.#dropRemoved();
  }

  #settle({ state, effects }: Step): void {
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  #dropRemoved(): void {
    const pruned = withoutRemoved(this.state);
    if (pruned === undefined) return;
    this.#state = pruned.state;
    for (const vpn of pruned.gone) {
      this.#note('info', `${vpn}: down, and gone from the configuration`);
      this.#vpns.delete(vpn);
      this.#watch(this.#store.forget(vpn), "can't keep the state");
    }
  }

  #carryOut(effect: Effect): void {
    const { hooks } = this.#block!;
    switch (effect.type) {
      case 'work':
        return this.#begin(effect);
      case 'abort':
        return this.#worker.abort(effect.vpn, effect.operation);
      case 'renewLease':
        return this.#renew(effect.vpn, effect.token);
      case 'releaseLease':
        return this.#watch(hooks.releaseLease.call({ vpn: this.#vpns.get(effect.vpn)!, token: effect.token }), `${effect.vpn}: its lease was not released`);
      case 'push':
        return this.#tell(() => hooks.push.call(this.message(), this.state));
      case 'persist':
        return this.#watch(this.#store.save(effect.vpn, effect.saved), "can't keep the state");
      case 'log':
        return this.#note(effect.level, effect.text);
      case 'exit':
        return this.#leave();
      default:
        return effect satisfies never;
    }
  }

  #begin(effect: Extract<Effect, { type: 'work' }>): void {
    const { vpn, operation, deadline, do: kind } = effect;
    const { hooks, settings } = this.#block!;
    const token = effect.do === 'addRoute' ? effect.token : 0;
    const route = effect.do === 'check' && effect.route;
    const outputFile = join(dirname(this.#store.path), `${this.name}-${vpn}.log`);
    if (kind === 'check') trimSessionOutput(outputFile);
    const order = { kind, vpn: this.#vpns.get(vpn)!, settings, outputFile, token, route, deadline };
    this.#worker.begin(order, operation, hooks, (full, outcome, durationMs) => {
      this.#meters.worked(full, outcome, durationMs);
      this.#tell(() => hooks.worked.call(full, { ...outcome, durationMs }));
      const { reason, lease } = outcome;
      // A session that may run is taken for one that does.
      const ok = outcome.ok || (kind === 'probe' && outcome.unsure === true);
      this.take({ type: 'result', vpn, operation, ok, ...(reason !== undefined && { reason }), ...(lease !== undefined && { lease }) });
    });
  }

  /** Tells plugins something; one that fails at it is no reason for anything else to stop. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#host.log.error(textOfError(error));
    }
  }

  #renew(vpn: string, token: number): void {
    const { clock } = this.#host;
    this.#watch(this.#worker.renew({ vpn: this.#vpns.get(vpn)!, token }, this.#block!.hooks, (renewal) => {
      if ('lost' in renewal) return this.take({ type: 'leaseLost', vpn, token, reason: renewal.lost });
      this.#meters.leaseMargin.observe((renewal.lease.validUntil - clock.now()) / 1000);
      this.take({ type: 'result', vpn, operation: 0, ok: true, lease: renewal.lease });
    }), `${vpn}: its lease was not renewed`);
  }

  /** Says so when something that nobody waits for fails. */
  #watch(done: Promise<unknown> | undefined, problem: string): void {
    done?.catch((error: unknown) => this.#note('warning', `${problem}: ${textOfError(error)}`));
  }

  #note(level: Entry['level'], text: string): void {
    const { clock, log } = this.#host;
    const entry = this.history.add(clock.wall(), level, text);
    log[level](text);
    this.#tell(() => this.#block?.hooks.event.call(entry, this.state));
  }

  /** Looks at the clocks: what the one counted and the other did not was a sleep of the whole host. */
  #look(): void {
    const { clock } = this.#host;
    const now = clock.now();
    this.#meters.loopDelay.observe(Math.max(0, now - this.#lookedAt - limits.haBeatMs) / 1000);
    this.#lookedAt = now;
    this.#noticeSleep();
    this.take({ type: 'tick' });
  }

  #noticeSleep(): void {
    const { clock } = this.#host;
    const offset = clock.wall() - clock.now();
    const jumpMs = offset - this.#offset;
    this.#offset = offset;
    if (jumpMs <= limits.haClockJumpMs) return;
    this.#meters.suspensions.inc();
    this.take({ type: 'suspended' });
  }

  /** One timer for the next moment at which the machine has something to do. */
  #setWake(): void {
    const { clock } = this.#host;
    clock.cancel(this.#wake);
    const delayMs = wakeAt(this.state) - clock.now();
    // The next look is sooner.
    if (delayMs < limits.haBeatMs) this.#wake = clock.after(Math.max(0, delayMs), () => this.take({ type: 'tick' }));
  }
}
