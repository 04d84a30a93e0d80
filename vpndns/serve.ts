/** Serving: a DNS host on the Corefile. */
import { textOfEndpoint } from '../core/address.js';
import { DnsBlock } from '../core/block.js';
import { describeConfiguration, serve } from '../core/command/serve.js';
import { version } from '../core/command/version.js';
import { readConfiguration } from '../core/configuration.js';
import { createDnsHost, type DnsHost } from '../core/dns.js';
import type { Host } from '../core/host.js';
import { createLogger, type Logger } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import { systemRuntime } from '../core/runtime.js';
import { plugins } from '../plugins/index.js';
import type { Common } from './arguments.js';

/** A DNS host for a Corefile on disk, with all built-in plugins; nothing runs yet. */
export function hostFor({ conf, port }: Common, log: Logger): DnsHost {
  const runtime = systemRuntime();
  return createDnsHost({
    name: 'vpndns', version, runtime, log, metrics: new Metrics(), defaultPort: port,
    read: () => readConfiguration(plugins, { file: conf, env: runtime.env }),
  });
}

/** Runs until a signal ends it. Throws what keeps it from starting. */
export const serveDns = (common: Common): Promise<void> =>
  serve('vpndns', common.quiet, (log) => {
    const { host, server } = hostFor(common, log);
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
