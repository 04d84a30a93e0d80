import test from 'ava';
import { boot, messageOf, step, type Config, type Effect, type Event, type State, type Timing } from './index.js';

const timing: Timing = {
  checkIntervalMs: 1000, checkTimeoutMs: 1000, checkRetries: 1, failureRetries: 1, onlineCheckDelayMs: 500, proveTimeoutMs: 5000, failedStatusMs: 0,
  aliveMs: 5000, settleMs: 3000, startTimeoutMs: 10_000, stopTimeoutMs: 5000, routeTimeoutMs: 1000, backoffMs: 10_000, backoffMaxMs: 600_000,
  stableMs: 600_000, stallMs: 2000, stopBudgetMs: 1500, renewMs: 1500,
};

const configOf = (site: string, more: Partial<Config> = {}): Config => ({
  site, sites: ['a', 'b', 'c'], vpns: [{ id: 'v', priority: ['a', 'b', 'c'] }], hash: 'x', agree: 'peers', partition: 'available', timing, ...more,
});

/** One site in a test: every piece of work succeeds unless the test says otherwise. */
class Site {
  state: State;
  now = 1000;
  readonly done: string[] = [];
  /** Work that fails, or that the test answers itself. */
  readonly failing = new Set<string>();

  constructor(config: Config, session = false) {
    if (!session) this.failing.add('probe');
    const { state, effects } = boot(config, { now: this.now, incarnation: 1, replicaMode: 'Auto', saved: {} });
    this.state = state;
    this.#carryOut(effects);
  }

  get vpn() {
    return this.state.vpns[0]!;
  }

  do(event: Event extends infer E ? (E extends Event ? Omit<E, 'now'> : never) : never): void {
    const { state, effects } = step(this.state, { ...event, now: this.now } as Event);
    this.state = state;
    this.#carryOut(effects);
  }

  wait(ms: number): void {
    for (let waited = 0; waited < ms; waited += 100) {
      this.now += 100;
      this.do({ type: 'tick' });
    }
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'work') continue;
      this.done.push(effect.do);
      this.do({ type: 'result', vpn: effect.vpn, operation: effect.operation, ok: !this.failing.has(effect.do) });
    }
  }
}

/** Two sites tell each other how things are. */
function talk(...sites: Site[]): void {
  const now = Math.max(...sites.map((site) => site.now));
  for (const site of sites) site.now = now;
  for (let round = 0; round < 2; round++) {
    for (const from of sites) for (const to of sites) if (from !== to) to.do({ type: 'message', message: messageOf(from.state, now) });
  }
}

test('the first site of the list brings a VPN online that nobody has: a clean place, session, proof, route', (t) => {
  const a = new Site(configOf('a'));
  a.do({ type: 'unreachable', site: 'b' });
  a.do({ type: 'unreachable', site: 'c' });
  a.wait(1000);
  t.is(a.vpn.status, 'Online');
  t.deepEqual(a.done.slice(0, 6), ['probe', 'removeRoute', 'stop', 'start', 'check', 'addRoute']);
});

test('of three that start together the first takes it and the others are replicas', (t) => {
  const sites = ['a', 'b', 'c'].map((site) => new Site(configOf(site)));
  for (let i = 0; i < 20; i++) {
    talk(...sites);
    for (const site of sites) site.wait(500);
  }
  t.deepEqual(sites.map(({ vpn }) => vpn.status), ['Online', 'Replica', 'Replica']);
});

test('when the holder goes silent the next one takes it over, with a higher epoch', (t) => {
  const [a, b, c] = ['a', 'b', 'c'].map((site) => new Site(configOf(site))) as [Site, Site, Site];
  for (let i = 0; i < 20; i++) {
    talk(a, b, c);
    for (const site of [a, b, c]) site.wait(500);
  }
  for (let i = 0; i < 20; i++) {
    talk(b, c);
    for (const site of [b, c]) site.wait(500);
  }
  t.deepEqual([b.vpn.status, c.vpn.status], ['Online', 'Replica']);
  t.true(b.vpn.epoch > a.vpn.epoch);
  // When the first comes back, the one with the lower epoch yields.
  for (let i = 0; i < 20; i++) {
    talk(a, b, c);
    for (const site of [a, b, c]) site.wait(500);
  }
  t.deepEqual([a, b, c].map(({ vpn }) => vpn.status), ['Replica', 'Online', 'Replica']);
  t.deepEqual(a.done.slice(-2), ['removeRoute', 'stop']);
});
