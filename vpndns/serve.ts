/** Serving: a host on the Corefile, from start to stop. */
import { createLogger, streamSink } from '../core/log.js';
import { describeSyntax } from '../core/properties.js';
import { textOfEndpoint } from '../core/address.js';
import { DnsBlock } from '../core/block.js';
import { readConfiguration } from '../core/configuration.js';
import { createDnsHost, type DnsHost } from '../core/dns.js';
import { at } from '../core/errors.js';
import type { Host } from '../core/host.js';
import type { Logger } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import { systemRuntime } from '../core/runtime.js';
import { plugins } from '../plugins/index.js';
import type { Common } from './arguments.js';
import { createNotifier } from './notify.js';
import { version } from './version.js';

/** A DNS host for a Corefile on disk, with all built-in plugins; nothing runs yet. */
export function hostFor({ conf, port }: Common, log: Logger): DnsHost {
  const runtime = systemRuntime();
  return createDnsHost({
    name: 'vpndns', version, runtime, log, metrics: new Metrics(), defaultPort: port,
    read: () => readConfiguration(plugins, { file: conf, env: runtime.env }),
  });
}

/** Runs until a signal ends it. Throws what keeps it from starting. */
export async function serve(common: Common): Promise<void> {
  const { clock, env } = systemRuntime();
  const output = streamSink(1, clock);
  const log = createLogger(output.sink, clock, { quiet: common.quiet });
  const { host, server } = hostFor(common, log);
  const notify = createNotifier(env, log);
  try {
    await host.start();
  } catch (error) {
    server.close();
    await output.close();
    throw error;
  }
  log.info(`vpndns ${version} is ready\n${announcement(host.current!).join('\n')}`);
  notify('READY=1');

  const reload = async (): Promise<void> => {
    notify('RELOADING=1');
    await host.reload();
    notify('READY=1');
  };
  process.on('SIGHUP', () => void reload());
  process.on('SIGUSR1', () => void reload());
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
  log.info(`${signal}: stopping`);
  notify('STOPPING=1');
  await host.stop();
  server.close();
  log.info('stopped');
  await output.close();
}

/** Where it listens, and what to try. */
function announcement(host: Host): string[] {
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
  const { clock } = systemRuntime();
  const { host, server } = hostFor(common, createLogger(() => undefined, clock));
  try {
    const checked = await host.check();
    const lines = checked.blocks.flatMap((block) => [
      `${block.label} {`,
      ...(block instanceof DnsBlock ? [`    # listens on ${block.endpoints.map(textOfEndpoint).join(', ')}`] : []),
      ...checked.seats.filter((seat) => seat.block === block).map(({ definition, at: place }) => `    ${definition.name.padEnd(24)}# ${at(place)}`),
      '}',
    ]);
    return `${lines.join('\n')}\n${common.conf} is in order\n`;
  } finally {
    server.close();
  }
}

/** `--plugins`: the built-in plugins in their order of action, each with its syntax. */
export const listPlugins = (): string => plugins.map((definition) => describeSyntax(definition)).join('\n\n').concat('\n');
