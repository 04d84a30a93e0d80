/** What an administrator says. */
import { isUsable, log, raiseEpoch, restOf, setStatus, setWant, type Context } from './context.js';
import { claim } from './decide.js';
import { goDown } from './down.js';
import type { Command, ReplicaMode, Vpn } from './types.js';

export function obey(c: Context, command: Command): void {
  const { state } = c;
  if (command.name === 'shutdown') {
    state.leaving = true;
    for (const vpn of state.vpns) goDown(c, vpn, { kind: 'rest', status: 'Offline' }, 'the site shuts down');
    return;
  }
  if (command.name === 'set_replica_mode') return setReplicaMode(c, command.mode);
  const vpn = state.vpns.find(({ id }) => id === command.vpn);
  if (vpn !== undefined && !state.leaving) obeyFor(c, vpn, command.name);
}

function obeyFor(c: Context, vpn: Vpn, name: 'set_online' | 'set_offline' | 'set_replica' | 'restart'): void {
  const reason = `an administrator said ${name}`;
  switch (name) {
    case 'set_online':
      setWant(c, vpn, 'online');
      return bringOnline(c, vpn, reason);
    case 'set_offline':
      setWant(c, vpn, 'offline');
      return goDown(c, vpn, { kind: 'rest', status: 'Offline' }, reason);
    case 'set_replica':
      if (c.state.replicaMode === 'Disabled') return log(c, 'warning', `${vpn.id}: set_replica does nothing while replica_mode is Disabled`);
      setWant(c, vpn, 'replica');
      return goDown(c, vpn, { kind: 'rest', status: 'Replica' }, reason);
    case 'restart':
      if (vpn.phase === 'up') goDown(c, vpn, { kind: 'restart' }, reason);
      return;
    default:
      return name satisfies never;
  }
}

/** Takes it from whoever has it: the claim says so, the holder yields, then we start. */
function bringOnline(c: Context, vpn: Vpn, reason: string): void {
  vpn.failures = vpn.restarts = 0;
  // With a lease the pause may be the time that its last holder has to let go.
  if (vpn.lease === undefined || !isUsable(c, vpn.lease)) vpn.notBefore = c.now;
  if (vpn.status === 'Online' && vpn.destination === undefined) return;
  vpn.forced = true;
  if (c.state.status === 'Pending') {
    // Before the peers are known nothing can be taken from them.
    if (vpn.destination !== undefined) vpn.destination = { kind: 'begin' };
    return;
  }
  if (vpn.phase === 'down') return claim(c, vpn, reason);
  // On its way up it goes on; on its way down it comes back.
  raiseEpoch(c, vpn);
  if (vpn.destination !== undefined) vpn.destination = { kind: 'restart' };
  if (vpn.status === 'Online') setStatus(c, vpn, 'Pending', reason);
}

/** Manual changes nothing by itself: from then on things change only when told to. */
function setReplicaMode(c: Context, mode: ReplicaMode): void {
  c.state.replicaMode = mode;
  if (mode === 'Manual') return;
  for (const vpn of c.state.vpns) {
    if (mode === 'Disabled' && vpn.destination?.kind === 'rest' && vpn.destination.status === 'Replica') vpn.destination = { kind: 'rest', status: 'Offline' };
    if (vpn.phase !== 'down' || (vpn.status !== 'Replica' && vpn.status !== 'Offline')) continue;
    setStatus(c, vpn, restOf(c.state, vpn), `an administrator set replica_mode ${mode}`);
  }
}
