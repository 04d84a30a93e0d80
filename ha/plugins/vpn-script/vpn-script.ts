/** The scripts of the earlier daemon as drivers. */
import type { Host } from '../../../core/host.js';
import type { Driver, Ending, Target } from '../../hooks.js';
import { commandDriver } from '../../process/driver.js';
import { scriptLine, type ScriptedKind } from '../../process/scripts.js';
import { scriptedRouteDrivers } from '../../routes/drivers.js';

export type ScriptDrivers = Readonly<Record<ScriptedKind, Driver>> & { readonly routeEnding: (target: Target) => Ending };

/** @param directory where the scripts are */
export function scriptDrivers(directory: string, host: Pick<Host, 'clock' | 'runtime'>): ScriptDrivers {
  const { add, remove, ending: routeEnding } = scriptedRouteDrivers(directory, host);
  const session = commandDriver(host, (order) => scriptLine(directory, order.kind as ScriptedKind, order));
  return { probe: session, start: session, stop: session, check: session, addRoute: add, removeRoute: remove, routeEnding };
}
