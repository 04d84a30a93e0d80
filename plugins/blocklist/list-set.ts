/**
 * The lists behind a directive, kept from one configuration to the next: the index that answers, and what brings it up to date — an
 * administrator's word, a reload, the age of what came from the web. While new lists load, and when they can't be loaded, the old ones go on.
 */
import { messageOf, OperationalError } from '../../core/errors.js';
import type { Closable } from '../../core/keep.js';
import { limits } from '../../core/limits.js';
import { hastenCollection } from '../../core/lists/release.js';
import type { Logger } from '../../core/log.js';
import type { Metrics } from '../../core/metrics.js';
import type { Clock, Timer } from '../../core/runtime.js';
import { topicOf, type FirstWorker, type Topic } from '../../core/workers/index.js';
import type { ListReport, LoadRequest } from './load.js';
import { listsOf, startLoading, type LoadedLists, type Lists, type Loading } from './loader.js';
import type { FileSource } from './sources.js';
import { copyPath, lookAt, refresh, type Keeping, type UrlSource } from './url.js';

/** What is to be loaded; plain data. */
export interface ListSetOptions {
  readonly request: Omit<LoadRequest, 'unless'>;
  readonly urls: readonly UrlSource[];
  /** Where copies of lists from URLs are kept. */
  readonly directory: string;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly workers: FirstWorker;
}

/** The lists of a directive, for the other workers: the same options mean the same lists. */
export const topicOfLists = (options: ListSetOptions): Topic<LoadedLists> => topicOf<LoadedLists>(`blocklist ${JSON.stringify(options)}`);

const counted = (number: number): string => number.toLocaleString('en');

