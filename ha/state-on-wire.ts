import type { ReplicaMode, State } from './machine/index.js';
import { statusesOf } from './snapshot.js';

/** The state as the predecessor's calls show it. A site that can't be reached has everything Offline. */
export function stateOnWire(state: State): { readonly id: string; readonly replica_mode: ReplicaMode; readonly state: object } {
  const own = Object.fromEntries(state.vpns.map(({ id, status }) => [id, status]));
  const sites: [string, object][] = [[state.config.site, { id: state.config.site, vpn: own }]];
  for (const peer of state.peers) sites.push([peer.site, { id: peer.site, vpn: statusesOf(peer, state) }]);
  return { id: state.config.site, replica_mode: state.replicaMode, state: Object.fromEntries(sites) };
}
