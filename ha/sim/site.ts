/** A simulated site: the daemon with the real machine in it, which can die, stand still or be slow; its disk; its guard; its part of the network. */
import type { Config, Effect, Event, Message, ReplicaMode, Saved, State } from '../machine/index.js';
import { Clock } from './clock.js';
import { LeaseClient, type Etcd } from './etcd.js';
import { Exchange } from './exchange.js';
import { Guard } from './guard.js';
import type { VpnHost } from './host.js';
import type { Machine } from './machine.js';
import type { Net } from './net.js';
import type { Queue } from './queue.js';
import type { Random } from './random.js';
import { pullMs } from './schedule.js';

/** Who watches what a site does. */
export interface Watch {
  stepped(site: Site, before: State, event: Event, after: State, effects: readonly Effect[]): void;
  sends(site: Site, message: Message): void;
}

export interface SiteOptions {
  readonly machine: Machine;
  readonly config: Config;
  readonly index: number;
  readonly driftPpm: number;
  readonly replicaMode: ReplicaMode;
  readonly queue: Queue;
  readonly random: Random;
  readonly net: Net;
  readonly etcd: Etcd;
  readonly watch: Watch;
}

/** An event, once its time is known. */
type Happening = (now: number) => Event;

export class Site {
  readonly name: string;
  readonly index: number;
  readonly clock: Clock;
  readonly guard: Guard;
  readonly hosts: VpnHost[] = [];
  /** Set once the world is complete: all others, whether the configuration has them or not. */
  peers: readonly Site[] = [];
  /** What its files say now. */
  config: Config;
  /** Nobody has set it up yet. */
  isAbsent = false;
  state: State | undefined;
  incarnation = 0;
  /** Has said goodbye after `shutdown`. */
  hasLeft = false;
  isPaused = false;
  isFrozen = false;
  lagMs = 0;
  /** True time of the last start, of the last moment at which the daemon stood still, and at which its host did. */
  startedAt = 0;
  stoodStillAt = -Infinity;
  thawedAt = -Infinity;
  #wakeAt = Infinity;
  #inbox: (() => void)[] = [];
  readonly #saved: Record<string, Saved> = {};
  readonly #o: SiteOptions;
  #leases: LeaseClient;
  readonly #exchange: Exchange;

  constructor(options: SiteOptions) {
    this.#o = options;
    this.config = options.config;
    this.name = options.config.site;
    this.index = options.index;
    this.clock = new Clock(options.driftPpm);
    this.guard = new Guard(options.queue, new Clock(options.driftPpm), this.hosts);
    this.#leases = this.#newLeases();
    this.#exchange = new Exchange(this, options.net);
  }

  get isRunning(): boolean {
    return this.state !== undefined;
  }

  get isAwake(): boolean {
    return this.state !== undefined && !this.isPaused && !this.isFrozen;
  }

