/**
 * A plugin host: takes a configuration through its life — build, start, swap, stop — and holds what every generation shares. It knows no
 * plugin by name and nothing of DNS: `vpndns` and `dynvpn` are both made from it (see `core/dns.ts` for the first).
 */
import type { ConfiguredBlock, ConfiguredDirective, Configuration } from './configuration.js';
import { inFileOrder } from './corefile/index.js';
import { ConfigError, LifecycleError, messageOf, OperationalError } from './errors.js';
import { Pool, type Closable, type Lease } from './keep.js';
import type { Logger } from './log.js';
import type { Count, Metrics } from './metrics.js';
import type { HostBlock, PluginContext, PluginInstance } from './plugin.js';
import type { Clock, Random, Runtime } from './runtime.js';

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
  unready(): readonly { readonly plugin: string; readonly reason: string }[];
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
  /** Reads the configuration; its mistakes are reported with those that setup finds. */
  read(): Configuration | Promise<Configuration>;
  /** Makes the block that its plugins get. Throws a `ConfigError` for addresses that it can't serve. */
  createBlock(configured: ConfiguredBlock, host: Host): Block;
  /** Called when every plugin is set up, with all blocks: may add an instance of the host's own, which starts last and stops first. */
  complete?(blocks: readonly Block[], host: Host): PluginInstance;
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
    return new Generation(this.#options, configuration, this.#count + 1, this.#startedAt, this.#pool.lease(), () => this.reload());
  }

  async #replace(): Promise<void> {
    const next = await this.#build();
    await next.start();
    const old = this.#current;
    this.#current = next;
    this.#count = next.generation;
    next.swapIn();
    if (old !== undefined) await this.#retire(old, false);
  }

  /** A generation that is replaced finishes its work first; one that ends for good stops taking more before that. */
  async #retire(generation: Generation<Block>, forGood: boolean): Promise<void> {
    const drained = async (): Promise<void> => this.#options.drained?.(generation.blocks);
    if (!forGood) await drained();
    const errors = await generation.stop(forGood ? drained : undefined);
    for (const error of errors) this.#options.log.error(`while stopping: ${error.message}`);
  }
}

class Generation<Block extends HostBlock> implements Host {
  readonly name: string;
  readonly version: string;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly generation: number;
  readonly startedAt: number;
  readonly configuration: Configuration;
  readonly blocks: Block[] = [];
  readonly seats: Seat<Block>[] = [];
  readonly watched: Set<string>;
  readonly reload: () => Promise<ReloadReport>;
  readonly #lease: Lease;
  readonly #own: PluginInstance | undefined;
  readonly #begun: { readonly instance: PluginInstance; readonly name: string }[] = [];
  readonly #swaps: (() => void)[] = [];
  readonly #shared = new Map<string, unknown>();

  constructor(
    options: HostOptions<Block>, configuration: Configuration, generation: number, startedAt: number, lease: Lease, reload: () => Promise<ReloadReport>,
  ) {
    this.name = options.name;
    this.version = options.version;
    this.runtime = options.runtime;
    this.clock = options.runtime.clock;
    this.random = options.runtime.random;
    this.log = options.log;
    this.metrics = options.metrics;
    this.configuration = configuration;
    this.watched = new Set(configuration.files);
    this.generation = generation;
    this.startedAt = startedAt;
    this.reload = reload;
    this.#lease = lease;
    this.#own = this.#setUp(options);
  }

  keep<T extends Closable>(key: string, make: () => T): T {
    return this.#lease.keep(key, make);
  }

