/** Serving: an HA host on the Dynvpnfile. */
import { describeConfiguration, serve } from '../core/command/serve.js';
import { version } from '../core/command/version.js';
import { readConfiguration } from '../core/configuration.js';
import type { PluginHost } from '../core/host.js';
import { createLogger, type Logger, type LogSink } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import { systemRuntime } from '../core/runtime.js';
import { textOfEndpoint } from '../core/address.js';
import type { Common } from './arguments.js';
import { HaBlock } from './block.js';
import { createHaHost } from './host.js';
import { plugins } from './plugins/index.js';

/** An HA host for a Dynvpnfile on disk, with all built-in plugins; nothing runs yet. */
export function hostFor({ conf }: Pick<Common, 'conf'>, log: Logger): PluginHost<HaBlock> {
  const runtime = systemRuntime();
  return createHaHost({
    name: 'dynvpn', version, runtime, log, metrics: new Metrics(),
    read: () => readConfiguration(plugins, { file: conf, env: runtime.env }),
  });
}

/** Runs until a signal, or a shutdown that has handed everything over, ends it. Throws what keeps it from starting. */
export const serveHa = (common: Common): Promise<void> =>
  serve('dynvpn', common.quiet, (log) => ({
    host: hostFor(common, log),
    announce: ({ blocks }) => haBlocks(blocks).map(describeBlock),
    async ended({ blocks }) {
      await Promise.all(haBlocks(blocks).map(({ runner }) => runner.left));
      return 'shutdown';
    },
  }));

const haBlocks = (blocks: readonly unknown[]): HaBlock[] => blocks.filter((block) => block instanceof HaBlock);

const describeBlock = ({ label, settings: { vpns, sites } }: HaBlock): string =>
  `runs ${label}, one of ${sites.length} sites, with ${vpns.map(({ id }) => id).join(', ') || 'no VPN'}`;

/**
 * `--check`: what would run. Throws the mistakes of the Dynvpnfile and of the files that it names.
 * @param warn gets a line for what is worth a look
 */
export async function check(common: Common, warn: LogSink): Promise<string> {
  const host = hostFor(common, createLogger(warn, systemRuntime().clock, { quiet: true }));
  return describeConfiguration<HaBlock>(await host.check(), (block) => [
    describeBlock(block), ...block.settings.vpns.map(({ id, local, anycast }) => `${id}: ${local.text}, anycast ${anycast.text}`),
    `peers: ${block.settings.sites.filter(({ id }) => id !== block.label).map(({ id, peer }) => `${id} ${textOfEndpoint(peer)}`).join(', ') || 'none'}`,
  ]);
}
