/** Who is to have a VPN: the rules, in the order in which they are asked. */
import {
  claims, disowner, highestEpoch, isAnotherReady, isCommon, isReady, log, precedesUs, raiseEpoch, reportsOn, restAfterYielding, restOf, setStatus, setWant,
  type Context, type Held,
} from './context.js';
import { goDown } from './down.js';
import { hasMajority } from './peers.js';
import type { Vpn } from './types.js';

/** Looks at a VPN with all that is known now, and decides. */
export function decide(c: Context, vpn: Vpn): void {
  const held = reportsOn(c, vpn).filter(({ report }) => report.claim);
  remember(c, vpn, held);
  if (c.state.status === 'Pending') return;
  if (vpn.status === 'Pending' && (vpn.phase === 'found' || vpn.phase === 'down')) return begin(c, vpn, held);
  if (claims(vpn)) return mayKeep(c, vpn, held);
  endFailed(c, vpn);
  if (shouldTake(c, vpn)) claim(c, vpn, `nobody has it${vpn.lastHolder === undefined ? '' : ` (the last was ${vpn.lastHolder})`}, and it is our turn`);
}

/** Keeps in mind who has it, and since when nobody does. */
function remember(c: Context, vpn: Vpn, held: readonly Held[]): void {
  const { state, now } = c;
  // A site that starts claims whatever it might find: that does not make it the holder.
  const holders = held.filter((each) => !isStarting(each));
  if (claims(vpn) && vpn.status !== 'Pending') vpn.lastHolder = state.config.site;
  else if (holders.length > 0) vpn.lastHolder = holders.reduce((best, each) => (each.report.epoch > best.report.epoch ? each : best)).peer.site;
  else if (claims(vpn) && vpn.phase !== 'probing') vpn.lastHolder = state.config.site;
  vpn.vacantSince = held.length === 0 && !claims(vpn) ? (vpn.vacantSince ?? now) : undefined;
  vpn.heldSince = held.some(({ report }) => report.status === 'Online') ? (vpn.heldSince ?? now) : undefined;
}

const isStarting = ({ peer }: Held): boolean => peer.report?.status === 'Pending';

/** After the start, when the peers are known: keep, take, or leave it. */
function begin(c: Context, vpn: Vpn, held: readonly Held[]): void {
  const { state } = c;
  if (vpn.want === 'offline' || state.leaving) return goDown(c, vpn, { kind: 'rest', status: 'Offline' }, 'the administrator wants it offline');
  if (vpn.forced) return claim(c, vpn, 'an administrator wants it here');
  if (vpn.phase === 'found') {
    const other = held.find((each) => each.report.status === 'Online' || precedesUs(c, vpn, each));
    if (other === undefined) return claim(c, vpn, 'its session has survived our start');
    // One that starts as we do and comes before us may yet find that it has nothing.
    if (isStarting(other)) return;
    return goDown(c, vpn, { kind: 'rest', status: restAfterYielding(state, vpn) }, `it ran here, but ${other.peer.site} has it`);
  }
  if (held.some(isStarting)) return;
  if (held.length > 0) return goDown(c, vpn, { kind: 'rest', status: restOf(state, vpn) }, `${held[0]!.peer.site} has it`);
  const living = inOrder(c, vpn).find((site) => site === state.config.site || state.peers.some((peer) => peer.site === site && peer.alive));
  const isOurs = vpn.want === 'online' || (vpn.want === 'auto' && state.replicaMode !== 'Disabled' && living === state.config.site);
  if (isOurs && reasonToHoldBack(c) === undefined) return claim(c, vpn, 'nobody has it, and we are the first living site of its list');
  goDown(c, vpn, { kind: 'rest', status: restOf(state, vpn) }, 'the site has started, and it is not our turn');
}

