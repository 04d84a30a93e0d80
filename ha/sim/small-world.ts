/** A world small enough to try everything that can happen in it: two or three sites, one VPN, and no chance: every turn of events is a move of its own. */
import type { Config, Effect, Event, Message, Saved, State, Timing } from '../machine/index.js';
import type { Machine } from './machine.js';

/** Short and round, so that many paths lead to the same state. */
const timing: Timing = {
  checkIntervalMs: 10_000, checkTimeoutMs: 2000, checkRetries: 1, failureRetries: 1, onlineCheckDelayMs: 2000, proveTimeoutMs: 4000, failedStatusMs: 60_000,
  aliveMs: 20_000, settleMs: 6000, startTimeoutMs: 8000, stopTimeoutMs: 4000, routeTimeoutMs: 2000, backoffMs: 10_000, backoffMaxMs: 20_000,
  stableMs: 60_000, stallMs: 10_000, stopBudgetMs: 6000, renewMs: 4000,
};

export interface SmallSite {
  readonly state: State | undefined;
  readonly incarnation: number;
  readonly saved: Saved | undefined;
  readonly session: boolean;
  readonly route: boolean;
}

interface Flight {
  readonly source: number;
  readonly target: number;
  readonly message: Message;
}

/** Never changed: a move makes a new one that shares what stays. */
export interface SmallWorld {
  readonly now: number;
  readonly sites: readonly SmallSite[];
  readonly flights: readonly Flight[];
  /** Directed links, as source × sites + target. */
  readonly cuts: readonly number[];
  /** Crashes and cuts that may still come. */
  readonly troubles: number;
}

/** A site may be looked at so much later than another that was due before it. */
const latenessMs = 5000;

/** Messages under way on one link: two can overtake each other. */
const flightsMax = 2;

export type Move =
  | { readonly do: 'tick' | 'crash' | 'restart'; readonly site: number }
  | { readonly do: 'script'; readonly site: number; readonly ok: boolean }
  | { readonly do: 'say' | 'cut' | 'heal'; readonly source: number; readonly target: number }
  | { readonly do: 'deliver' | 'drop' | 'repeat'; readonly flight: number };

/** An invariant does not hold after a move. */
export class Broken extends Error {}

export class Rules {
  readonly #machine: Machine;
  readonly #names: readonly string[];

  constructor(machine: Machine, sites: number) {
    this.#machine = machine;
    this.#names = ['a', 'b', 'c'].slice(0, sites);
  }

