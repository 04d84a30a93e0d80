/** The scripts of the earlier daemon as drivers. */
import type { Host } from '../../../core/host.js';
import type { Driver } from '../../hooks.js';
import { commandDriver } from '../../process/driver.js';
import { scriptLine, type ScriptedKind } from '../../process/scripts.js';
import { scriptedRouteDrivers } from '../../routes/drivers.js';

/** @param directory where the scripts are */
export function scriptDrivers(directory: string, host: Pick<Host, 'clock' | 'runtime'>): Readonly<Record<ScriptedKind, Driver>> {
  const { add, remove } = scriptedRouteDrivers(directory, host);
  const session = commandDriver(host, (order) => scriptLine(directory, order.kind as ScriptedKind, order));
  return { probe: session, start: session, stop: session, check: session, addRoute: add, removeRoute: remove };
}
