/** For tests: one machine, its host played by the test, and peers that say what the test wants. */
import {
  boot, messageOf, step, type Command, type Config, type Effect, type Event, type Lease, type Message, type ReplicaMode, type Saved, type SiteStatus,
  type State, type Timing, type Vpn, type VpnReport, type Work,
} from './index.js';

export const timing: Timing = {
  checkIntervalMs: 1000, checkTimeoutMs: 1000, checkRetries: 1, failureRetries: 1, onlineCheckDelayMs: 500, proveTimeoutMs: 5000, failedStatusMs: 20_000,
  aliveMs: 5000, settleMs: 3000, startTimeoutMs: 10_000, stopTimeoutMs: 5000, routeTimeoutMs: 1000, backoffMs: 10_000, backoffMaxMs: 60_000,
  stableMs: 60_000, stallMs: 2000, stopBudgetMs: 1500, renewMs: 1500,
};

export const configOf = (site: string, more: Partial<Config> = {}): Config => ({
  site, sites: ['a', 'b', 'c'], vpns: [{ id: 'v', priority: ['a', 'b', 'c'] }], hash: 'x', agree: 'peers', partition: 'available', timing, ...more,
});

type Do = Work['do'];
type Happening = Event extends infer E ? (E extends Event ? Omit<E, 'now'> : never) : never;

export interface Options extends Partial<Config> {
  /** A session that works runs already. */
  readonly session?: boolean;
  readonly saved?: Saved;
  readonly replicaMode?: ReplicaMode;
}

/** One site. Work succeeds at once, unless the test says otherwise. */
export class Site {
  state: State;
  now = 1000;
  /** The work that was begun, in order. */
  readonly done: Do[] = [];
  readonly effects: Effect[] = [];
  /** Work that fails, and work that the test answers itself. */
  readonly failing = new Set<Do>();
  readonly holding = new Set<Do>();
  /** What `acquireLease` gives; nothing: it is refused. */
  leaseMs: number | undefined = 10_000;
  #token = 0;

  constructor(name: string, { session = false, saved, replicaMode = 'Auto', ...config }: Options = {}) {
    if (!session) this.failing.add('probe');
    const { state, effects } = boot(configOf(name, config), { now: this.now, incarnation: 1, replicaMode, saved: saved === undefined ? {} : { v: saved } });
    this.state = state;
    this.#carryOut(effects);
  }

  get vpn(): Vpn {
    return this.state.vpns[0]!;
  }

  get status(): string {
    return this.vpn.status;
  }

  do(event: Happening): void {
    const { state, effects } = step(this.state, { ...event, now: this.now } as Event);
    this.state = state;
    this.#carryOut(effects);
  }

  command(name: Command['name'] & `set_o${string}` | 'set_replica' | 'restart'): void {
    this.do({ type: 'command', command: { name, vpn: 'v' } });
  }

  /** Time goes by, in tenths of a second. */
  wait(ms: number): void {
    for (let waited = 0; waited < ms; waited += 100) {
      this.now += 100;
      this.do({ type: 'tick' });
    }
  }

  /** The same, and the peers go on saying what they say. */
  waitWith(ms: number, ...messages: (() => Message)[]): void {
    for (let waited = 0; waited < ms; waited += 500) {
      for (const message of messages) this.do({ type: 'message', message: message() });
      this.wait(500);
    }
  }

  /** Answers the work under way. */
  answer(ok: boolean, lease?: Lease): void {
    this.do({ type: 'result', vpn: 'v', operation: this.vpn.operation!.id, ok, ...(lease === undefined ? {} : { lease }) });
  }

  /** Nobody else is there: the start ends. */
  alone(): this {
    for (const { site } of this.state.peers) this.do({ type: 'unreachable', site });
    return this;
  }

  /** What it says of the VPN. */
  says(): VpnReport {
    return messageOf(this.state, this.now).vpns['v']!;
  }

  /** Effects of a type, since the last look. */
  take<T extends Effect['type']>(type: T): Extract<Effect, { type: T }>[] {
    const found = this.effects.filter((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
    this.effects.length = 0;
    return found;
  }

  #carryOut(effects: readonly Effect[]): void {
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.type === 'abort') this.#end(effect.operation, false);
      if (effect.type !== 'work') continue;
      this.done.push(effect.do);
      if (!this.holding.has(effect.do)) this.#end(effect.operation, !this.failing.has(effect.do), effect.do);
    }
  }

  #end(operation: number, ok: boolean, work?: Do): void {
    if (work !== 'acquireLease') return this.do({ type: 'result', vpn: 'v', operation, ok });
    if (this.leaseMs === undefined) return this.do({ type: 'result', vpn: 'v', operation, ok: false, reason: 'another site has its lease' });
    this.do({ type: 'result', vpn: 'v', operation, ok: true, lease: { token: ++this.#token, validUntil: this.now + this.leaseMs } });
  }
}

export interface Saying extends Partial<VpnReport> {
  readonly site?: SiteStatus;
  readonly hash?: string;
  readonly sees?: readonly string[];
  readonly others?: Message['others'];
}

/** A peer as the test wants it: each message is newer than the last, and answers what `to` has just said. */
export function peerOf(to: Site, name: string, saying: Saying = {}): () => Message {
  let seq = 0;
  return () => {
    const { site: status = 'Online', hash = 'x', sees = [], others = [], ...report } = saying;
    seq++;
    const vpn: VpnReport = { status: 'Replica', epoch: 0, claim: false, forced: false, ready: false, stuck: false, leaving: false, ...report };
    return {
      site: name, incarnation: 1 + (saying.epoch ?? 0), seq, status, replicaMode: 'Auto', hash, sees, vpns: { v: vpn }, sentAt: to.now,
      heard: { [to.state.config.site]: { incarnation: to.state.incarnation, sentAt: to.now, seq: to.state.seq } }, others,
    };
  };
}

/** Sites tell each other how things are. */
export function talk(...sites: Site[]): void {
  const now = Math.max(...sites.map((site) => site.now));
  for (const site of sites) site.now = now;
  for (let round = 0; round < 2; round++) {
    for (const from of sites) for (const to of sites) if (from !== to) to.do({ type: 'message', message: messageOf(from.state, now) });
  }
}

/** Sites live together for a while. */
export function live(ms: number, ...sites: Site[]): void {
  for (let lived = 0; lived < ms; lived += 500) {
    talk(...sites);
    for (const site of sites) site.wait(500);
  }
}
