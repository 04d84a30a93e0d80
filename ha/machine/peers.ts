/** What this site knows of the others, and whether they are alive. */
import { isNewer, log, reportOf, type Context } from './context.js';
import type { Heard, Message, Peer, SiteReport, State } from './types.js';

/** What this site tells the others now. */
export function messageOf(state: State, now: number): Message {
  const c: Context = { state, effects: [], now };
  return {
    ...ownReport(c), hash: state.config.hash, sentAt: now,
    heard: Object.fromEntries(state.peers.flatMap(({ site, heard }) => (heard === undefined ? [] : [[site, heard]]))),
    // Only what was heard directly proves that somebody is alive: rumours must not keep each other warm.
    others: state.peers.flatMap((peer) => (peer.report === undefined ? [] : [{ alive: isConfirmed(state, peer, now), report: peer.report }])),
  };
}

function ownReport(c: Context): SiteReport {
  const { config, incarnation, seq, status, replicaMode, vpns } = c.state;
  return { site: config.site, incarnation, seq, status, replicaMode, vpns: Object.fromEntries(vpns.map((vpn) => [vpn.id, reportOf(c, vpn)])) };
}

/** Takes in a message. What is stale, repeated, or from a stranger changes nothing. */
export function receive(c: Context, message: Message): void {
  const { state } = c;
  const peer = state.peers.find(({ site }) => site === message.site);
  if (peer === undefined) return log(c, 'warning', `a message came from ${message.site}, which is no site of this configuration; ignored`);
  if (message.hash !== state.config.hash) {
    if (!peer.settled) log(c, 'error', `${message.site} has another configuration (its sites or priorities differ); its messages are ignored until that is mended`);
    peer.settled = true;
    return;
  }
  const { incarnation, sentAt, seq } = message;
  if (peer.heard !== undefined && !isLater({ incarnation, sentAt, seq }, peer.heard)) return;
  peer.heard = { incarnation, sentAt, seq };
  const echo = message.heard[state.config.site];
  if (echo !== undefined && echo.incarnation === state.incarnation) {
    peer.confirmedAt = Math.max(peer.confirmedAt, echo.sentAt);
    peer.settled = true;
  }
  learn(state, message);
  for (const { alive, report } of message.others) {
    learn(state, report);
    const other = state.peers.find(({ site }) => site === report.site);
    if (other === undefined || other === peer) continue;
    const vouchers = other.vouchers.filter((site) => site !== message.site);
    other.vouchers = alive ? [...vouchers, message.site] : vouchers;
  }
}

const isLater = (one: Heard, other: Heard): boolean =>
  one.incarnation !== other.incarnation ? one.incarnation > other.incarnation : one.sentAt !== other.sentAt ? one.sentAt > other.sentAt : one.seq > other.seq;

function learn({ peers }: State, { site, incarnation, seq, status, replicaMode, vpns }: SiteReport): void {
  const peer = peers.find((each) => each.site === site);
  if (peer !== undefined && isNewer({ incarnation, seq }, peer.report)) peer.report = { site, incarnation, seq, status, replicaMode, vpns };
}

/** A peer that does not answer is not alive by our own knowledge; others may still vouch for it. */
export function loseSight({ state }: Context, site: string): void {
  const peer = state.peers.find((each) => each.site === site);
  if (peer === undefined) return;
  peer.settled = true;
  peer.confirmedAt = -Infinity;
}

/** Both directions work: it has answered something that we said not long ago. */
const isConfirmed = ({ config }: State, peer: Peer, now: number): boolean => now - peer.confirmedAt <= config.timing.aliveMs;

/** Decides anew who is alive. While we were not looking nobody is declared dead. */
export function judgePeers(c: Context): void {
  const { state, now } = c;
  const confirmed = new Set(state.peers.filter((peer) => isConfirmed(state, peer, now)).map(({ site }) => site));
  for (const peer of state.peers) {
    const seen = confirmed.has(peer.site) || peer.vouchers.some((site) => confirmed.has(site)) || (peer.alive && now < state.graceUntil);
    const alive = seen && peer.report !== undefined && peer.report.status !== 'AdminOffline';
    if (alive === peer.alive) continue;
    peer.alive = alive;
    log(c, alive ? 'info' : 'warning', alive ? `${peer.site} is alive` : `${peer.site} is ${seen ? 'shut down' : 'not alive'}`);
  }
}

/** Whether this side of a partition has more than half of the sites. */
export function hasMajority({ state }: Context): boolean {
  const alive = 1 + state.peers.filter((peer) => peer.alive).length;
  return alive * 2 > state.config.sites.length;
}
