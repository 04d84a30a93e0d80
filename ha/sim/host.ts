/** A VPN on a simulated host: its session, its route, and the scripts that change them, each of which may do something else than it should. */
import type { Queue } from './queue.js';
import { between, type Random } from './random.js';
import type { Behaviour, ScriptKind } from './schedule.js';

/** What a VPN's host has around it. */
export interface Surroundings {
  readonly queue: Queue;
  readonly random: Random;
  behaviour(work: ScriptKind): Behaviour;
  /** What a check says, given the truth. */
  answer(truth: boolean): boolean;
  /** Whether the provider can be reached. */
  connected(): boolean;
  /** A session has come up: the provider may end an older one elsewhere. */
  loggedIn(): void;
  /** Session or route has changed. */
  changed(): void;
  /** A script begins; the one before should have ended. */
  begins(work: ScriptKind): void;
  /** Runs something in the daemon when its clock reads so: not while it stands still, never after it has died. */
  atClock(moment: number, run: () => void): void;
  ended(operation: number, ok: boolean, reason: string): void;
}

interface Script {
  readonly work: ScriptKind;
  readonly operation: number;
  readonly behaviour: Behaviour;
  readonly token: number;
  readonly readsRoute: boolean;
}

const durations: Record<ScriptKind, readonly [number, number]> = {
  probe: [20, 200], start: [500, 3000], check: [20, 200], addRoute: [20, 100], removeRoute: [20, 100], stop: [100, 1000],
};

export class VpnHost {
  session = false;
  /** The provider has not ended it. */
  loggedIn = false;
  /** The token that the route was put in place with. */
  route: number | undefined;
  running: Script | undefined;
  /** A removal has failed, hung or lied, and none has succeeded since: what is there against the rules is no fault of the daemon. */
  excused = false;
  /** A removal has said that it succeeded and has not. */
  wasLiedTo = false;
  /** A stop has ended well since the last start. */
  isClean = false;
  /** True time of the last check or probe that succeeded. */
  provenAt = -Infinity;
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  run(work: ScriptKind, operation: number, deadline: number, token: number, readsRoute: boolean): void {
    const { queue, random } = this.#around;
    this.#around.begins(work);
    const script: Script = { work, operation, token, readsRoute, behaviour: this.#around.behaviour(work) };
    this.running = script;
    if (work === 'start') this.isClean = false;
    this.#around.atClock(deadline, () => this.#kill(script, 'killed at its deadline'));
    if (script.behaviour === 'hang') return;
    const [low, high] = durations[work];
    queue.after(script.behaviour === 'slow' ? between(random, 2000, 20_000) : between(random, low, high), () => this.#finish(script));
  }

  /** Ends a script on the daemon's word. A check is gone at once, what changes something takes a moment to die. */
  abort(operation: number): void {
    const script = this.running;
    if (script === undefined || script.operation !== operation) return;
    if (script.work === 'check' || script.work === 'probe') return this.#kill(script, 'aborted');
    this.#around.queue.after(between(this.#around.random, 20, 200), () => this.#kill(script, 'aborted'));
  }

  /** The daemon dies, and its scripts with it: the service manager sees to that. */
  orphan(): void {
    if (this.running !== undefined) this.#kill(this.running, 'its daemon has died');
  }

  /** Whether there is anything that a guard would take away. */
  get isUp(): boolean {
    return this.session || this.route !== undefined || this.running?.work === 'start' || this.running?.work === 'addRoute';
  }

  /** The guard's way down: what takes away it lets be, what brings up it ends. */
  takeDown(): void {
    if (this.running?.work === 'start' || this.running?.work === 'addRoute') this.#kill(this.running, 'ended by the guard');
    const { queue, random } = this.#around;
    this.#apply({ work: 'removeRoute' }, this.#around.behaviour('removeRoute'));
    queue.after(between(random, 100, 1000), () => this.#apply({ work: 'stop' }, this.#around.behaviour('stop')));
  }

  reboot(): void {
    this.running = undefined;
    this.session = this.loggedIn = this.excused = this.wasLiedTo = false;
    this.route = undefined;
    this.#around.changed();
  }

  flush(): void {
    this.route = undefined;
    this.#around.changed();
  }

  die(): void {
    this.session = false;
    this.#around.changed();
  }

  #finish(script: Script): void {
    if (this.running !== script) return;
    this.running = undefined;
    const ok = this.#apply(script, script.behaviour);
    if (script.behaviour !== 'silent') this.#around.ended(script.operation, ok, `${script.work} ended with an error`);
  }

  #kill(script: Script, reason: string): void {
    if (this.running !== script) return;
    this.running = undefined;
    // Half-way through nobody knows how far it came.
    this.#apply(script, this.#around.random() < 0.5 ? 'half' : 'fail');
    this.#around.ended(script.operation, false, reason);
  }

  /** What a script does, and whether it says that it succeeded. */
  #apply({ work, token, readsRoute }: Pick<Script, 'work'> & Partial<Script>, behaviour: Behaviour): boolean {
    const isDone = behaviour !== 'fail' && behaviour !== 'nothing';
    const ok = isDone ? behaviour !== 'half' : behaviour === 'nothing';
    if (work === 'check' || work === 'probe') return this.#examine(ok, readsRoute === true);
    if (isDone) this.#change(work, token);
    if (work === 'stop' || work === 'removeRoute') {
      if (!isDone || !ok) this.excused = true;
      if (ok && !isDone) this.wasLiedTo = true;
      if (work === 'stop' && ok) this.isClean = true;
      if (!this.session && this.route === undefined) this.wasLiedTo = false;
      if (work === 'stop' && isDone && this.route === undefined) this.excused = false;
    }
    this.#around.changed();
    return ok;
  }

  #change(work: ScriptKind, token: number | undefined): void {
    if (work === 'start' && !this.session) {
      this.session = this.loggedIn = true;
      this.#around.loggedIn();
    }
    if (work === 'stop') this.session = this.loggedIn = false;
    if (work === 'addRoute') this.route = token;
    if (work === 'removeRoute') this.route = undefined;
  }

  #examine(ran: boolean, readsRoute: boolean): boolean {
    const { queue } = this.#around;
    const ok = ran && this.#around.answer(this.works() && (!readsRoute || this.route !== undefined));
    if (ok) this.provenAt = queue.now;
    return ok;
  }

  /** Whether traffic gets through. */
  works(): boolean {
    return this.session && this.loggedIn && this.isConnected;
  }

  /** Whether its provider can be reached. */
  get isConnected(): boolean {
    return this.#around.connected();
  }
}
