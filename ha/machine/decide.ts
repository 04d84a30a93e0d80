/** Who is to have a VPN: the rules, in the order in which they are asked. */
import {
  claims, highestEpoch, isReady, log, precedes, raiseEpoch, reportsOn, restAfterYielding, restOf, setStatus, setWant, type Context, type Held,
} from './context.js';
import { goDown } from './drive.js';
import { hasMajority } from './peers.js';
import type { Vpn } from './types.js';

/** Looks at a VPN with all that is known now, and decides. */
export function decide(c: Context, vpn: Vpn): void {
  const held = reportsOn(c, vpn).filter(({ report }) => report.claim || report.status === 'Online');
  remember(c, vpn, held);
  if (vpn.phase === 'probing' || c.state.status === 'Pending') return;
  if (vpn.status === 'Pending' && (vpn.phase === 'found' || vpn.phase === 'down')) return begin(c, vpn, held);
  if (claims(vpn)) return mayKeep(c, vpn, held);
  endFailed(c, vpn);
  if (shouldTake(c, vpn, held)) claim(c, vpn, `nobody has it${vpn.lastHolder === undefined ? '' : ` (the last was ${vpn.lastHolder})`}, and it is our turn`);
}

/** Keeps in mind who has it, and since when nobody does. */
function remember(c: Context, vpn: Vpn, held: readonly Held[]): void {
  const { state, now } = c;
  const strongest = held.reduce<Held | undefined>((best, each) =>
    best === undefined || precedes(vpn, idOf(each), idOf(best)) ? each : best, undefined);
  if (claims(vpn) && vpn.phase !== 'found') vpn.lastHolder = state.config.site;
  else if (strongest !== undefined) vpn.lastHolder = strongest.peer.site;
  vpn.vacantSince = strongest === undefined && !claims(vpn) ? (vpn.vacantSince ?? now) : undefined;
  vpn.heldSince = held.some(({ report }) => report.status === 'Online') ? (vpn.heldSince ?? now) : undefined;
}

const idOf = ({ peer, report }: Held): { readonly epoch: number; readonly site: string } => ({ epoch: report.epoch, site: peer.site });

/** After the start, when the peers are known: keep, take, or leave it. */
function begin(c: Context, vpn: Vpn, held: readonly Held[]): void {
  const { state } = c;
  const own = { epoch: vpn.epoch, site: state.config.site };
  const rest = restOf(state, vpn);
  if (vpn.want === 'offline' || state.leaving) return goDown(c, vpn, { kind: 'rest', status: 'Offline' }, 'the administrator wants it offline');
  if (vpn.phase === 'found') {
    const other = held.find((each) => each.report.status === 'Online' || precedes(vpn, idOf(each), own));
    if (other !== undefined) return goDown(c, vpn, { kind: 'rest', status: restAfterYielding(state, vpn) }, `it ran here, but ${other.peer.site} has it`);
    return claim(c, vpn, 'its session has survived our start');
  }
  if (held.length > 0) return goDown(c, vpn, { kind: 'rest', status: rest }, `${held[0]!.peer.site} has it`);
  const living = vpn.priority.find((site) => site === state.config.site || state.peers.some((peer) => peer.site === site && peer.alive));
  const isOurs = vpn.want === 'online' || (vpn.want === 'auto' && state.replicaMode !== 'Disabled' && living === state.config.site);
  if (isOurs && mayActivate(c)) return claim(c, vpn, 'nobody has it, and we are the first living site of its list');
  goDown(c, vpn, { kind: 'rest', status: rest }, 'the site has started, and it is not our turn');
}

/** One of two that have it gives way; both come to the same verdict from the same facts. */
function mayKeep(c: Context, vpn: Vpn, held: readonly Held[]): void {
  const { state } = c;
  if (vpn.destination?.kind === 'rest') return;
  if (!mayActivate(c)) return yieldTo(c, vpn, 'this side of the network has no majority');
  const own = { epoch: vpn.epoch, site: state.config.site };
  for (const each of held) {
    const { peer: { site }, report } = each;
    const isStronger = precedes(vpn, idOf(each), own);
    if (report.forced && isStronger) {
      // The administrator's later word is for another site.
      if (vpn.want === 'online') setWant(c, vpn, 'auto');
      return yieldTo(c, vpn, `an administrator wants it at ${site}`);
    }
    // Whoever serves gives way to a stronger one that serves, not to one that only wants to.
    if (vpn.status === 'Online' ? report.status === 'Online' && isStronger : !vpn.forced && (report.status === 'Online' || isStronger)) {
      return yieldTo(c, vpn, `${site} has it with ${report.epoch > vpn.epoch ? 'a higher epoch' : 'precedence'}`);
    }
    if (vpn.forced && report.stuck) return yieldTo(c, vpn, `${site} can't let go of it`);
  }
}

const yieldTo = (c: Context, vpn: Vpn, reason: string): void =>
  goDown(c, vpn, { kind: 'rest', status: restAfterYielding(c.state, vpn) }, reason);

/** `partition majority`: a side without a majority holds back. */
const mayActivate = (c: Context): boolean => c.state.config.partition === 'available' || hasMajority(c);

/** Failed ends when somebody else has been Online for long enough. */
function endFailed(c: Context, vpn: Vpn): void {
  const { failedStatusMs } = c.state.config.timing;
  if (vpn.status !== 'Failed' || failedStatusMs === 0 || vpn.heldSince === undefined || c.now - vpn.heldSince < failedStatusMs) return;
  setStatus(c, vpn, restOf(c.state, vpn), 'another site has been Online for the failed status time-out');
}

/** Whether nobody has it and it is our turn. */
function shouldTake(c: Context, vpn: Vpn, held: readonly Held[]): boolean {
  const { state, now } = c;
  if (held.length > 0 || vpn.vacantSince === undefined || !isReady(c, vpn) || now < state.graceUntil || !mayActivate(c)) return false;
  const vacantMs = now - vpn.vacantSince;
  // The side that lost its majority needs its time to let go.
  if (state.config.partition === 'majority' && vacantMs < state.config.timing.stopBudgetMs) return false;
  const place = candidates(c, vpn).indexOf(state.config.site);
  // Whoever comes before us and does not act may know something, or be broken: its turn does not last for ever.
  return place === 0 || vacantMs >= place * state.config.timing.aliveMs;
}

/** The sites that would take it now, the next after the last holder first; those that failed come after those that did not. */
function candidates(c: Context, vpn: Vpn): string[] {
  const { state } = c;
  const last = vpn.lastHolder === undefined ? -1 : vpn.priority.indexOf(vpn.lastHolder);
  const inTurn = [...vpn.priority.slice(last + 1), ...vpn.priority.slice(0, last + 1)];
  const ready = new Map(reportsOn(c, vpn).filter(({ report }) => report.ready).map(({ peer, report }) => [peer.site, report.status]));
  ready.set(state.config.site, vpn.status);
  const of = (status: string): string[] => inTurn.filter((site) => ready.get(site) === status);
  return [...of('Replica'), ...of('Failed')];
}

/** Takes it: from now on everybody sees a claim with an epoch above all others. */
export function claim(c: Context, vpn: Vpn, reason: string): void {
  if (vpn.phase !== 'found' || highestEpoch(c.state, vpn) !== vpn.epoch || vpn.epoch === 0) raiseEpoch(c, vpn);
  setStatus(c, vpn, 'Pending', reason);
  log(c, 'info', `${vpn.id}: brought online with epoch ${vpn.epoch}: ${reason}`);
  vpn.reason = reason;
  vpn.phase = 'claiming';
  vpn.destination = undefined;
}
