/** The stage for a directed schedule: a world without chance faults, the verbs to break it with, and the questions to ask of it. */
import type { Command, Config, Message } from '../machine/index.js';
import { siteNames, vpnNames, type Behaviour, type Fault, type Schedule, type ScriptKind } from './schedule.js';
import type { Machine } from './machine.js';
import type { Site } from './site.js';
import { Trace } from './trace.js';
import { World } from './world.js';

export interface Setting extends Partial<Omit<Schedule, 'faults' | 'healAt' | 'outside'>> {
  readonly configure?: (config: Config) => Config;
  /** What was there before the daemons start. */
  readonly before?: (stage: Stage) => void;
}

export interface Directed {
  readonly name: string;
  readonly setting: Setting;
  readonly play: (stage: Stage) => void;
}

/** What was expected did not come about. */
export class Unexpected extends Error {}

/** How long a change may take: detection, the longest pause, two tries. */
export const soonMs = 120_000;

export class Stage {
  readonly world: World;
  readonly trace = new Trace();

  constructor(machine: Machine, { configure, before, ...rest }: Setting) {
    const schedule: Schedule = {
      seed: 1, sites: 3, vpns: 1, agree: 'peers', partition: 'available', replicaMode: 'Auto', kick: 0, ...rest, faults: [], healAt: Infinity, outside: [],
    };
    this.world = new World(schedule, { machine, trace: this.trace, ...(configure === undefined ? {} : { configure }) });
    before?.(this);
    this.world.start();
    this.run(30_000);
  }

  run(ms: number): void {
    this.world.runUntil(this.world.queue.now + ms);
  }

  site(name: string): Site {
    return this.world.sites[siteNames.indexOf(name)]!;
  }

  host(name: string, vpn = 'v1') {
    return this.site(name).hosts[vpnNames.indexOf(vpn)]!;
  }

  vpn(name: string, vpn = 'v1') {
    return this.site(name).state?.vpns[vpnNames.indexOf(vpn)];
  }

  /** Who has it Online, as far as daemons that run know. */
  online(vpn = 'v1'): string {
    return this.world.sites.filter(({ name }) => this.vpn(name, vpn)?.status === 'Online').map(({ name }) => name).join(' ');
  }

  /** Where a session runs. */
  sessions(vpn = 'v1'): string {
    return this.world.sites.filter(({ name }) => this.host(name, vpn).session).map(({ name }) => name).join(' ');
  }

  command(name: string, command: Command['name'] & `${'set_online' | 'set_offline' | 'set_replica' | 'restart'}`, vpn = 'v1'): void {
    this.world.command(this.site(name), { name: command, vpn });
  }

  /** Puts a fault to work, and gives the way to end it. */
  break(...faults: Happening[]): () => void {
    const begun = faults.map((fault) => ({ ...fault, from: this.world.queue.now, until: Infinity }) as Fault);
    for (const fault of begun) this.world.begin(fault);
    return () => {
      for (const fault of begun) this.world.end(fault);
    };
  }

  crash(name: string, reboot = true): () => void {
    return this.break({ kind: 'crash', site: siteNames.indexOf(name), reboot });
  }

  /** The new configuration comes to a site. */
  rollOut(name: string, restart = false): void {
    this.break({ kind: 'rollOut', site: siteNames.indexOf(name), restart })();
  }

  pause(name: string): () => void {
    return this.break({ kind: 'pause', site: siteNames.indexOf(name) });
  }

  cut(source: string, target: string): () => void {
    return this.break({ kind: 'cut', source: siteNames.indexOf(source), target: siteNames.indexOf(target) });
  }

  /** Both directions between two groups of sites. */
  part(side: string, other: string): () => void {
    const ends = [...side].flatMap((one) => [...other].flatMap((two) => [this.cut(one, two), this.cut(two, one)]));
    return () => ends.forEach((end) => end());
  }

  script(name: string, work: ScriptKind, behaviour: Behaviour, vpn = 'v1'): () => void {
    return this.break({ kind: 'script', site: siteNames.indexOf(name), vpn: vpnNames.indexOf(vpn), work, behaviour, chance: 1 });
  }

  dead(name: string, vpn = 'v1'): () => void {
    return this.break({ kind: 'dead', site: siteNames.indexOf(name), vpn: vpnNames.indexOf(vpn) });
  }

  /** A message to a site, by hand. */
  say(to: string, message: Message): void {
    const site = this.site(to);
    site.enqueue(() => site.receive(message));
  }

  is(actual: unknown, expected: unknown, what: string): void {
    if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Unexpected(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
  }

  /** Waits until something is so; gives the milliseconds that it took. */
  until(what: string, question: () => boolean, ms = soonMs): number {
    const begun = this.world.queue.now;
    while (!question()) {
      if (this.world.queue.now - begun >= ms) throw new Unexpected(`${what}: not within ${ms / 1000} s`);
      this.run(100);
    }
    return this.world.queue.now - begun;
  }

  /** Something is so, and stays so. */
  throughout(what: string, question: () => boolean, ms = 60_000): void {
    const end = this.world.queue.now + ms;
    for (;;) {
      if (!question()) throw new Unexpected(`${what}: not any more at ${this.world.queue.now / 1000} s`);
      if (this.world.queue.now >= end) return;
      this.run(100);
    }
  }

  /** The status of a VPN does not change anywhere. */
  quiet(what: string, ms = 300_000): void {
    const { transitions } = this.world.monitor;
    this.run(ms);
    this.is(this.world.monitor.transitions - transitions, 0, `${what}: transitions`);
  }
}

type Happening = Fault extends infer F ? (F extends Fault ? Omit<F, 'from' | 'until'> : never) : never;
