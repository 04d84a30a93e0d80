/** Serving: a host from its start to its stop, with the signals and words that any daemon has. */
import { at } from '../errors.js';
import type { Host, PluginHost } from '../host.js';
import { createLogger, streamSink, type Logger, type LogSink } from '../log.js';
import { describeSyntax } from '../properties.js';
import type { AnyPlugin, HostBlock } from '../plugin.js';
import { systemRuntime } from '../runtime.js';
import { createNotifier } from './notify.js';
import { version } from './version.js';

/** What is served: a host, and what only its program knows. */
export interface Served<Block extends HostBlock> {
  readonly host: PluginHost<Block>;
  /** What to say once it runs, a line each. */
  announce(host: Host): readonly string[];
  /** Fulfilled, with the reason, when it is to end without a signal. Asked for once it runs. */
  ended?(host: Host): Promise<string>;
  /** Lets go of what is not the host's. */
  close?(): void;
}

/** A timer that only keeps the process alive, in milliseconds: sockets and children may come and go. */
const longMs = 2 ** 31 - 1;

/**
 * Runs until a signal, or the program itself, ends it. Throws what keeps it from starting.
 * @param make gets the log, and where finished lines of other threads go
 */
export async function serve<Block extends HostBlock>(program: string, quiet: boolean, make: (log: Logger, sink: LogSink) => Served<Block>): Promise<void> {
  const { clock, env } = systemRuntime();
  const output = streamSink(1, clock);
  const log = createLogger(output.sink, clock, { quiet });
  const served = make(log, output.sink);
  const { host } = served;
  const notify = createNotifier(env, log);
  const alive = setInterval(() => undefined, longMs);
  try {
    await host.start();
    host.current!.metrics.observedCounter('log_dropped_lines_total', 'Lines of the log that were dropped.').child({}).watch(output.dropped);
    log.info([`${program} ${version} is ready`, ...served.announce(host.current!)].join('\n'));
    notify('READY=1');
    const reason = await endOf(served, async () => {
      notify('RELOADING=1');
      await host.reload();
      notify('READY=1');
    });
    log.info(`${reason}: stopping`);
    notify('STOPPING=1');
    await host.stop();
    log.info('stopped');
  } finally {
    clearInterval(alive);
    served.close?.();
    await output.close();
  }
}

/** Reloads at SIGHUP and SIGUSR1; fulfilled with what ends the program. */
function endOf<Block extends HostBlock>({ host, ended }: Served<Block>, reload: () => Promise<void>): Promise<string> {
  process.on('SIGHUP', () => void reload());
  process.on('SIGUSR1', () => void reload());
  const signal = new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
  return ended === undefined ? signal : Promise.race([signal, ended(host.current!)]);
}

/** `--check`: what would run, a block at a time. @param remarks what there is to say of a block, a line each */
export function describeConfiguration<Block extends HostBlock>(host: Host, remarks: (block: Block) => readonly string[]): string {
  const lines = host.blocks.flatMap((block) => [
    `${block.label} {`,
    // The blocks of a host are of its kind.
    ...remarks(block as Block).map((remark) => `    # ${remark}`),
    ...host.seats.filter((seat) => seat.block === block).map(({ definition, at: place }) => `    ${definition.name.padEnd(24)}# ${at(place)}`),
    '}',
  ]);
  return `${lines.join('\n')}\n${host.configuration.files[0] ?? 'the configuration'} is in order\n`;
}

/** `--plugins`: the built-in plugins in their order of action, each with its syntax. */
export const listPlugins = (plugins: readonly AnyPlugin[]): string => plugins.map((definition) => describeSyntax(definition)).join('\n\n').concat('\n');
