/** What runs: the version, and the plugins in each server block. */
import { parseAddress } from '../../core/address.js';
import { DnsBlock } from '../../core/block.js';
import type { Host } from '../../core/host.js';
import { fqdnOf } from '../../core/name.js';
import type { HostBlock } from '../../core/plugin.js';
import { serverLabel } from './prometheus.js';

/** Shows it in the metrics until the returned function is called. */
export function announce(host: Host): () => void {
  const info = host.metrics.gauge('build_info', 'The version that runs.', ['version', 'nodeversion']);
  const enabled = host.metrics.gauge('plugin_enabled', 'Plugins that are in use, by server block.', ['server', 'zone', 'name']);
  const withdrawals = [info.child({ version: host.version, nodeversion: process.version }).watch(() => 1)];
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
  const words = block.listenOn.length === 0 ? [''] : block.listenOn.map(({ word }) => word);
  return block.addresses.flatMap(({ zones, port }) => zones.flatMap((zone) => words.map((word) => {
    const address = parseAddress(word);
    return { server: serverLabel(address?.bits === 128 ? `[${address.text}]` : word, port), zone: fqdnOf(zone) };
  })));
}
