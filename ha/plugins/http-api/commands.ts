/** An administrator's commands: what can't be is refused before it begins, what can is watched until it is done, has failed, or takes too long. */
import { ApiError } from '../../../core/plugin.js';
import type { Clock } from '../../../core/runtime.js';
import type { Command, State, Vpn } from '../../machine/index.js';
import { CommandError, type Runner } from '../../runner.js';

export type VpnCommand = Extract<Command, { readonly vpn: string }>['name'];

/** Whether a command is done, and if not, whether it still can be. */
export type Progress = 'done' | 'under way' | { readonly failed: string };

/** Refuses what makes no sense here and now. Throws an `ApiError`. */
export function checkCommand(state: State, name: VpnCommand, id: string): void {
  const vpn = vpnOf(state, id);
  const { site } = state.config;
  if (vpn === undefined) throw new ApiError(404, `there is no VPN ${id} at ${site}; there is ${state.vpns.map((each) => each.id).join(', ') || 'none'}`);
  if (state.leaving) throw new ApiError(409, `${site} is being shut down`);
  if (name === 'set_replica' && state.replicaMode === 'Disabled') throw new ApiError(409, 'replica_mode is Disabled; set it to Manual or Auto first');
  if (name === 'restart' && vpn.phase !== 'up') throw new ApiError(409, `${id} is not online here: ${vpn.status} (${vpn.reason})`);
  if (name === 'set_online' && vpn.priority.length > 0 && !vpn.priority.includes(site)) {
    throw new ApiError(409, `${site} is not in the priority list of ${id}`);
  }
}

/** How far a command is, by what the state says now. */
export function progressOf(state: State, name: VpnCommand, id: string): Progress {
  const vpn = vpnOf(state, id);
  if (vpn === undefined) return { failed: `${id} is gone from the configuration` };
  if (vpn.stuck !== undefined) return { failed: `${id} is stuck: ${vpn.stuck}` };
  switch (name) {
    case 'set_online':
      if (vpn.want !== 'online') return { failed: `another command came: ${describe(vpn)}` };
      return progressUp(vpn);
    case 'restart':
      return progressUp(vpn);
    case 'set_offline':
      return progressDown(vpn, vpn.want === 'offline');
    case 'set_replica':
      return progressDown(vpn, vpn.want === 'replica');
    default:
      return name satisfies never;
  }
}

function progressUp(vpn: Vpn): Progress {
  if (vpn.phase === 'up' && vpn.destination === undefined) return 'done';
  return vpn.phase === 'down' && vpn.status !== 'Pending' ? { failed: describe(vpn) } : 'under way';
}

/** A replica that nobody keeps from it may be on its way up again: it has been down, and that was all that was asked. */
function progressDown(vpn: Vpn, isWanted: boolean): Progress {
  if (!isWanted) return { failed: `another command came: ${describe(vpn)}` };
  return vpn.destination?.kind === 'rest' ? 'under way' : 'done';
}

const vpnOf = ({ vpns }: State, id: string): Vpn | undefined => vpns.find((vpn) => vpn.id === id);

/** Its status and why, for people. */
export const describe = ({ id, status, reason }: Vpn): string => `${id} is ${status}: ${reason}`;

/** Waits for states. */
export class Waiting {
  readonly #clock: Clock;
  readonly #looks = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The state may have changed. */
  look(): void {
    for (const look of this.#looks) look();
  }

  /** Until `isOver`, at most so long. @returns whether it is over */
  until(isOver: () => boolean, waitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (over: boolean): void => {
        this.#clock.cancel(timer);
        this.#looks.delete(look);
        resolve(over);
      };
      const look = (): void => {
        if (isOver()) end(true);
      };
      const timer = this.#clock.after(waitMs, () => end(isOver()));
      this.#looks.add(look);
      look();
    });
  }
}

/** Gives the machine a command. What the runner refuses is the caller's mistake. */
export async function command(runner: Runner, order: Command): Promise<void> {
  try {
    await runner.command(order);
  } catch (error) {
    throw error instanceof CommandError ? new ApiError(409, error.message) : error;
  }
}