  /** Every site starts; nothing has been said yet. */
  first(troubles: number): SmallWorld {
    const nobody: SmallSite = { state: undefined, incarnation: 0, saved: undefined, session: false, route: false };
    const empty: SmallWorld = { now: 0, sites: this.#names.map(() => nobody), flights: [], cuts: [], troubles };
    return this.#names.reduce((world, _, site) => this.#boot(world, site), empty);
  }

  moves({ sites, flights, cuts, troubles }: SmallWorld): Move[] {
    const moves: Move[] = [];
    const first = Math.min(...sites.map((site) => this.#wakeAt(site)));
    sites.forEach((each, site) => {
      const { state } = each;
      if (state === undefined) return void moves.push({ do: 'restart', site });
      if (this.#wakeAt(each) <= first + latenessMs) moves.push({ do: 'tick', site });
      if (state.vpns[0]!.operation !== undefined) moves.push({ do: 'script', site, ok: true }, { do: 'script', site, ok: false });
      if (troubles > 0) moves.push({ do: 'crash', site });
      for (let target = 0; target < sites.length; target++) {
        if (target === site) continue;
        const isCut = cuts.includes(linkOf({ sites }, { source: site, target }));
        if (isCut) moves.push({ do: 'heal', source: site, target });
        else moves.push({ do: 'say', source: site, target }, ...(troubles > 0 ? [{ do: 'cut' as const, source: site, target }] : []));
      }
    });
    flights.forEach((_, flight) => moves.push({ do: 'deliver', flight }, { do: 'drop', flight }, { do: 'repeat', flight }));
    return moves;
  }

  /** Throws Broken, or whatever the machine throws. */
  play(world: SmallWorld, move: Move): SmallWorld {
    switch (move.do) {
      case 'tick':
        return this.#tick(world, move.site);
      case 'crash':
        return { ...this.#with(world, move.site, { state: undefined }), troubles: world.troubles - 1 };
      case 'restart':
        return this.#boot(world, move.site);
      case 'script':
        return this.#script(world, move.site, move.ok);
      case 'say':
        return this.#say(world, move.source, move.target);
      case 'cut':
        return { ...world, cuts: [...world.cuts, linkOf(world, move)].sort((one, other) => one - other), troubles: world.troubles - 1 };
      case 'heal':
        return { ...world, cuts: world.cuts.filter((link) => link !== linkOf(world, move)) };
      default: {
        const { target, message } = world.flights[move.flight]!;
        const left = move.do === 'repeat' ? world : { ...world, flights: world.flights.toSpliced(move.flight, 1) };
        return move.do === 'drop' ? left : this.#step(left, target, { type: 'message', message, now: world.now });
      }
    }
  }

  #wakeAt({ state }: SmallSite): number {
    return state === undefined ? Infinity : Math.ceil(this.#machine.wakeAt(state));
  }

  /** The site that is due first. */
  due({ sites }: SmallWorld): number {
    return sites.reduce((best, each, site) => (this.#wakeAt(each) < this.#wakeAt(sites[best]!) ? site : best), 0);
  }

  #boot(world: SmallWorld, site: number): SmallWorld {
    const { saved, incarnation } = world.sites[site]!;
    const config: Config = {
      site: this.#names[site]!, sites: this.#names, vpns: [{ id: 'v', priority: this.#names }], hash: 'x', agree: 'peers', partition: 'available', timing,
    };
    const { state, effects } = this.#machine.boot(config, {
      now: world.now, incarnation: incarnation + 1, replicaMode: 'Auto', saved: saved === undefined ? {} : { v: saved },
    });
    return this.#carryOut(this.#with(world, site, { state, incarnation: incarnation + 1 }), site, effects);
  }

  /** Time goes on to the moment that a site waits for. */
  #tick(world: SmallWorld, site: number): SmallWorld {
    const now = Math.max(world.now, this.#wakeAt(world.sites[site]!));
    return this.#step({ ...world, now }, site, { type: 'tick', now });
  }

  #script(world: SmallWorld, site: number, ok: boolean): SmallWorld {
    const { state, session } = world.sites[site]!;
    const { id, kind } = state!.vpns[0]!.operation!;
    const isUp = kind === 'start' || kind === 'addRoute';
    // Half done: what was to come up is up although its script failed.
    const done = ok || isUp;
    const change = kind === 'start' || kind === 'stop' ? { session: done ? isUp : session }
      : done && (kind === 'addRoute' || kind === 'removeRoute') ? { route: isUp } : {};
    const result = kind === 'probe' || kind === 'check' ? ok && session : ok;
    return this.#step(this.#with(world, site, change), site, { type: 'result', vpn: 'v', operation: id, ok: result, now: world.now });
  }

  #say(world: SmallWorld, source: number, target: number): SmallWorld {
    const { state, session, route } = world.sites[source]!;
    const message = this.#machine.messageOf(state!, world.now);
    if ((session || route) && !message.vpns['v']!.claim) throw new Broken('S6: a site says that it has let go of what it has');
    if (world.cuts.includes(linkOf(world, { source, target }))) return world;
    const older = world.flights.filter((flight) => flight.source === source && flight.target === target);
    const flights = older.length < flightsMax ? world.flights : world.flights.filter((flight) => flight !== older[0]);
    return { ...world, flights: [...flights, { source, target, message }] };
  }

  #step(world: SmallWorld, site: number, event: Event): SmallWorld {
    const before = world.sites[site]!.state;
    if (before === undefined) return world;
    const { state, effects } = this.#machine.step(before, event);
    return this.#carryOut(this.#with(world, site, { state }), site, effects);
  }

  #carryOut(world: SmallWorld, site: number, effects: readonly Effect[]): SmallWorld {
    let after = world;
    for (const effect of effects) {
      if (effect.type === 'persist') after = this.#with(after, site, { saved: effect.saved });
      if (effect.type === 'push') for (let target = 0; target < world.sites.length; target++) if (target !== site) after = this.#say(after, site, target);
      if (effect.type === 'work' && effect.do === 'start' && after.sites[site]!.session) throw new Broken('S4: a start while a session runs');
      if (effect.type === 'work' && effect.do === 'stop' && after.sites[site]!.route) throw new Broken('S3: a stop under a route');
    }
    return after;
  }

  #with(world: SmallWorld, site: number, change: Partial<SmallSite>): SmallWorld {
    return { ...world, sites: world.sites.with(site, { ...world.sites[site]!, ...change }) };
  }
}

const linkOf = ({ sites }: Pick<SmallWorld, 'sites'>, { source, target }: { readonly source: number; readonly target: number }): number =>
  source * sites.length + target;
