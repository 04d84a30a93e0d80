/** How a running machine takes a changed configuration. */
import { boot, type Step } from './step.js';
import type { Config, Saved, State } from './types.js';

export interface Reconfigured extends Step {
  /** VPNs that the configuration no longer has but that may still run here: they stay until they are down. */
  readonly removed: readonly string[];
}

/**
 * The state under a new configuration: what both have goes on as it is, new VPNs begin as at a start, new peers are unknown. A peer that the
 * configuration no longer has stays for as long as it is alive: what it still has is not taken from it.
 * @param saved what the disk keeps, for VPNs that are new
 */
export function reconfigure(state: State, config: Config, now: number, saved: Readonly<Record<string, Saved>>): Reconfigured {
  const { incarnation, replicaMode } = state;
  const fresh = boot(config, { now, incarnation, replicaMode, saved });
  const known = new Map(state.vpns.map((vpn) => [vpn.id, vpn]));
  const wanted = new Set(config.vpns.map(({ id }) => id));
  const removed = state.vpns.filter(({ id, phase }) => !wanted.has(id) && phase !== 'down');
  const vpns = fresh.state.vpns.map((vpn) => {
    const old = known.get(vpn.id);
    return old === undefined ? vpn : { ...old, priority: vpn.priority };
  });
  const sites = new Set(config.sites);
  const parting = state.peers.filter(({ site, alive }) => !sites.has(site) && alive);
  return {
    state: {
      ...state, config, now, operations: Math.max(state.operations, fresh.state.operations), vpns: [...vpns, ...removed],
      peers: [...fresh.state.peers.map((peer) => state.peers.find(({ site }) => site === peer.site) ?? peer), ...parting],
    },
    effects: fresh.effects.filter((effect) => effect.type === 'work' && !known.has(effect.vpn)),
    removed: removed.map(({ id }) => id),
  };
}

/** The state without the VPNs that the configuration no longer has and that are down; undefined when there is none. */
export function withoutRemoved(state: State): { readonly state: State; readonly gone: readonly string[] } | undefined {
  const wanted = new Set(state.config.vpns.map(({ id }) => id));
  const gone = state.vpns.filter(({ id, phase }) => !wanted.has(id) && phase === 'down').map(({ id }) => id);
  return gone.length === 0 ? undefined : { state: { ...state, vpns: state.vpns.filter(({ id }) => !gone.includes(id)) }, gone };
}
