/**
 * A plugin host: takes a configuration through its life — build, start, swap, stop — and holds what every generation shares. It knows no
 * plugin by name and nothing of DNS: `vpndns` and `dynvpn` are both made from it (see `core/dns.ts` for the first).
 */
import type { ConfiguredBlock, ConfiguredDirective, Configuration } from './configuration.js';
import { messageOf, OperationalError } from './errors.js';
import { Generation } from './generation.js';
import { Pool, type Closable } from './keep.js';
import type { Logger } from './log.js';
import type { Count, Metrics } from './metrics.js';
import type { HostBlock, PluginInstance } from './plugin.js';
import type { Clock, Random, Runtime } from './runtime.js';
import type { Workers } from './workers/workers.js';

/** A plugin at work: one instance in one block. */
export interface Seat<Block extends HostBlock = HostBlock> extends ConfiguredDirective {
  readonly block: Block;
  readonly instance: PluginInstance;
}

export interface ReloadReport {
  readonly generation: number;
  /** Why the old configuration goes on; empty when the new one is in force. */
  readonly errors: readonly string[];
}

/** A plugin that can't do all its work, and why. */
export interface Unready {
  readonly plugin: string;
  readonly reason: string;
}

/** A generation that has started beside the one that serves. */
export interface Prepared {
  /** Serves from now on, before this returns; fulfilled when the one before has finished its work and stopped. */
  takeOver(): Promise<void>;
  /** Stops it; nothing has changed. */
  abandon(): Promise<void>;
}

/** A host as its plugins see it: one generation of it. */
export interface Host {
  /** The program: `vpndns`. */
  readonly name: string;
  readonly version: string;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Counts configurations from 1. */
  readonly generation: number;
  /** When the process began, in milliseconds of the clock. */
  readonly startedAt: number;
  readonly configuration: Configuration;
  /** The threads that serve together; this host is that of one of them. */
  readonly workers: Workers;
  readonly blocks: readonly HostBlock[];
  /** All instances of this generation, in the order of setup; complete once every setup has run. */
  readonly seats: readonly Seat[];
  /**
   * A resource that outlives a reload: made once for its key, shared by every generation that asks for the key, and closed when the last
   * one that did is gone. Call it in `start`, not in `setup`.
   */
  keep<T extends Closable>(key: string, make: () => T): T;
  /** What the plugins of this generation share, and no other generation does: made once for its key, in `setup` already. */
  share<T>(key: string, make: () => T): T;
  /** A file that belongs to the configuration as the Corefile does: when it changes, the configuration has. To be called in `setup`. */
  watch(path: string): void;
  /** All files that belong to the configuration. */
  readonly watched: ReadonlySet<string>;
  /** Runs when this generation takes over, in the same turn of the event loop as all the others' callbacks. Must not throw. */
  onSwap(callback: () => void): void;
  /** Loads the configuration anew and swaps it in, or reports why not. Calls that come while one runs share the next. */
  reload(): Promise<ReloadReport>;
  /** The plugins that are not ready, with their reasons; empty when all are. */
  unready(): readonly Unready[];
  /** Where this generation listens, as `dns 127.0.0.1:53`. */
  listeners(): readonly string[];
}

/** What makes a host the particular program that it is. */
export interface HostOptions<Block extends HostBlock> {
  readonly name: string;
  readonly version: string;
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Default: there is no other. */
  readonly workers?: Workers;
  /** Reloads in the place of this host alone, where it is one of several. */
  readonly reload?: () => Promise<ReloadReport>;
  /** Reads the configuration; its mistakes are reported with those that setup finds. */
  read(): Configuration | Promise<Configuration>;
  /** Makes the block that its plugins get. Throws a `ConfigError` for addresses that it can't serve. */
  createBlock(configured: ConfiguredBlock, host: Host): Block;
  /** Called when every plugin is set up, with all blocks: may add an instance of the host's own, which starts last and stops first. */
  complete?(blocks: readonly Block[], host: Host): PluginInstance;
  /** Fulfilled when the other workers have taken over as well; a start and a reload wait for it. */
  settled?(): Promise<void>;
  /** Fulfilled when the work under way in these blocks is done, within `limits.drainMs`; a stop and a reload wait for it. */
  drained?(blocks: readonly Block[]): Promise<void>;
}

