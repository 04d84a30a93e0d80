/** Makes a schedule from a seed, as a swarm does: each has some kinds of faults and not others, some often and some seldom. */
import { vpnNames, type Behaviour, type Fault, type Schedule, type ScriptKind } from './schedule.js';
import { between, derive, logUniform, pick, randomFrom, whole, type Random } from './random.js';

/** What the caller wants to be so; the rest is drawn. */
export interface Wishes {
  readonly sites?: number;
  readonly vpns?: number;
}

const minute = 60_000;
const warmUpMs = 60_000;

/** One fault of a kind, from a moment on. */
type Maker = (random: Random, schedule: Pick<Schedule, 'sites' | 'vpns'>, from: number) => readonly Fault[];

export function generate(seed: number, wishes: Wishes = {}): Schedule {
  const random = randomFrom(derive(seed, 0));
  const sites = wishes.sites ?? pick(random, [2, 2, 3, 3, 3, 3, 4, 5]);
  const vpns = wishes.vpns ?? pick(random, [1, 1, 1, 1, 2, 2, 3, 4]);
  const agree = random() < 0.5 ? 'peers' : 'lease';
  // Mostly short: what can go wrong mostly does so soon.
  const minutes = random() < 0.03 ? between(random, 10, 60) : logUniform(random, 2, 12);
  const healAt = warmUpMs + minutes * minute;
  const density = between(random, 0.1, 0.8);
  const outside = sites >= 3 && random() < 0.3 ? drawOutside(random, sites) : [];
  const kinds = Object.entries(makers).filter(([name]) => random() < density && (agree === 'lease' || !name.startsWith('etcd')) &&
    // A core is to be a majority of all sites.
    (outside.length === 0 || name !== 'shutdown'));
  const faults = kinds.flatMap(([, make]) => {
    const count = Math.max(1, Math.round(logUniform(random, 0.1, 4) * Math.min(minutes, 20)));
    return Array.from({ length: count }, () => make(random, { sites, vpns }, between(random, random() < 0.1 ? 0 : warmUpMs, healAt))).flat();
  });
  const rollOut = outside.length === 0 && random() < 0.25 ? pick(random, sites >= 3 ? ['order', 'join', 'leave'] as const : ['order'] as const) : undefined;
  const hasAllSites = rollOut === undefined || rollOut === 'order';
  const base = {
    seed, sites, vpns, agree, ...(rollOut && { rollOut }),
    // What a majority is must not change on the way.
    partition: random() < 0.8 || !hasAllSites ? 'available' : 'majority',
    replicaMode: pick(random, ['Auto', 'Auto', 'Auto', 'Auto', 'Manual', 'Disabled'] as const),
    // A provider that ends the older session lets the two sides of a partition fight for ever: no core can do anything about that.
    kick: random() < 0.3 && (outside.length === 0 || agree === 'lease') ? random() : 0, healAt, outside,
  } as const;
  const passing = [...faults, ...(rollOut === undefined ? [] : takeTurns(random, base))].map((fault) => clip(fault, healAt));
  return { ...base, faults: [...passing, ...freeze(random, base)].sort((one, other) => one.from - other.from) };
}

const clip = (fault: Fault, healAt: number): Fault => ({ ...fault, until: Math.min(fault.until, healAt) });

/** The sites take the new configuration, in any order; sometimes it does not come to all. */
function takeTurns(random: Random, { sites, healAt }: Pick<Schedule, 'sites' | 'healAt'>): Fault[] {
  const begun = between(random, warmUpMs, healAt);
  const turns = Array.from({ length: sites }, (_, site): Fault => {
    const from = Math.min(healAt, later(random, begun, 100, 120_000));
    return { kind: 'rollOut', from, until: from, site, restart: random() < 0.4 };
  });
  return random() < 0.2 ? turns.slice(whole(random, 0, sites - 1)) : turns;
}

/** Less than half of the sites. */
function drawOutside(random: Random, sites: number): number[] {
  const left = Array.from({ length: sites }, (_, site) => site);
  return Array.from({ length: whole(random, 0, Math.ceil(sites / 2) - 1) }, () => left.splice(whole(random, 0, left.length - 1), 1)[0]!);
}

/**
 * For ever: the sites outside are dead, deaf, dumb or both; in a core of three or more one link works in one direction only; and sometimes a provider
 * can't be reached from a site of the core.
 */
function freeze(random: Random, { sites, vpns, healAt, outside }: Pick<Schedule, 'sites' | 'vpns' | 'healAt' | 'outside'>): Fault[] {
  const faults: Fault[] = [];
  const core = Array.from({ length: sites }, (_, site) => site).filter((site) => !outside.includes(site));
  if (random() < 0.2) faults.push({ kind: 'dead', from: healAt, until: Infinity, site: pick(random, core), vpn: vpn(random, { vpns }) });
  if (outside.length === 0) return faults;
  for (const site of outside) {
    const how = pick(random, ['dead', 'deaf', 'dumb', 'both'] as const);
    if (how === 'dead') faults.push({ kind: 'crash', from: healAt, until: Infinity, site, reboot: random() < 0.5 });
    for (const other of core) {
      if (how === 'deaf' || how === 'both') faults.push({ kind: 'cut', from: healAt, until: Infinity, source: other, target: site });
      if (how === 'dumb' || how === 'both') faults.push({ kind: 'cut', from: healAt, until: Infinity, source: site, target: other });
    }
  }
  if (core.length >= 3) faults.push({ kind: 'cut', from: healAt, until: Infinity, source: core[0]!, target: core[1]! });
  return faults;
}

