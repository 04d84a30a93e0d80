/** Watches a world after every event: the safety invariants. */
import type { Command, Event, Message, State, Status } from '../machine/index.js';
import type { Invariant } from './invariants.js';
import { Violation } from './invariants.js';
import { timing, pullMs, vpnNames, type ScriptKind } from './schedule.js';
import type { Site } from './site.js';
import type { World } from './world.js';

/** Copied by hand from ha.md, not taken from the machine: both are to say the same. */
const allowed: Record<Status, readonly Status[]> = {
  Pending: ['Online', 'Replica', 'Failed', 'Offline'], Online: ['Pending', 'Failed', 'Replica', 'Offline'], Replica: ['Pending', 'Offline'],
  Failed: ['Pending', 'Replica', 'Offline'], Offline: ['Pending', 'Replica'],
};

/** From the last proof to the end of the route: the next check and its retries run out of time, then the route is removed. */
const proofMs = timing.checkIntervalMs + timing.checkRetries * timing.checkTimeoutMs + (timing.checkRetries - 1) * timing.onlineCheckDelayMs
  + timing.routeTimeoutMs + 1000;
/** After a start, or after the daemon stood still, proofs need their time. */
const startMs = timing.settleMs + 2 * proofMs;

export class Monitor {
  readonly #world: World;
  /** Since when the faults of network and daemons are as they are. */
  #calmSince = 0;
  /** By VPN: since when it is Online at more sites than it should. */
  readonly #tooManySince: (number | undefined)[] = [];
  /** Site and VPN where the administrator's last word was set_offline: kept here, for the machine may forget it. */
  readonly #sentAway = new Set<string>();
  transitions = 0;
  lastTransitionAt = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** How long after a change of the network it may take until everybody knows: one pull for each link in a row, and the time to go down. */
  get convergenceMs(): number {
    return this.#world.sites.length * pullMs + timing.aliveMs + timing.startTimeoutMs + timing.stopBudgetMs + timing.settleMs;
  }

  /** Something has changed about who can know what. */
  disturbed(): void {
    this.#calmSince = this.#now;
  }

  /** A script begins. */
  begins(site: Site, vpn: number, work: ScriptKind): void {
    const host = site.hosts[vpn]!;
    if (host.running !== undefined) this.#violation('S4', `${work} of ${vpnNames[vpn]} begins at ${site.name} while ${host.running.work} runs`);
    if (work !== 'start') return;
    if (!host.isClean) this.#violation('S4', `${vpnNames[vpn]} is started at ${site.name} without a finished stop`);
    if (this.isSentAway(site, vpnNames[vpn]!)) this.#violation('S7', `${vpnNames[vpn]} is started at ${site.name}, where the administrator wants it offline`);
    if (site.state!.status === 'AdminOffline') this.#violation('S7', `${vpnNames[vpn]} is started at ${site.name}, which is shut down`);
    const holder = this.#holderNear(site, vpn);
    if (holder !== undefined) this.#violation('S2', `${vpnNames[vpn]} is started at ${site.name} while it is Online at ${holder.name}`);
  }

  /** Who has a VPN Online for long enough that a site must know it: by links that have worked for long enough, or another site's word. */
  #holderNear(site: Site, vpn: number): Site | undefined {
    const { sites } = this.#world;
    const isServed = sites.some((other) => other !== site && isServing(other, vpn));
    if (!isServed || this.#world.isNoisy() || this.#now - this.#calmSince <= this.convergenceMs) return undefined;
    const part = this.#world.parts().find((each) => each.includes(site));
    // One that was removed from the configuration is not known any more after a restart.
    return part?.find((other) => other !== site && isServing(other, vpn) && site.state!.peers.some((peer) => peer.site === other.name));
  }

  isSentAway({ name }: Site, vpn: string): boolean {
    return this.#sentAway.has(`${name} ${vpn}`);
  }

  /** A session or a route has come or gone. */
  changed(vpn: number): void {
    if (this.#world.schedule.agree !== 'lease') return;
    const sites = this.#world.sites;
    const counted = sites.filter((site) => !this.#isExcused(site, vpn));
    const routes = counted.filter((site) => site.hosts[vpn]!.route !== undefined);
    if (routes.length > 1) this.#violation('S1', `${namesOf(routes)} have the route of ${vpnNames[vpn]}`);
    const sessions = counted.filter((site) => site.hosts[vpn]!.session);
    if (sessions.length > 1) this.#violation('S1', `${namesOf(sessions)} have a session of ${vpnNames[vpn]}`);
    for (const { name, hosts } of routes) {
      const older = sites.find((site) => (site.hosts[vpn]!.route ?? -1) > hosts[vpn]!.route!);
      if (older !== undefined) this.#violation('S5', `${name} has the route of ${vpnNames[vpn]} with a token lower than that at ${older.name}`);
    }
  }

  #isExcused(site: Site, vpn: number): boolean {
    return site.hosts[vpn]!.excused || site.isFrozen || this.#now - site.thawedAt < timing.stopBudgetMs;
  }

  /** What a site tells the others is so. */
  sends(site: Site, { vpns }: Message): void {
    for (let i = 0; i < site.hosts.length; i++) {
      const { session, route, wasLiedTo } = site.hosts[i]!;
      if ((session || route !== undefined) && !wasLiedTo && !vpns[vpnNames[i]!]!.claim) {
        this.#violation('S6', `${site.name} says that it has let go of ${vpnNames[i]} and has its ${session ? 'session' : 'route'}`);
      }
    }
  }

  stepped(site: Site, before: State, event: Event, after: State): void {
    for (let i = 0; i < after.vpns.length; i++) {
      const vpn = after.vpns[i]!;
      const { status } = before.vpns[i]!;
      if (vpn.status !== status) this.#transition(site, event, vpn.id, status, vpn.status);
      if (vpn.operation !== undefined && vpn.operation.deadline + 1000 < after.now) {
        this.#violation('S8', `${site.name} waits for ${vpn.operation.kind} of ${vpn.id} past its deadline`);
      }
      if (site.hosts[i]!.route !== undefined) this.#isProven(site, i);
    }
    if (event.type === 'message') this.#changesNothing(site, before, event, after);
    if (event.type === 'command') this.#remember(site, event.command, before);
    this.look();
  }

  #remember({ name }: Site, command: Command, { leaving, replicaMode }: State): void {
    if (!('vpn' in command) || leaving) return;
    if (command.name === 'set_offline') this.#sentAway.add(`${name} ${command.vpn}`);
    if (command.name === 'set_online' || (command.name === 'set_replica' && replicaMode !== 'Disabled')) this.#sentAway.delete(`${name} ${command.vpn}`);
  }

