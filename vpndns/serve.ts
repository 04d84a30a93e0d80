/** Serving: a DNS host on the Corefile. */
import { textOfEndpoint } from '../core/address.js';
import { DnsBlock } from '../core/block.js';
import { describeConfiguration, serve } from '../core/command/serve.js';
import type { Host } from '../core/host.js';
import { createLogger } from '../core/log.js';
import { systemRuntime } from '../core/runtime.js';
import type { Common } from './arguments.js';
import { hostFor, relayLog } from './hosts.js';

/** Runs until a signal ends it. Throws what keeps it from starting. */
export const serveDns = (common: Common): Promise<void> =>
  serve('vpndns', common.quiet, (log, sink) => {
    const { host, server, workers } = hostFor(common, log);
    relayLog(workers, sink, log);
    return { host, announce, close: () => server.close() };
  });

/** Where it listens, and what to try. */
function announce(host: Host): string[] {
  const lines = host.blocks.flatMap((block) => {
    if (!(block instanceof DnsBlock)) return [];
    const where = block.endpoints.map(textOfEndpoint);
    return [`serves ${block.label} on ${where.length > 6 ? `${where.slice(0, 6).join(', ')} and ${where.length - 6} more` : where.join(', ')}`];
  });
  const first = host.blocks.flatMap((block) => (block instanceof DnsBlock ? block.endpoints : []))[0];
  if (host.workers.isFirst && host.workers.count > 1) lines.push(`with ${host.workers.count} workers`);
  if (first !== undefined) lines.push(`try: dig @${first.address.text} -p ${first.port} example.org`);
  return lines;
}

/** `--check`: what would run. Throws the Corefile's mistakes. */
export async function check(common: Common): Promise<string> {
  const { host, server } = hostFor(common, createLogger(() => undefined, systemRuntime().clock));
  try {
    return describeConfiguration<DnsBlock>(await host.check(), ({ endpoints }) => [`listens on ${endpoints.map(textOfEndpoint).join(', ')}`]);
  } finally {
    server.close();
  }
}