const site = (random: Random, { sites }: Pick<Schedule, 'sites'>): number => whole(random, 0, sites - 1);
const vpn = (random: Random, { vpns }: Pick<Schedule, 'vpns'>): number => whole(random, 0, vpns - 1);
const later = (random: Random, from: number, low = 500, high = 120_000): number => from + logUniform(random, low, high);

function link(random: Random, { sites }: Pick<Schedule, 'sites'>): { source: number; target: number } {
  const source = whole(random, 0, sites - 1);
  return { source, target: (source + whole(random, 1, sites - 1)) % sites };
}

const works: readonly ScriptKind[] = ['probe', 'start', 'start', 'check', 'addRoute', 'removeRoute', 'removeRoute', 'stop', 'stop', 'stop'];
const behaviours: readonly Behaviour[] = ['fail', 'fail', 'hang', 'slow', 'half', 'nothing', 'silent'];

const makers: Record<string, Maker> = {
  cut: (random, world, from) => [{ kind: 'cut', from, until: later(random, from), ...link(random, world) }],
  /** Some sites against the rest, in one direction or both. */
  partition: (random, { sites }, from) => {
    const side = Array.from({ length: sites }, () => random() < 0.5);
    const until = later(random, from);
    const both = random() < 0.7;
    const faults: Fault[] = [];
    for (let source = 0; source < sites; source++) {
      for (let target = 0; target < sites; target++) {
        if (side[source] !== side[target] && (both || side[source])) faults.push({ kind: 'cut', from, until, source, target });
      }
    }
    return faults;
  },
  mute: (random, world, from) => [{ kind: 'mute', from, until: later(random, from), ...link(random, world) }],
  jam: (random, world, from) => [{ kind: 'jam', from, until: later(random, from, 500, 60_000), ...link(random, world) }],
  noise: (random, world, from) => [{
    kind: 'noise', from, until: later(random, from), ...link(random, world), loss: random() < 0.5 ? 0 : logUniform(random, 0.01, 0.8),
    duplicate: random() < 0.5 ? 0 : random(), delayMs: random() < 0.5 ? 0 : logUniform(random, 50, 20_000),
  }],
  crash: (random, world, from) => [{ kind: 'crash', from, until: later(random, from, 200, 60_000), site: site(random, world), reboot: random() < 0.3 }],
  /** All at once. */
  blackout: (random, { sites }, from) => {
    const reboot = random() < 0.5;
    return Array.from({ length: sites }, (_, each): Fault => ({ kind: 'crash', from, until: later(random, from, 200, 20_000), site: each, reboot }));
  },
  pause: (random, world, from) => [{ kind: 'pause', from, until: later(random, from, 500, 90_000), site: site(random, world) }],
  suspend: (random, world, from) => [{ kind: 'suspend', from, until: later(random, from, 500, 300_000), site: site(random, world) }],
  slow: (random, world, from) => [{
    kind: 'slow', from, until: later(random, from, 5000, 60_000), site: site(random, world), lagMs: logUniform(random, 300, 5000),
  }],
  wallJump: (random, world, from) => [{ kind: 'wallJump', from, until: from, site: site(random, world) }],
  script: (random, world, from) => [{
    kind: 'script', from, until: later(random, from, 2000, 200_000), site: site(random, world), vpn: vpn(random, world), work: pick(random, works),
    behaviour: pick(random, behaviours), chance: pick(random, [1, 1, 0.5, 0.1]),
  }],
  dead: (random, world, from) => [{ kind: 'dead', from, until: later(random, from, 2000, 200_000), site: site(random, world), vpn: vpn(random, world) }],
  die: (random, world, from) => [{ kind: 'die', from, until: from, site: site(random, world), vpn: vpn(random, world) }],
  flush: (random, world, from) => [{ kind: 'flush', from, until: from, site: site(random, world), vpn: vpn(random, world) }],
  check: (random, world, from) => [{
    kind: 'check', from, until: later(random, from, 2000, 120_000), site: site(random, world), vpn: vpn(random, world),
    answer: random() < 0.5 ? 'lies' : 'flaps',
  }],
  etcdDown: (random, _world, from) => [{ kind: 'etcdDown', from, until: later(random, from, 500, 60_000) }],
  etcdRestart: (_random, _world, from) => [{ kind: 'etcdRestart', from, until: from }],
  etcdCut: (random, world, from) => [{ kind: 'etcdCut', from, until: later(random, from), site: site(random, world) }],
  etcdUnknown: (random, _world, from) => [{ kind: 'etcdUnknown', from, until: later(random, from), chance: random() }],
  stranger: (random, world, from) => [{ kind: 'stranger', from, until: from, site: site(random, world) }],
  command: (random, world, from) => {
    const id = vpnNames[vpn(random, world)]!;
    const command = pick(random, [
      { name: 'set_online', vpn: id }, { name: 'set_online', vpn: id }, { name: 'set_offline', vpn: id }, { name: 'set_replica', vpn: id },
      { name: 'restart', vpn: id },
      { name: 'set_replica_mode', mode: pick(random, ['Auto', 'Auto', 'Manual', 'Disabled'] as const) },
    ] as const);
    return [{ kind: 'command', from, until: from, site: site(random, world), command }];
  },
  shutdown: (random, world, from) => [{ kind: 'command', from, until: from, site: site(random, world), command: { name: 'shutdown' } }],
};