/** One of two that have it gives way; both come to the same verdict from the same facts. */
function mayKeep(c: Context, vpn: Vpn, held: readonly Held[]): void {
  if (vpn.destination?.kind === 'rest' || vpn.destination?.kind === 'begin') return;
  const reason = reasonToHoldBack(c);
  if (reason !== undefined) return yieldTo(c, vpn, reason);
  for (const each of held) {
    const { peer: { site, reachable }, report } = each;
    if (vpn.forced && report.stuck) return yieldTo(c, vpn, `${site} can't let go of it`);
    // What is known from before we stood still is a reason not to take anything, but not to give anything up.
    if (isStarting(each) || !reachable || report.leaving) continue;
    const isStronger = precedesUs(c, vpn, each);
    if (report.forced && isStronger) {
      // The administrator's later word is for another site.
      if (vpn.want === 'online') setWant(c, vpn, 'auto');
      return yieldTo(c, vpn, `an administrator wants it at ${site}`);
    }
    // Whoever serves gives way to a stronger one that serves, not to one that only wants to.
    const isServed = report.status === 'Online';
    if (vpn.status === 'Online' ? isServed && isStronger : !vpn.forced && (isServed || isStronger)) {
      return yieldTo(c, vpn, `${site} has it with ${report.epoch > vpn.epoch ? 'a higher epoch' : 'precedence'}`);
    }
    // When the administrator spoke we did not know its epoch.
    if (vpn.forced && isStronger) raiseEpoch(c, vpn);
  }
  giveOthersATry(c, vpn);
}

const yieldTo = (c: Context, vpn: Vpn, reason: string): void =>
  goDown(c, vpn, { kind: 'rest', status: restAfterYielding(c.state, vpn) }, reason);

/** Tries without end are for when there is nobody else: in the pause between two of them somebody else may have become ready. */
function giveOthersATry(c: Context, vpn: Vpn): void {
  if (vpn.phase !== 'claiming' || vpn.restarts <= c.state.config.timing.failureRetries || c.now >= vpn.notBefore) return;
  if (isAnotherReady(c, vpn)) goDown(c, vpn, { kind: 'rest', status: 'Failed' }, `${vpn.reason}; now another site can try`);
}

/** Why nothing may be online here, whoever has it. */
function reasonToHoldBack(c: Context): string | undefined {
  if (c.state.config.partition === 'majority' && !hasMajority(c)) return 'this side of the network has no majority';
  const peer = disowner(c);
  return peer && `${peer.site} does not know this site`;
}

/** Failed ends when somebody else has been Online for long enough. */
function endFailed(c: Context, vpn: Vpn): void {
  const { failedStatusMs } = c.state.config.timing;
  if (vpn.status !== 'Failed' || failedStatusMs === 0 || vpn.heldSince === undefined || c.now - vpn.heldSince < failedStatusMs) return;
  setStatus(c, vpn, restOf(c.state, vpn), 'another site has been Online for the failed status time-out');
}

/** Whether nobody has it and it is our turn. */
function shouldTake(c: Context, vpn: Vpn): boolean {
  const { state, now } = c;
  if (vpn.vacantSince === undefined || !isReady(c, vpn) || now < state.graceUntil || reasonToHoldBack(c) !== undefined) return false;
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
  const order = inOrder(c, vpn);
  const last = vpn.lastHolder === undefined ? -1 : order.indexOf(vpn.lastHolder);
  const inTurn = [...order.slice(last + 1), ...order.slice(0, last + 1)];
  const ready = new Map(reportsOn(c, vpn).filter(({ report }) => report.ready).map(({ peer, report }) => [peer.site, report.status]));
  ready.set(state.config.site, vpn.status);
  const of = (status: string): string[] => inTurn.filter((site) => ready.get(site) === status);
  return [...of('Replica'), ...of('Failed')];
}

/** The sites in the order in which they take it: that of its list; and while there are different lists by name, so that they do not take it all at once. */
const inOrder = (c: Context, { priority }: Vpn): readonly string[] =>
  (isCommon(c) ? priority : [c.state.config.site, ...c.state.peers.map(({ site }) => site)].sort());

/** Takes it: from now on everybody sees a claim with an epoch above all others. */
export function claim(c: Context, vpn: Vpn, reason: string): void {
  if (vpn.phase !== 'found' || highestEpoch(c.state, vpn) !== vpn.epoch || vpn.epoch === 0) raiseEpoch(c, vpn);
  setStatus(c, vpn, 'Pending', reason);
  log(c, 'info', `${vpn.id}: brought online with epoch ${vpn.epoch}: ${reason}`);
  vpn.reason = reason;
  vpn.phase = 'claiming';
  // A new turn has its own tries; what remains of earlier ones is the pause between turns.
  vpn.restarts = 0;
  vpn.proveBy = c.now + c.state.config.timing.proveTimeoutMs;
}