export class ListSet implements Closable {
  readonly #options: ListSetOptions;
  readonly #surroundings: Surroundings;
  readonly #keeping: Keeping;
  readonly #topic: Topic<LoadedLists>;
  readonly #end = new AbortController();
  readonly #unwatch: (() => void)[] = [];
  /** URL → what is wrong with it, and when to try again, in milliseconds of the clock. */
  readonly #unreachable = new Map<string, { readonly problem: string; readonly retryAt: number }>();
  #lists: Lists | undefined;
  #problem: string | undefined;
  #opened: Promise<void> | undefined;
  #generation = 0;
  #loading: Loading | undefined;
  #timer: Timer | undefined;
  /** Work under way and in wait: one thing at a time. Never fails. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: ListSetOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#topic = topicOfLists(options);
    this.#keeping = { directory: options.directory, clock: surroundings.clock, signal: this.#end.signal };
  }

  /** What is loaded; there is something as soon as `open` is through. */
  get lists(): Lists {
    if (this.#lists === undefined) throw new Error('the lists are not open');
    return this.#lists;
  }

  /** What keeps the lists from being as they should, in words; `undefined` when nothing does. */
  get problem(): string | undefined {
    return this.#problem ?? [...this.#unreachable.values()][0]?.problem;
  }

  /**
   * Loads the lists from disk, when that has not been done. A later generation only has them looked at for changes, and does not wait for that.
   * Throws an OperationalError that says which list can't be read.
   */
  open(generation: number): Promise<void> {
    if (this.#opened === undefined) this.#opened = this.#inTurn(() => this.#load(undefined));
    else if (generation !== this.#generation) void this.#quietly(() => this.#load(this.#lists?.fingerprint));
    this.#generation = generation;
    return this.#opened;
  }

  /** From now on, fetches what is due from the web. That holds up nobody: the server that resolves the names of its own host may be this one. */
  watch(): void {
    if (this.#options.urls.length === 0 || this.#timer !== undefined) return;
    this.#timer = this.#surroundings.clock.every(limits.listCheckMs, () => void this.#refreshDue());
    void this.#refreshDue();
  }

  /** Loads everything anew, after a look at every URL. Throws an OperationalError; then the old lists go on. */
  reload(): Promise<Lists> {
    return this.#inTurn(async () => {
      await this.#refresh(this.#options.urls);
      await this.#load(undefined);
      return this.lists;
    });
  }

  async close(): Promise<void> {
    this.#end.abort();
    this.#surroundings.clock.cancel(this.#timer);
    await this.#loading?.close();
    await this.#work;
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    this.#surroundings.workers.withdraw(this.#topic);
    hastenCollection();
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#work.then(task);
    this.#work = result.catch(() => undefined);
    return result;
  }

  /** In turn, for nobody in particular: what goes wrong has been logged. */
  #quietly(task: () => Promise<void>): Promise<void> {
    return this.#inTurn(task).catch(() => undefined);
  }

  #refreshDue(): Promise<void> {
    return this.#quietly(async () => {
      const states = await Promise.all(this.#options.urls.map(async (source) => ({ source, ...(await lookAt(source, this.#keeping)) })));
      const now = this.#surroundings.clock.now();
      const due = states.filter(({ source, due: isDue }) => isDue && now >= (this.#unreachable.get(source.url)?.retryAt ?? now));
      if (await this.#refresh(due.map(({ source }) => source))) await this.#load(this.#lists?.fingerprint);
    });
  }

  /** Fetches what the web has anew; returns whether that is anything. */
  async #refresh(sources: readonly UrlSource[]): Promise<boolean> {
    let changed = false;
    for (const source of sources) {
      const refreshed = await refresh(source, this.#keeping);
      if (this.#end.signal.aborted) return false;
      changed ||= refreshed.changed;
      if (refreshed.problem === undefined) {
        this.#unreachable.delete(source.url);
        continue;
      }
      this.#unreachable.set(source.url, { problem: refreshed.problem, retryAt: this.#surroundings.clock.now() + limits.listRetryMs });
      this.#surroundings.log.warning(`${refreshed.problem}; ${refreshed.path === undefined ? 'there is no copy of it' : 'the last copy goes on'}`);
    }
    return changed;
  }

  /** Loads what is on disk. Throws an OperationalError; then the old lists go on. */
  async #load(unless: string | undefined): Promise<void> {
    const { log } = this.#surroundings;
    const { request } = this.#options;
    const sources = [...request.sources, ...(await this.#copies())];
    if (this.#end.signal.aborted) throw new OperationalError('loading the lists was given up');
    this.#loading = startLoading({ ...request, sources, ...(unless !== undefined && { unless }) }, (names) => log.info(`loading … ${counted(names)} names`));
    try {
      const loaded = await this.#loading.result;
      this.#problem = undefined;
      if (loaded === undefined) return;
      this.#adopt(listsOf(loaded));
      await this.#surroundings.workers.publish(this.#topic, () => loaded);
    } catch (error) {
      this.#problem = messageOf(error);
      if (this.#lists !== undefined && !this.#end.signal.aborted) log.error(`the lists were not loaded, the old ones go on: ${this.#problem}`);
      throw error;
    } finally {
      this.#loading = undefined;
    }
  }

  /** The copies of those URLs that were fetched once. */
  async #copies(): Promise<FileSource[]> {
    const { urls, directory } = this.#options;
    const states = await Promise.all(urls.map((source) => lookAt(source, this.#keeping)));
    return urls.flatMap(({ url }, i) => (states[i]!.there ? [{ kind: 'file', path: copyPath(directory, url), label: labelOf(url), allow: false }] : []));
  }

  #adopt(lists: Lists): void {
    const replaces = this.#lists !== undefined;
    this.#lists = lists;
    if (replaces) hastenCollection();
    this.#showCounts(lists.lists);
    const { log } = this.#surroundings;
    const names = `${counted(lists.blocked.size)} names are blocked and ${counted(lists.allowed.size)} allowed`;
    log.info(`${names}, by ${lists.lists.length} lists read in ${lists.seconds.toFixed(1)} s`);
    for (const { path, label, skipped, samples } of lists.lists) {
      if (skipped === 0) continue;
      log.warning(`${path ?? label}: skipped ${counted(skipped)} lines that are no names`);
      for (const { line, text, reason } of samples) log.warning(`${path ?? label}:${line}: '${text}': ${reason}`);
    }
  }

  #showCounts(lists: readonly ListReport[]): void {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    const gauge = this.#surroundings.metrics.gauge('blocklist_names', 'Names in a list that no list before it has.', ['list']);
    const counts = new Map<string, number>();
    for (const { label, names } of lists) counts.set(label, (counts.get(label) ?? 0) + names);
    for (const [list, names] of counts) this.#unwatch.push(gauge.child({ list }).watch(() => names));
  }
}

/** A URL without what may be a secret in it: clients and metrics get to see this. */
function labelOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