  start(): void {
    const { machine, replicaMode, queue, random } = this.#o;
    this.incarnation++;
    this.clock.begin(Math.floor(random() * 1e6));
    this.hasLeft = false;
    this.startedAt = queue.now;
    this.#inbox = [];
    this.#wakeAt = Infinity;
    this.#leases = this.#newLeases();
    const { state, effects } = machine.boot(this.config, { now: this.mono(), incarnation: this.incarnation, replicaMode, saved: { ...this.#saved } });
    this.state = state;
    this.#carryOut(effects);
    this.#arm();
    for (const peer of this.peers) this.atClock(this.mono() + random() * pullMs * (this.incarnation === 1 ? 1 : 0.1), () => this.#exchange.pull(peer, 1));
  }

  /** Memory is lost; session, route and guard stay. */
  crash(): void {
    this.state = undefined;
    this.#inbox = [];
    for (const host of this.hosts) host.orphan();
  }

  /** Takes the configuration that its files have now. */
  reload(): void {
    this.enqueue(() => {
      if (this.state === undefined) return;
      const { state, effects } = this.#o.machine.reconfigure(this.state, this.config, this.mono(), this.#saved);
      this.state = state;
      this.#carryOut(effects);
      this.#step((now) => ({ now, type: 'tick' }));
    });
  }

  /** Whether the configuration that the daemon runs with has another site. */
  knows({ name }: Site): boolean {
    return this.state?.config.sites.includes(name) ?? false;
  }

  /** Goes on after a pause: what came meanwhile comes now. */
  goOn(): void {
    for (const run of this.#inbox.splice(0)) this.enqueue(run);
  }

  tell(happening: Happening): void {
    this.enqueue(() => this.#step(happening));
  }

  /** Something happens in the daemon: now, or when it runs again; never, if it dies before. */
  enqueue(run: () => void): void {
    if (this.state === undefined) return;
    if (this.isPaused || this.isFrozen) return void this.#inbox.push(run);
    if (this.lagMs === 0) return run();
    // One that is slow does nothing for a while, and then everything in order.
    const incarnation = this.incarnation;
    const { queue } = this.#o;
    queue.at(Math.ceil((queue.now + 1) / this.lagMs) * this.lagMs, () => {
      if (incarnation !== this.incarnation || this.state === undefined) return;
      if (this.isPaused || this.isFrozen) this.#inbox.push(run);
      else run();
    });
  }

  atClock(moment: number, run: () => void): void {
    const incarnation = this.incarnation;
    const { queue } = this.#o;
    queue.at(this.clock.whenReads(moment), () => {
      if (incarnation !== this.incarnation) return;
      if (!this.isFrozen && this.mono() < moment - 1) this.atClock(moment, run);
      else this.enqueue(run);
    });
  }

  /** For a script's end: of this daemon, not of one before it. */
  ended(vpn: string, operation: number, ok: boolean, reason: string): void {
    this.tell((now) => ({ now, type: 'result', vpn, operation, ok, reason }));
  }

  receive(message: Message): void {
    this.#step((now) => ({ now, type: 'message', message }));
  }

  message(): Message {
    const message = this.#o.machine.messageOf(this.state!, this.mono());
    this.#o.watch.sends(this, message);
    return message;
  }

  /** What its clock reads now. */
  mono(): number {
    return this.clock.read(this.#o.queue.now);
  }

  #newLeases(): LeaseClient {
    const incarnation = this.incarnation;
    return new LeaseClient(this.#o.etcd, {
      name: this.name, clock: this.clock,
      enqueue: (run) => {
        if (incarnation === this.incarnation) this.enqueue(run);
      },
    });
  }

  #step(happening: Happening): void {
    const before = this.state;
    if (before === undefined) return;
    const event = happening(this.mono());
    const { state, effects } = this.#o.machine.step(before, event);
    this.state = state;
    this.#o.watch.stepped(this, before, event, state, effects);
    this.#feedGuard(before, state);
    this.#carryOut(effects);
    this.#arm();
  }

  #feedGuard(before: State, { vpns }: State): void {
    for (let i = 0; i < vpns.length; i++) {
      const { lease, phase } = vpns[i]!;
      if (lease !== undefined && lease !== before.vpns[i]!.lease) this.guard.feed(i, lease.validUntil - this.mono());
      else if (phase === 'down' && before.vpns[i]!.phase !== 'down') this.guard.dismiss(i);
    }
  }

  #arm(): void {
    if (this.state === undefined) return;
    const { queue, machine } = this.#o;
    const at = Math.ceil(this.clock.whenReads(machine.wakeAt(this.state)));
    if (this.#wakeAt > queue.now && this.#wakeAt <= at) return;
    this.#wakeAt = at;
    const incarnation = this.incarnation;
    queue.at(at, () => {
      if (this.#wakeAt !== at || incarnation !== this.incarnation) return;
      this.#wakeAt = Infinity;
      this.enqueue(() => {
        if (this.state !== undefined && machine.wakeAt(this.state) <= this.mono() + 1) this.#step((now) => ({ now, type: 'tick' }));
        else this.#arm();
      });
    });
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'work':
          this.#work(effect);
          break;
        case 'abort':
          this.#abort(effect);
          break;
        case 'renewLease':
          this.#leases.renew(effect.vpn, effect.token, (lease) => this.tell((now) => (lease === undefined
            ? { now, type: 'leaseLost', vpn: effect.vpn, token: effect.token, reason: 'etcd says so' }
            : { now, type: 'result', vpn: effect.vpn, operation: 0, ok: true, lease })));
          break;
        case 'releaseLease':
          this.#leases.release(effect.vpn, effect.token);
          break;
        case 'push':
          this.#exchange.push();
          break;
        case 'persist':
          this.#saved[effect.vpn] = effect.saved;
          break;
        case 'exit':
          this.hasLeft = true;
          this.crash();
          break;
        case 'log':
          break;
        default:
          effect satisfies never;
      }
    }
  }

  #work(effect: Extract<Effect, { type: 'work' }>): void {
    const { vpn, operation, deadline } = effect;
    if (effect.do !== 'acquireLease') {
      this.hosts[this.#vpnIndex(vpn)]!.run(effect.do, operation, deadline, effect.do === 'addRoute' ? effect.token : 0, effect.do === 'check' && effect.route);
      return;
    }
    this.#leases.acquire(vpn, (lease) => this.tell((now) => (lease === undefined
      ? { now, type: 'result', vpn, operation, ok: false, reason: 'another site has its lease' } : { now, type: 'result', vpn, operation, ok: true, lease })));
    this.atClock(deadline, () => this.#step((now) => ({ now, type: 'result', vpn, operation, ok: false, reason: 'etcd did not answer' })));
  }

  #abort({ vpn, operation }: Extract<Effect, { type: 'abort' }>): void {
    const host = this.hosts[this.#vpnIndex(vpn)]!;
    if (host.running !== undefined) host.abort(operation);
    else this.atClock(this.mono() + 1, () => this.ended(vpn, operation, false, 'aborted'));
  }

  #vpnIndex(vpn: string): number {
    return this.state!.vpns.findIndex(({ id }) => id === vpn);
  }
}