  share<T>(key: string, make: () => T): T {
    if (!this.#shared.has(key)) this.#shared.set(key, make());
    return this.#shared.get(key) as T;
  }

  watch(path: string): void {
    this.watched.add(path);
  }

  onSwap(callback: () => void): void {
    this.#swaps.push(callback);
  }

  swapIn(): void {
    for (const callback of this.#swaps) callback();
  }

  unready(): { plugin: string; reason: string }[] {
    return this.seats.flatMap(({ definition, instance }) => {
      const reason = instance.unready?.();
      return reason === undefined ? [] : [{ plugin: definition.name, reason }];
    });
  }

  listeners(): string[] {
    const instances = [this.#own, ...this.seats.map(({ instance }) => instance)];
    return [...new Set(instances.flatMap((instance) => instance?.listeners?.() ?? []))];
  }

  /** Lets every plugin that wants it serve on for a while before a stop. */
  async lameduck(): Promise<void> {
    for (const result of await Promise.allSettled(this.seats.map(({ instance }) => instance.lameduck?.()))) {
      if (result.status === 'rejected') this.log.error(`before stopping: ${messageOf(result.reason)}`);
    }
  }

  /**
   * Makes every block before any plugin is set up, so that a process-wide plugin finds them all. All mistakes are reported together: those of
   * the words, which were found before, and those that only show now.
   */
  #setUp(options: HostOptions<Block>): PluginInstance | undefined {
    const { files } = this.configuration;
    const mistakes = [...this.configuration.mistakes];
    const attempt = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        mistakes.push(...error.mistakes);
      }
    };
    const made: { configured: ConfiguredBlock; block: Block }[] = [];
    for (const configured of this.configuration.blocks) {
      attempt(() => {
        const block = options.createBlock(configured, this);
        this.blocks.push(block);
        made.push({ configured, block });
      });
    }
    for (const { configured, block } of made) {
      for (const directive of configured.directives) {
        attempt(() => this.seats.push({ ...directive, block, instance: this.#instanceOf(directive, block) }));
      }
    }
    let own: PluginInstance | undefined;
    attempt(() => (own = options.complete?.(this.blocks, this)));
    if (mistakes.length > 0) throw new ConfigError(inFileOrder(mistakes, files));
    return own;
  }

  #instanceOf(directive: ConfiguredDirective, block: Block): PluginInstance {
    const { definition, options } = directive;
    try {
      return definition.setup(options as never, this.#contextOf(directive, block)) ?? {};
    } catch (error) {
      throw error instanceof ConfigError ? error : new Error(`${definition.name}: ${messageOf(error)}`, { cause: error });
    }
  }

  #contextOf({ definition, at }: ConfiguredDirective, block: Block): PluginContext<Block> {
    return {
      block, host: this, at, log: this.log.for(definition.name),
      mistake: (problem, place = at) => new ConfigError([{ at: place, directive: definition.name, problem }]),
    };
  }

  /** Loads every instance's files, in order. All are tried, so that every file that can't be read is named; then what has begun is stopped in reverse. */
  async load(): Promise<void> {
    const errors: Error[] = [];
    for (const { definition: { name }, instance } of this.seats) {
      this.#begun.push({ instance, name });
      errors.push(...(await this.#attempt(name, () => instance.load?.())));
    }
    await this.#giveUpAfter(errors);
  }

  /** Loads, then starts every instance, in order. When one fails, the others are not tried: what has begun is stopped in reverse. */
  async start(): Promise<void> {
    await this.load();
    if (this.#own !== undefined) this.#begun.push({ instance: this.#own, name: this.name });
    for (const { instance, name } of [...this.#begun]) await this.#giveUpAfter(await this.#attempt(name, () => instance.start?.()));
  }

  /** What went wrong in a step of a plugin, with the plugin's name; empty when nothing did. */
  async #attempt(name: string, step: () => void | Promise<void>): Promise<Error[]> {
    try {
      await step();
      return [];
    } catch (error) {
      if (name === this.name) return [error instanceof Error ? error : new Error(String(error))];
      return [new OperationalError(messageOf(error).split('\n').map((line) => `${name}: ${line}`).join('\n'))];
    }
  }

  async #giveUpAfter(errors: readonly Error[]): Promise<void> {
    if (errors.length > 0) throw new LifecycleError([...errors, ...(await this.stop())]);
  }

  /**
   * Stops in reverse order what was started, and lets go of what was kept. Returns what went wrong.
   * @param between awaited after the host's own instance (its listeners) has stopped taking work
   */
  async stop(between?: () => Promise<void>): Promise<Error[]> {
    const errors: Error[] = [];
    for (const { instance, name } of this.#begun.splice(0).reverse()) {
      try {
        await instance.stop?.();
        if (instance === this.#own) await between?.();
      } catch (error) {
        errors.push(new OperationalError(`${name}: ${messageOf(error)}`));
      }
    }
    return [...errors, ...(await this.#lease.release())];
  }
}
