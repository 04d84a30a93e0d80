/** What this site knows of the others, and whether they are alive. */
import { isNewer, log, reportOf, type Context } from './context.js';
import type { Heard, Message, Peer, SiteReport, State, VpnReport } from './types.js';

/** What this site tells the others now. */
export function messageOf(state: State, now: number): Message {
  const { config, incarnation, seq, status, replicaMode, sees, vpns } = state;
  const c: Context = { state, effects: [], now };
  const heard: Record<string, Heard> = {};
  const others: SiteReport[] = [];
  const reports: Record<string, VpnReport> = {};
  for (const vpn of vpns) reports[vpn.id] = reportOf(c, vpn);
  for (const peer of state.peers) {
    if (peer.heard !== undefined) heard[peer.site] = peer.heard;
    if (peer.report !== undefined) others.push(peer.report);
  }
  return { site: config.site, hash: config.hash, incarnation, seq, status, replicaMode, sees, vpns: reports, sentAt: now, heard, others };
}

/** Takes in a message. What is stale, repeated, or from a stranger changes nothing. */
export function receive(c: Context, message: Message): void {
  const { state } = c;
  const peer = state.peers.find(({ site }) => site === message.site);
  if (peer === undefined) return log(c, 'warning', `a message came from ${message.site}, which is no site of this configuration; ignored`);
  const { incarnation, sentAt, seq } = message;
  if (peer.heard !== undefined && !isLater(message, peer.heard)) return;
  peer.heard = { incarnation, sentAt, seq };
  const echo = message.heard[state.config.site];
  if (echo !== undefined && echo.incarnation === state.incarnation) {
    peer.confirmedAt = Math.max(peer.confirmedAt, echo.sentAt);
    peer.settled = true;
  }
  learn(c, message);
  for (const report of message.others) learn(c, report);
}

const isLater = (one: Heard, other: Heard): boolean =>
  one.incarnation !== other.incarnation ? one.incarnation > other.incarnation : one.sentAt !== other.sentAt ? one.sentAt > other.sentAt : one.seq > other.seq;

function learn(c: Context, { site, incarnation, seq, status, replicaMode, hash, sees, vpns }: SiteReport): void {
  const peer = c.state.peers.find((each) => each.site === site);
  if (peer === undefined || !isNewer({ incarnation, seq }, peer.report)) return;
  if (hash !== c.state.config.hash && hash !== peer.report?.hash) {
    log(c, 'error', `${site} has another configuration (its sites or priorities differ): until it is the same, turns are taken by name`);
  }
  peer.report = { site, incarnation, seq, status, replicaMode, hash, sees, vpns };
}

/** At the start a peer that does not answer is not waited for. It is not held against it otherwise: it may be able to call us, and not we it. */
export function giveUpOn({ state }: Context, site: string): void {
  const peer = state.peers.find((each) => each.site === site);
  if (peer !== undefined) peer.settled = true;
}

/**
 * A peer does not know this site: during a roll-out one of the two has the older configuration. It goes on as if we were not there, so it is
 * for us to hold back.
 */
export function beDisowned(c: Context, site: string): void {
  const peer = c.state.peers.find((each) => each.site === site);
  if (peer === undefined) return;
  peer.settled = true;
  if (c.now >= peer.disownsUntil) log(c, 'error', `${site} does not know this site (its configuration differs): nothing is taken until it does`);
  peer.disownsUntil = c.now + c.state.config.timing.aliveMs;
}

/** How a peer's configuration compares to ours; undefined of one that is not there. */
export type Agreement = 'same' | 'other' | 'without us' | undefined;

export function agreementWith({ alive, report, disownsUntil }: Peer, { config, now }: State): Agreement {
  if (now < disownsUntil) return 'without us';
  return alive && report !== undefined ? (report.hash === config.hash ? 'same' : 'other') : undefined;
}

/** Decides anew who is alive. While we were not looking nobody is declared dead. */
export function judgePeers(c: Context): void {
  const { state, now } = c;
  // Both directions work: it has answered something that we said not long ago.
  const sees: string[] = [];
  for (const { confirmedAt, site } of state.peers) if (now - confirmedAt <= state.config.timing.aliveMs) sees.push(site);
  if (sees.length !== state.sees.length || sees.some((site, i) => site !== state.sees[i])) state.sees = sees;
  // Where we speak with all of them there is nobody to look for.
  const reachable = sees.length === state.peers.length ? undefined : reachableFrom(state);
  for (const peer of state.peers) {
    peer.reachable = reachable?.has(peer.site) ?? true;
    const seen = peer.reachable || (peer.alive && now < state.graceUntil);
    const alive = seen && peer.report !== undefined && peer.report.status !== 'AdminOffline';
    if (alive === peer.alive) continue;
    peer.alive = alive;
    log(c, alive ? 'info' : 'warning', alive ? `${peer.site} is alive` : `${peer.site} is ${seen ? 'shut down' : 'not alive'}`);
  }
  // One that the configuration no longer has is here only for as long as it is alive.
  if (state.peers.length >= state.config.sites.length) state.peers = state.peers.filter(({ site, alive }) => alive || state.config.sites.includes(site));
}

/** The sites that we speak with, those that they speak with, and so on: the word of a dead one counts for nothing, for nobody leads to it. */
function reachableFrom({ sees, peers }: State): Set<string> {
  const found = new Set(sees);
  // A set that grows is walked to its end.
  for (const site of found) {
    for (const next of peers.find((peer: Peer) => peer.site === site)?.report?.sees ?? []) found.add(next);
  }
  return found;
}

/** Whether this side of a partition has more than half of the sites. */
export function hasMajority({ state }: Context): boolean {
  const alive = 1 + state.peers.filter((peer) => peer.alive && state.config.sites.includes(peer.site)).length;
  return alive * 2 > state.config.sites.length;
}
