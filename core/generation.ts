/** One configuration at work, from its setup to its stop; what plugins see of the host. */
import type { ConfiguredBlock, ConfiguredDirective, Configuration } from './configuration.js';
import { inFileOrder } from './corefile/index.js';
import { ConfigError, LifecycleError, messageOf, OperationalError } from './errors.js';
import type { Host, HostOptions, ReloadReport, Seat, Unready } from './host.js';
import type { Closable, Lease } from './keep.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';
import type { HostBlock, PluginContext, PluginInstance } from './plugin.js';
import type { Clock, Random, Runtime } from './runtime.js';
import { alone, type Workers } from './workers/workers.js';

export class Generation<Block extends HostBlock> implements Host {
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
  readonly workers: Workers;
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
    this.workers = options.workers ?? alone;
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

  unready(): Unready[] {
    return this.seats.flatMap((seat) => {
      const reason = this.#partOf(seat).unready?.();
      return reason === undefined ? [] : [{ plugin: seat.definition.name, reason }];
    });
  }

  listeners(): string[] {
    const instances = [this.#own, ...this.seats.map(({ instance }) => instance)];
    return [...new Set(instances.flatMap((instance) => instance?.listeners?.() ?? []))];
  }

  /** Lets every plugin that wants it serve on for a while before a stop. */
  async lameduck(): Promise<void> {
    for (const result of await Promise.allSettled(this.seats.map((seat) => this.#partOf(seat).lameduck?.()))) {
      if (result.status === 'rejected') this.log.error(`before stopping: ${messageOf(result.reason)}`);
    }
  }

  /** What an instance does in this worker: all, or of what is the process's only what its taps need. */
  #partOf({ definition, instance }: Seat<Block>): PluginInstance {
    if (this.workers.isFirst || definition.processWide !== true) return instance;
    return instance.join === undefined ? {} : { load: () => instance.join?.(), stop: () => instance.stop?.() };
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
    for (const seat of this.seats) {
      const { name } = seat.definition;
      const instance = this.#partOf(seat);
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