  #transition(site: Site, event: Event, vpn: string, from: Status, to: Status): void {
    this.transitions++;
    this.lastTransitionAt = this.#now;
    if (!allowed[from].includes(to)) this.#violation('S10', `${vpn} at ${site.name} goes from ${from} to ${to}`);
    if (from === 'Offline' && event.type !== 'command') this.#violation('S7', `${vpn} at ${site.name} leaves Offline for ${to} without a command`);
    const isDisabled = site.state!.replicaMode === 'Disabled';
    if (from === 'Failed' && to === 'Pending' && isDisabled && event.type !== 'command') this.#violation('S7', `${vpn} comes up at ${site.name} by itself`);
    if (to === 'Replica' && isDisabled) this.#violation('S7', `${vpn} at ${site.name} becomes Replica in replica_mode Disabled`);
  }

  /** S3. */
  #isProven(site: Site, vpn: number): void {
    const host = site.hosts[vpn]!;
    const { lagMs, startedAt, stoodStillAt, thawedAt } = site;
    if (host.excused || lagMs > 0 || this.#now - Math.max(startedAt, stoodStillAt, thawedAt) < startMs || this.#now - host.provenAt <= proofMs) return;
    this.#violation('S3', `${site.name} has the route of ${vpnNames[vpn]}, last proven ${((this.#now - host.provenAt) / 1000).toFixed(1)} s ago`);
  }

  /** S5 and S9: what is stale or strange does what a tick would. */
  #changesNothing(site: Site, before: State, event: Event & { type: 'message' }, after: State): void {
    const { site: sender, incarnation, sentAt, seq } = event.message;
    const peer = before.peers.find((each) => each.site === sender);
    const heard = peer?.heard;
    const isStale = heard !== undefined &&
      (incarnation < heard.incarnation || (incarnation === heard.incarnation && (sentAt < heard.sentAt || (sentAt === heard.sentAt && seq <= heard.seq))));
    if (peer !== undefined && !isStale) return;
    const { state } = this.#world.machine.step(before, { type: 'tick', now: event.now });
    if (isEqual(state, after)) return;
    this.#violation(isStale ? 'S5' : 'S9', `${site.name} is changed by a message of ${sender}, ${isStale ? 'which is old' : 'whom nobody knows'}`);
  }

  /** S2. */
  look(): void {
    const { sites, schedule } = this.#world;
    for (let vpn = 0; vpn < schedule.vpns; vpn++) {
      let online = 0;
      for (const site of sites) if (isOnline(site, vpn)) online++;
      if (online <= this.#mayBeOnline(online)) {
        this.#tooManySince[vpn] = undefined;
        continue;
      }
      const since = this.#tooManySince[vpn] ??= this.#now;
      if (this.#world.isNoisy() || this.#now - Math.max(since, this.#calmSince) <= this.convergenceMs) continue;
      this.#violation('S2', `${vpnNames[vpn]} is Online at ${namesOf(sites.filter((site) => isOnline(site, vpn)))}`);
    }
  }

  /** At how many sites a VPN may be Online, when it is so at so many. */
  #mayBeOnline(online: number): number {
    const { partition, sites } = this.#world.schedule;
    if (partition === 'available') return online < 2 ? 1 : this.#world.parts().length;
    return online > 0 && this.#world.parts().some((part) => part.length * 2 > sites) ? 1 : 0;
  }

  get #now(): number {
    return this.#world.queue.now;
  }

  #violation(invariant: Invariant, what: string): never {
    throw new Violation(invariant, this.#now, what);
  }
}

/** Whether two plain values are equal; what both share is not looked at. */
function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => isEqual((one as Table)[key], (other as Table)[key]));
}

type Table = Readonly<Record<string, unknown>>;

/** Milliseconds after which everybody near knows, if no news is held up. */
const knownMs = 2000;

function isServing(site: Site, vpn: number): boolean {
  if (!isOnline(site, vpn)) return false;
  const { now, vpns } = site.state!;
  return now - vpns[vpn]!.since > knownMs;
}

const isOnline = (site: Site, vpn: number): boolean => site.isAwake && site.state!.vpns[vpn]!.status === 'Online';

const namesOf = (sites: readonly Site[]): string => sites.map(({ name }) => name).join(' and ');
