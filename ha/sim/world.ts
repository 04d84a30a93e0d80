/** A world: sites, network, etcd and providers, with one schedule of faults at work on them. */
import type { Command, Config, Effect, Event, Message, State } from '../machine/index.js';
import { Etcd } from './etcd.js';
import { VpnHost, type Surroundings } from './host.js';
import { Monitor } from './monitor.js';
import { Net } from './net.js';
import { Queue } from './queue.js';
import { between, derive, randomFrom } from './random.js';
import { configOf, vpnNames, type Behaviour, type Fault, type Schedule, type ScriptKind } from './schedule.js';
import type { Machine } from './machine.js';
import { Site, type Watch } from './site.js';
import type { Trace } from './trace.js';

export interface WorldOptions {
  readonly machine: Machine;
  readonly trace?: Trace | undefined;
  /** Gives a site another configuration than the rest. */
  readonly configure?: (config: Config) => Config;
}

/** At work at one VPN, or at etcd: who knows what is as before. */
const local = new Set<Fault['kind']>([
  'dead', 'die', 'flush', 'check', 'etcdDown', 'etcdRestart', 'etcdCut', 'etcdUnknown', 'stranger', 'command', 'rollOut',
]);
const disturbs = ({ kind }: Fault): boolean => !local.has(kind);
const noisy = new Set<Fault['kind']>(['jam', 'noise', 'slow', 'script', 'mute']);

/** The site that joins or leaves in a roll-out. */
const isComing = ({ sites, rollOut }: Schedule, site: number): boolean => rollOut === 'join' && site === sites - 1;
const isGoing = ({ sites, rollOut }: Schedule, site: number): boolean => rollOut === 'leave' && site === sites - 1;

export class World implements Watch {
  readonly queue = new Queue();
  readonly schedule: Schedule;
  readonly machine: Machine;
  readonly sites: readonly Site[];
  readonly net: Net;
  readonly etcd: Etcd;
  readonly monitor: Monitor;
  readonly trace: Trace | undefined;
  /** Faults at work now. */
  readonly active = new Set<Fault>();
  steps = 0;

  constructor(schedule: Schedule, { machine, trace, configure = (config) => config }: WorldOptions) {
    this.schedule = schedule;
    this.machine = machine;
    this.trace = trace;
    const stream = (part: number) => randomFrom(derive(schedule.seed, part));
    this.net = new Net(schedule.sites, this.queue, stream(1));
    this.etcd = new Etcd(this.queue, stream(2));
    const drift = stream(3);
    this.sites = Array.from({ length: schedule.sites }, (_, index) => new Site({
      machine, index, config: configure(configOf(schedule, index)), driftPpm: between(drift, -500, 500), replicaMode: schedule.replicaMode,
      queue: this.queue, random: stream(10 + index), net: this.net, etcd: this.etcd, watch: this,
    }));
    this.monitor = new Monitor(this);
    for (const site of this.sites) {
      site.peers = this.sites.filter((other) => other !== site);
      site.isAbsent = isComing(schedule, site.index);
      for (let vpn = 0; vpn < schedule.vpns; vpn++) site.hosts.push(new VpnHost(this.#around(site, vpn, stream(100 + site.index * 10 + vpn))));
    }
    for (const fault of schedule.faults) this.#plan(fault);
  }

  start(): void {
    for (const site of this.sites) if (!site.isAbsent && !this.#has('crash', site.index)) site.start();
  }

  runUntil(moment: number): void {
    this.queue.runUntil(moment);
    this.monitor.look();
  }

  /** Puts a fault to work now, until it is ended. */
  begin(fault: Fault): void {
    this.trace?.note(this.queue.now, 'world', () => `begins: ${describe(fault)}`);
    this.active.add(fault);
    if (disturbs(fault)) this.monitor.disturbed();
    this.#refresh();
    this.#once(fault);
  }

  end(fault: Fault): void {
    if (!this.active.delete(fault)) return;
    this.trace?.note(this.queue.now, 'world', () => `ends: ${describe(fault)}`);
    if (disturbs(fault)) this.monitor.disturbed();
    this.#refresh();
  }

  command(site: Site, command: Command): void {
    site.tell((now) => ({ now, type: 'command', command }));
  }

  stepped(site: Site, before: State, event: Event, after: State, effects: readonly Effect[]): void {
    this.steps++;
    this.trace?.stepped(this.queue.now, site.name, event, effects);
    this.monitor.stepped(site, before, event, after);
  }

  sends(site: Site, message: Message): void {
    this.monitor.sends(site, message);
  }

  #plan(fault: Fault): void {
    this.queue.at(fault.from, () => this.begin(fault));
    this.queue.at(Math.max(fault.until, fault.from), () => this.end(fault));
  }

  /** What happens at one moment. */
  #once(fault: Fault): void {
    switch (fault.kind) {
      case 'wallJump':
        return this.sites[fault.site]!.tell((now) => ({ now, type: 'suspended' }));
      case 'die':
        return this.sites[fault.site]!.hosts[fault.vpn]!.die();
      case 'flush':
        return this.sites[fault.site]!.hosts[fault.vpn]!.flush();
      case 'etcdRestart':
        return this.etcd.restart();
      case 'stranger':
        return this.#strangeMessage(this.sites[fault.site]!);
      case 'command':
        return this.command(this.sites[fault.site]!, fault.command);
      case 'rollOut':
        return this.#rollOut(this.sites[fault.site]!, fault.restart);
      default:
    }
  }

  /** A site takes the new configuration; which does not have the one that is to leave. */
  #rollOut(site: Site, restart: boolean): void {
    if (isGoing(this.schedule, site.index)) return this.command(site, { name: 'shutdown' });
    site.config = configOf(this.schedule, site.index, true);
    if (!restart && !site.isAbsent) return site.reload();
    site.isAbsent = false;
    if (site.isRunning) site.crash();
    this.#refreshSite(site);
  }

