/** What runs: the version, and the plugins in each server block. */
import { textOfEndpoint } from '../../core/address.js';
import { DnsBlock } from '../../core/block.js';
import type { Host } from '../../core/host.js';
import { fqdnOf } from '../../core/name.js';
import type { HostBlock } from '../../core/plugin.js';
import { processFacts } from '../../core/process-metrics.js';
import { serverLabel } from './prometheus.js';

/** Shows it in the metrics until the returned function is called. */
export function announce(host: Host): () => void {
  const info = host.metrics.gauge('build_info', 'The version that runs.', ['version', 'nodeversion']);
  const enabled = host.metrics.gauge('plugin_enabled', 'Plugins that are in use, by server block.', ['server', 'zone', 'name']);
  const withdrawals = [info.child({ version: host.version, nodeversion: processFacts().node }).watch(() => 1)];
  for (const { block, definition: { name } } of host.seats) {
    for (const place of placesOf(block)) withdrawals.push(enabled.child({ ...place, name }).watch(() => 1));
  }
  return () => {
    for (const withdraw of withdrawals) withdraw();
  };
}

/** The servers and zones of a block; a block that serves no DNS has just its name. */
function placesOf(block: HostBlock): { readonly server: string; readonly zone: string }[] {
  if (!(block instanceof DnsBlock)) return [{ server: block.label, zone: '' }];
  return block.addresses.flatMap(({ zones, port }) => {
    const here = block.endpoints.filter((endpoint) => endpoint.port === port);
    const servers = new Set(here.map((endpoint) => serverLabel(block, textOfEndpoint(endpoint))));
    return zones.flatMap((zone) => [...servers].map((server) => ({ server, zone: fqdnOf(zone) })));
  });
}
