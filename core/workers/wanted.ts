/** How many workers a configuration wants. The directive `workers` says it; the host begins them, as it opens the sockets that `bind` names. */
import type { Host } from '../host.js';

/** One, until the directive says otherwise in its `setup`. */
export const wantedWorkers = (host: Pick<Host, 'share'>): { count: number } => host.share('workers', () => ({ count: 1 }));