  /** Somebody who is no site of ours, and claims everything. */
  #strangeMessage(site: Site): void {
    if (site.state === undefined) return;
    const everything = { status: 'Online' as const, epoch: 1e6, claim: true, forced: true, ready: false, stuck: false, leaving: false };
    const vpns = Object.fromEntries(site.state.vpns.map(({ id }) => [id, everything]));
    const stranger = { site: 'stranger', hash: 'same', incarnation: 9, seq: 9, status: 'Online' as const, replicaMode: 'Auto' as const, sees: [], vpns };
    site.enqueue(() => site.receive({ ...stranger, sentAt: 1, heard: {}, others: [] }));
  }

  /** Brings sites, links and etcd into the state that the active faults ask for. */
  #refresh(): void {
    this.net.refresh(this.active);
    this.etcd.isDown = this.#has('etcdDown');
    this.etcd.cut = new Set([...this.active].flatMap((fault) => (fault.kind === 'etcdCut' ? [this.sites[fault.site]!.name] : [])));
    this.etcd.unknown = Math.max(0, ...[...this.active].map((fault) => (fault.kind === 'etcdUnknown' ? fault.chance : 0)));
    for (const site of this.sites) this.#refreshSite(site);
  }

  #refreshSite(site: Site): void {
    const mine = [...this.active].filter((fault) => 'site' in fault && fault.site === site.index);
    const isDown = mine.some(({ kind }) => kind === 'crash');
    const isFrozen = mine.some(({ kind }) => kind === 'suspend');
    const isPaused = mine.some(({ kind }) => kind === 'pause');
    const lagMs = mine.reduce((lag, fault) => (fault.kind === 'slow' ? Math.max(lag, fault.lagMs) : lag), 0);
    if (lagMs !== site.lagMs) site.stoodStillAt = this.queue.now;
    site.lagMs = lagMs;
    if (isDown && site.isRunning) site.crash();
    if (mine.some((fault) => fault.kind === 'crash' && fault.reboot)) {
      site.guard.reboot();
      for (const host of site.hosts) host.reboot();
    }
    if (isFrozen && !site.isFrozen) {
      site.isFrozen = true;
      site.clock.suspend(this.queue.now);
      site.guard.freeze();
    } else if (!isFrozen && site.isFrozen) {
      site.isFrozen = false;
      site.thawedAt = this.queue.now;
      site.clock.resume(this.queue.now);
      site.guard.thaw();
      site.tell((now) => ({ now, type: 'suspended' }));
      if (!isPaused) site.goOn();
    }
    if (isPaused !== site.isPaused) {
      site.isPaused = isPaused;
      site.stoodStillAt = this.queue.now;
      if (site.isAwake) site.goOn();
    }
    if (!isDown && !site.isRunning && !site.hasLeft && !site.isAbsent && this.queue.now > 0) site.start();
  }

  /** Sites that run and can reach each other by links of which both directions work, part by part. */
  parts(): Site[][] {
    const left = new Set(this.sites.filter(({ isAwake }) => isAwake));
    const parts: Site[][] = [];
    for (const first of left) {
      const part = [first];
      left.delete(first);
      // A list that grows is walked to its end.
      for (const site of part) {
        for (const other of left) {
          if (!this.net.isWhole(site.index, other.index)) continue;
          left.delete(other);
          part.push(other);
        }
      }
      parts.push(part);
    }
    return parts;
  }

  /** Whether something is at work of which one can't say when it will have settled. */
  isNoisy(): boolean {
    for (const { kind } of this.active) if (noisy.has(kind)) return true;
    return false;
  }

  #has(kind: Fault['kind'], site?: number): boolean {
    for (const fault of this.active) if (fault.kind === kind && (site === undefined || ('site' in fault && fault.site === site))) return true;
    return false;
  }

  #around(site: Site, vpn: number, random: () => number): Surroundings {
    const faults = <K extends Fault['kind']>(kind: K): Extract<Fault, { kind: K }>[] =>
      [...this.active].filter((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind && 'site' in fault && fault.site === site.index &&
        'vpn' in fault && fault.vpn === vpn);
    return {
      queue: this.queue, random,
      behaviour: (work: ScriptKind): Behaviour => faults('script').find((fault) => fault.work === work && random() < fault.chance)?.behaviour ?? 'ok',
      answer: (truth) => {
        const [fault] = faults('check');
        return fault === undefined ? truth : fault.answer === 'lies' || (truth && random() < 0.5);
      },
      connected: () => faults('dead').length === 0,
      loggedIn: () => {
        for (const other of this.sites) if (other !== site && random() < this.schedule.kick) other.hosts[vpn]!.loggedIn = false;
      },
      changed: () => this.monitor.changed(vpn),
      begins: (work) => this.monitor.begins(site, vpn, work),
      atClock: (moment, run) => site.atClock(moment, run),
      ended: (operation, ok, reason) => {
        if (!ok) this.trace?.note(this.queue.now, site.name, () => `${vpnNames[vpn]}: #${operation}: ${reason}`);
        site.ended(vpnNames[vpn]!, operation, ok, reason);
      },
    };
  }
}

/** A fault in words. */
export function describe(fault: Fault): string {
  const { kind, from, until, ...rest } = fault;
  const what = Object.entries(rest).map(([name, value]) => `${name} ${typeof value === 'object' ? Object.values(value).join(' ') : value}`).join(', ');
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  const when = until > from ? `${seconds(from)}–${seconds(until)} s` : `at ${seconds(from)} s`;
  return `${kind} ${when}${what === '' ? '' : ` (${what})`}`;
}
