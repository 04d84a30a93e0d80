/** The end of a run: nothing fails any more, or only what stays outside a core; now everything has to become as it should be. */
import { Violation, type Invariant } from './invariants.js';
import { pullMs, timing, vpnNames } from './schedule.js';
import type { Site } from './site.js';
import type { World } from './world.js';

/** How often it is looked. */
const lookMs = 1000;

export class Ending {
  readonly #world: World;
  readonly #sites: readonly Site[];
  readonly #begunAt: number;
  /** By VPN: Online at two or more sites when it began, all of them sound, and now nothing breaks them. */
  readonly #doubles: readonly boolean[];

  constructor(world: World) {
    this.#world = world;
    const { agree, kick, outside, vpns } = world.schedule;
    const isWhole = agree === 'peers' && kick === 0 && outside.length === 0;
    this.#sites = world.sites.filter(({ index }) => !outside.includes(index));
    this.#begunAt = world.queue.now;
    this.#doubles = Array.from({ length: vpns }, (_, vpn) => {
      const online = this.#sites.filter((site) => isOnline(site, vpn));
      // What came for one that stood still comes now, and may be a command.
      if (online.some(({ stoodStillAt, thawedAt }) => Math.max(stoodStillAt, thawedAt) >= this.#begunAt)) return false;
      // An administrator's word is still on its way: they yield to it.
      if (world.sites.some(({ state }) => state?.vpns[vpn]!.forced)) return false;
      return isWhole && online.length > 1 && online.length === world.sites.filter((site) => site.hosts[vpn]!.session).length;
    });
  }

  /** Detection, the longest pause, two tries that use up all their time, and the lease and its lock delay. */
  get #boundMs(): number {
    const { aliveMs, settleMs, backoffMaxMs, startTimeoutMs, proveTimeoutMs, stopBudgetMs } = timing;
    return this.#world.monitor.convergenceMs + aliveMs + settleMs + backoffMaxMs + 2 * (startTimeoutMs + proveTimeoutMs + stopBudgetMs) + 23_000;
  }

  /** How long a good state must have lasted to be believed. */
  get #steadyMs(): number {
    return 2 * timing.aliveMs + 2 * pullMs * this.#sites.length;
  }

  /** Milliseconds until all was well. */
  run(): number {
    const { queue } = this.#world;
    let wellSince: number | undefined;
    for (;;) {
      this.#world.runUntil(queue.now + lookMs);
      const wrong = this.#whatIsWrong();
      this.#doNotAllYield();
      if (wrong === undefined) wellSince ??= queue.now;
      else {
        if (queue.now - this.#begunAt > this.#boundMs) this.#violation(wellSince === undefined ? 'L1' : 'L4', wrong);
        wellSince = undefined;
      }
      if (wellSince !== undefined && queue.now - wellSince >= this.#steadyMs) break;
    }
    this.#knowEachOther();
    return wellSince - this.#begunAt;
  }

  /** L1. */
  #whatIsWrong(): string | undefined {
    for (let vpn = 0; vpn < this.#world.schedule.vpns; vpn++) {
      const sites = this.#countsEverywhere ? this.#world.sites : this.#sites;
      const online = sites.filter(({ state }) => state?.vpns[vpn]!.status === 'Online');
      const willing = this.#mayHold ? this.#sites.filter((site) => isWilling(site, vpn)) : [];
      if (willing.length > 0 && online.length !== 1) return `${vpnNames[vpn]} is Online at ${online.map(({ name }) => name).join(' and ') || 'no site'}`;
      const broken = online.find((site) => !site.hosts[vpn]!.works() || site.hosts[vpn]!.route === undefined);
      if (broken !== undefined) return `${vpnNames[vpn]} is Online at ${broken.name} and does not work`;
      for (const site of this.#sites) {
        const { name, state, hosts } = site;
        const { status } = state?.vpns[vpn] ?? {};
        const { session, route, wasLiedTo, isConnected } = hosts[vpn]!;
        // Where it can't come up, and nobody else is willing, it is tried for ever.
        if (status === 'Pending' && !isConnected) continue;
        if (status !== 'Online' && (session || route !== undefined) && !wasLiedTo) return `${vpnNames[vpn]} is left over at ${name}, where it is ${status}`;
        const isSentAway = this.#world.monitor.isSentAway(site, vpnNames[vpn]!);
        if (isSentAway && status !== undefined && status !== 'Offline') return `${vpnNames[vpn]} is ${status} at ${name}, where it is to be Offline`;
        if (status === 'Pending' && !this.#countsEverywhere) return `${vpnNames[vpn]} at ${name} is still Pending`;
      }
    }
    return undefined;
  }

  /** In lease mode a site outside the core may hold a VPN for as long as it can renew; then the core waits for it. */
  get #countsEverywhere(): boolean {
    return this.#world.schedule.agree === 'lease' && this.#world.schedule.outside.length > 0;
  }

  /** `partition majority`: sites that were shut down may have left less than that. */
  get #mayHold(): boolean {
    const { partition, sites } = this.#world.schedule;
    return partition === 'available' || this.#sites.filter(({ isRunning }) => isRunning).length * 2 > sites;
  }

  /** L2. */
  #doNotAllYield(): void {
    const vpn = this.#doubles.findIndex((isDouble, i) => isDouble && !this.#sites.some((site) => isOnline(site, i)));
    if (vpn >= 0) this.#violation('L2', `${vpnNames[vpn]} was Online at several sites, and now is at none`);
  }

  /** L6. */
  #knowEachOther(): void {
    if (this.#world.queue.now - this.#world.monitor.lastTransitionAt < 2 * pullMs * this.#sites.length) return;
    for (const one of this.#sites) {
      for (const other of this.#sites) {
        if (one === other || one.state === undefined || other.state === undefined || !one.knows(other) || !other.knows(one)) continue;
        const { report } = one.state.peers.find(({ site }) => site === other.name)!;
        for (const { id, status, epoch } of other.state.vpns) {
          const known = report?.vpns[id];
          if (known?.status === status && known.epoch === epoch) continue;
          this.#violation('L6', `${one.name} takes ${id} at ${other.name} for ${known?.status} (epoch ${known?.epoch}), and it is ${status} (epoch ${epoch})`);
        }
      }
    }
  }

  #violation(invariant: Invariant, what: string): never {
    throw new Violation(invariant, this.#world.queue.now, what);
  }
}

function isOnline({ state, hosts }: Site, vpn: number): boolean {
  const host = hosts[vpn]!;
  return state?.vpns[vpn]!.status === 'Online' && host.works() && host.route !== undefined;
}

/** Whether it may have the VPN, and can: it is there, all know it, and it is not Offline by its own or an administrator's choice. */
function isWilling({ state, hosts }: Site, vpn: number): boolean {
  if (state === undefined || !hosts[vpn]!.isConnected || state.leaving || state.peers.some(({ disownsUntil }) => disownsUntil >= state.now)) return false;
  return state.replicaMode !== 'Disabled' && state.vpns[vpn]!.status !== 'Offline';
}