export class PluginHost<Block extends HostBlock> {
  readonly #options: HostOptions<Block>;
  readonly #pool = new Pool();
  readonly #startedAt: number;
  readonly #failures: Count;
  #current: Generation<Block> | undefined;
  #count = 0;
  #starting: Promise<void> | undefined;
  #running: Promise<ReloadReport> | undefined;
  #next: Promise<ReloadReport> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: HostOptions<Block>) {
    this.#options = options;
    this.#startedAt = options.runtime.clock.now();
    this.#failures = options.metrics.counter('reload_failed_total', 'Reloads that left the old configuration in force.').child({});
  }

  /** The generation that serves now. */
  get current(): Host | undefined {
    return this.#current;
  }

  /** Reads and sets up the configuration, and opens nothing: `--check`. Throws a `ConfigError`. */
  async check(): Promise<Host> {
    return this.#build();
  }

  /** The same with all files and lists loaded, for the time of a look: `explain`. */
  async examine<T>(look: (host: Host) => Promise<T>): Promise<T> {
    const generation = await this.#build();
    try {
      await generation.load();
      return await look(generation);
    } finally {
      await generation.stop();
    }
  }

  /** Starts. Throws a `ConfigError`, or a `LifecycleError` with everything that failed; then nothing is left open. */
  start(): Promise<void> {
    return (this.#starting = this.#replace());
  }

  /**
   * The first half of a start or a reload, for those who lead several hosts at once. Nothing else may be done to this host until one of the two
   * ends has been. Throws as {@link start}.
   */
  async prepare(): Promise<Prepared> {
    const next = await this.#build();
    await next.start();
    return { takeOver: () => this.#takeOver(next), abandon: () => this.#retire(next, true) };
  }

  /** See {@link Host.reload}. */
  reload(): Promise<ReloadReport> {
    if (this.#running === undefined) {
      this.#running = this.#reload().finally(() => (this.#running = undefined));
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.reload();
    });
    return this.#next;
  }

  /** Stops: lets the lame ducks walk, waits for work under way (bounded), then closes everything. Never fails; what went wrong is logged. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    // Whoever started is told what failed.
    await this.#starting?.catch(() => undefined);
    await this.#running;
    const last = this.#current;
    if (last === undefined) return;
    await last.lameduck();
    this.#current = undefined;
    await this.#retire(last, true);
  }

  async #reload(): Promise<ReloadReport> {
    const { log } = this.#options;
    try {
      if (this.#stopping !== undefined) throw new OperationalError('the host is stopping');
      await this.#replace();
      log.info(`reloaded; generation ${this.#count}`);
      return { generation: this.#count, errors: [] };
    } catch (error) {
      this.#failures.inc();
      const errors = messageOf(error).split('\n');
      log.error(`reload failed, the old configuration goes on:\n${errors.join('\n')}`);
      return { generation: this.#current?.generation ?? 0, errors };
    }
  }

  async #build(): Promise<Generation<Block>> {
    const configuration = await this.#options.read();
    const reload = this.#options.reload ?? ((): Promise<ReloadReport> => this.reload());
    return new Generation(this.#options, configuration, this.#count + 1, this.#startedAt, this.#pool.lease(), reload);
  }

  async #replace(): Promise<void> {
    await (await this.prepare()).takeOver();
  }

  async #takeOver(next: Generation<Block>): Promise<void> {
    const old = this.#current;
    this.#current = next;
    this.#count = next.generation;
    next.swapIn();
    await Promise.all([this.#options.settled?.(), old && this.#retire(old, false)]);
  }

  /** A generation that is replaced finishes its work first; one that ends for good stops taking more before that. */
  async #retire(generation: Generation<Block>, forGood: boolean): Promise<void> {
    const drained = async (): Promise<void> => this.#options.drained?.(generation.blocks);
    if (!forGood) await drained();
    const errors = await generation.stop(forGood ? drained : undefined);
    for (const error of errors) this.#options.log.error(`while stopping: ${error.message}`);
  }
}
