/** Puts and removes the route, and believes nothing but the table. */
import { platform } from 'node:os';
import type { Host } from '../../core/host.js';
import type { Driver, Ending, Order, Target } from '../hooks.js';
import { run, type Result } from '../../core/process/run.js';
import { commandDriver } from '../process/driver.js';
import { scriptLine } from '../process/scripts.js';
import { endingOf, hasGateway, isWanted, routeOf, stillOf, ways, type Found, type Way } from './ways.js';

/** The routing table can't be read. */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

export interface RouteDrivers {
  readonly add: Driver;
  readonly remove: Driver;
  /** Whether it is there. Scripts have no way to tell. */
  readonly see?: Driver;
  /** For whoever has nothing but commands. */
  readonly ending: (target: Target) => Ending;
}

type Tools = Pick<Host, 'clock' | 'runtime'>;

const runFor = ({ clock, runtime: { env } }: Tools, { signal }: Order, argv: readonly string[]): Promise<Result> => run({ argv, env, clock, signal });

/** Our routes to the VPN's address. Throws {@link Unreadable}. */
async function find(way: Way, tools: Tools, order: Order): Promise<readonly Found[]> {
  const route = routeOf(order);
  const { ok, reason = '', unsure, output } = await runFor(tools, order, way.show(route));
  if (ok) return way.parse(output, route);
  if (way.absenceFails === true && unsure !== true) return [];
  throw new Unreadable(`the routing table can't be read: ${reason}`);
}

/** The two drivers of a way. */
export const routeDrivers = (way: Way, tools: Tools): RouteDrivers => ({
  ending: (target) => endingOf(way, target),

  async add(order) {
    const route = routeOf(order);
    // After a restart it is there already: to put it there anew would be seen by every router of the WAN.
    if (!(await find(way, tools, order)).some((found) => isWanted(way, route, found))) {
      let last: Result | undefined;
      for (const argv of way.add(route)) last = await runFor(tools, order, argv);
      if (last?.ok !== true) return { ok: false, ...last };
    }
    const found = await find(way, tools, order);
    for (const stale of found.filter((each) => !isWanted(way, route, each))) await runFor(tools, order, way.remove(route, stale));
    if (found.some((each) => isWanted(way, route, each))) return { ok: true };
    return { ok: false, reason: `the route to ${route.anycast.text} was added, but is not in the table` };
  },

  async see(order) {
    const { anycast, gateway } = routeOf(order);
    const isThere = (await find(way, tools, order)).some((found) => hasGateway(found, gateway));
    return isThere ? { ok: true } : { ok: false, reason: `its route to ${anycast.text} is gone from the table` };
  },

  /** It is gone when the table says so, whatever the command says that removes it. */
  async remove(order) {
    const route = routeOf(order);
    let said: string | undefined;
    for (const found of await find(way, tools, order)) said = (await runFor(tools, order, way.remove(route, found))).reason;
    if ((await find(way, tools, order)).length === 0) return { ok: true };
    return { ok: false, reason: `the route to ${route.anycast.text} is still in the table${said === undefined ? '' : `: ${said}`}` };
  },
});

/**
 * The two scripts of the earlier daemon. Its `delete-vpn-route.sh` fails when there is no route: then the table has the last word, where it
 * can be read.
 */
export function scriptedRouteDrivers(directory: string, tools: Tools): RouteDrivers {
  const way = platform() === 'freebsd' ? ways.freebsd : ways.iproute;
  const byScript = commandDriver(tools, (order) => scriptLine(directory, 'removeRoute', order));
  return {
    ending: (target) => ({ commands: [scriptLine(directory, 'removeRoute', target)], still: stillOf(way, target) }),
    add: commandDriver(tools, (order) => scriptLine(directory, 'addRoute', order)),
    async remove(order) {
      const outcome = await byScript(order);
      if (outcome.ok || outcome.unsure === true) return outcome;
      const left = await find(way, tools, order).catch(() => undefined);
      return left?.length === 0 ? { ok: true } : outcome;
    },
  };
}
