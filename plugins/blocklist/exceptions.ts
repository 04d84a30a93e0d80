/** Names that are not blocked although a list has them: made over HTTP while the server runs, kept in a file, gone when their time is over. */
import { contains, type Address } from '../../core/address.js';
import { messageOf, OperationalError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { parentOf, type Name } from '../../core/name.js';
import type { Clock } from '../../core/runtime.js';
import { topicOf, type Topic, type Workers } from '../../core/workers/index.js';
import { readExceptions, readIfThere, setAside, writeExceptions, type Exception } from './exception-file.js';

/** An exception to be made: in force from now on, for `forMs` milliseconds or for good. */
export type NewException = Omit<Exception, 'since' | 'expires'> & { readonly forMs?: number };

/** What became of an exception that was to be added. Two are the same when name, clients and subdomains are. */
export type Added = 'added' | 'already exists' | 'too many';

/** Is told of a name for which something else holds from now on, and whether that goes for all below it. */
type Watcher = (name: Name, subdomains: boolean) => void;

export interface World {
  readonly clock: Clock;
  readonly workers: Workers;
  tooMany(): void;
}

export class Exceptions {
  readonly #clock: Clock;
  readonly #tooMany: () => void;
  readonly #path: string | undefined;
  readonly #byName = new Map<Name, Exception[]>();
  #size = 0;
  /** When the next one expires, at the earliest. */
  #nextExpiry = Infinity;
  #loaded: Promise<string | undefined> | undefined;
  /** The writing that comes last, so that a file never gets an older state than it has. */
  #written: Promise<void> = Promise.resolve();
  readonly #watchers = new Set<Watcher>();
  readonly #workers: Workers;
  readonly #topic: Topic<readonly Exception[]>;
  #endFollowing = (): void => undefined;

  /**
   * @param path where they are kept; without it, they end with the process
   * @param world in worker 0 they are read, changed and written, the others have what it has; `tooMany` is told when there is no room for one
   */
  constructor(path: string | undefined, { clock, workers, tooMany }: World) {
    this.#tooMany = tooMany;
    this.#path = path;
    this.#clock = clock;
    this.#workers = workers;
    this.#topic = topicOf(`exceptions ${path ?? ''}`);
  }

  /** Calls back when what holds for a name, and perhaps for all below it, has changed: what is remembered of it must go. Returns what ends that. */
  onChange(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /**
   * Reads the file; one that is missing is an empty one. A file that can't be understood is renamed, so that nothing in it is lost. A second call
   * only waits for the first.
   * @returns what an administrator should know, if anything
   * @throws OperationalError when the file system does not let us read or rename it
   */
  async load(): Promise<string | undefined> {
    if (this.#loaded === undefined) return (this.#loaded = this.#load());
    await this.#loaded;
    return undefined;
  }

  async #load(): Promise<string | undefined> {
    if (!this.#workers.isFirst) {
      this.#endFollowing = this.#workers.follow(this.#topic, (exceptions) => this.#adopt(exceptions));
      return undefined;
    }
    const problem = await this.#read();
    await this.#workers.publish(this.#topic, () => this.list());
    return problem;
  }

  async #read(): Promise<string | undefined> {
    if (this.#path === undefined) return undefined;
    const text = await readIfThere(this.#path);
    if (text === undefined) return undefined;
    try {
      for (const exception of readExceptions(text)) this.#put(exception);
      return undefined;
    } catch (error) {
      this.#forgetAll();
      const aside = await setAside(this.#path);
      return `the exceptions in ${this.#path} can't be understood (${messageOf(error)}); none is in force, and the file is kept as ${aside}`;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Whether an exception lifts the block of this name for this client; without a client, for all of them. */
  allows(name: Name, client: Address | undefined): boolean {
    if (this.#size === 0) return false;
    for (let ancestor: Name | undefined = name; ancestor !== undefined; ancestor = parentOf(ancestor)) {
      const found = this.#byName.get(ancestor);
      if (found?.some((exception) => (exception.subdomains || ancestor === name) && this.#holds(exception) && isFor(exception, client))) return true;
    }
    return false;
  }

  /** Adds an exception, in force at once. Throws an OperationalError when it could not be written to the file. */
  async add({ forMs, ...exception }: NewException): Promise<Added> {
    this.#dropExpired();
    if (this.#byName.get(exception.name)?.some((known) => sameScope(known, exception))) return 'already exists';
    if (this.#size >= limits.listExceptions) {
      this.#tooMany();
      return 'too many';
    }
    const since = this.#clock.wall();
    const added = { ...exception, since, ...(forMs !== undefined && { expires: since + forMs }) };
    this.#put(added);
    await this.#changed([added]);
    return 'added';
  }

  /** Deletes the exceptions of this very name; returns them. Throws as {@link add}. */
  async delete(name: Name): Promise<readonly Exception[]> {
    this.#dropExpired();
    const found = this.#byName.get(name) ?? [];
    if (found.length === 0) return found;
    this.#byName.delete(name);
    this.#size -= found.length;
    await this.#changed(found);
    return found;
  }

  /** Deletes all; returns them. Throws as {@link add}. */
  async clear(): Promise<readonly Exception[]> {
    const all = this.list();
    this.#forgetAll();
    await this.#changed(all);
    return all;
  }

  /** Those in force, oldest first. */
  list(): readonly Exception[] {
    this.#dropExpired();
    return [...this.#byName.values()].flat().sort((a, b) => a.since - b.since);
  }

  /** Waits until everything is in the file. */
  async close(): Promise<void> {
    this.#endFollowing();
    if (this.#workers.isFirst) this.#workers.withdraw(this.#topic);
    await this.#written.catch(() => undefined);
  }

  #holds({ expires }: Exception): boolean {
    return expires === undefined || expires > this.#clock.wall();
  }

  #put(exception: Exception): void {
    const known = this.#byName.get(exception.name);
    if (known === undefined) this.#byName.set(exception.name, [exception]);
    else known.push(exception);
    this.#size++;
    this.#nextExpiry = Math.min(this.#nextExpiry, exception.expires ?? Infinity);
  }

  #forgetAll(): void {
    this.#byName.clear();
    this.#size = 0;
    this.#nextExpiry = Infinity;
  }

  #dropExpired(): void {
    if (this.#clock.wall() < this.#nextExpiry) return;
    const left = [...this.#byName.values()].flat().filter((exception) => this.#holds(exception));
    this.#forgetAll();
    for (const exception of left) this.#put(exception);
  }

  /** What worker 0 has. */
  #adopt(exceptions: readonly Exception[]): void {
    const before = new Map(this.list().map((exception) => [keyOf(exception), exception]));
    const after = new Map(exceptions.map((exception) => [keyOf(exception), exception]));
    this.#forgetAll();
    for (const exception of exceptions) this.#put(exception);
    this.#tell([...before, ...after].flatMap(([key, exception]) => (before.has(key) && after.has(key) ? [] : exception)));
  }

  #tell(changed: readonly Exception[]): void {
    for (const { name, subdomains } of changed) for (const watcher of this.#watchers) watcher(name, subdomains);
  }

  /** These are new, or are no more: everybody learns of it, and the file. */
  async #changed(changed: readonly Exception[]): Promise<void> {
    try {
      this.#tell(changed);
    } finally {
      await Promise.all([this.#workers.isFirst && this.#workers.publish(this.#topic, () => this.list()), this.#save()]);
    }
  }

  async #save(): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    const write = (): Promise<void> => writeExceptions(path, this.list());
    this.#written = this.#written.then(write, write);
    try {
      await this.#written;
    } catch (error) {
      throw new OperationalError(`the change is in force, but could not be written to ${path}: ${messageOf(error)}`);
    }
  }
}

const isFor = ({ client }: Exception, address: Address | undefined): boolean => client === undefined || (address !== undefined && contains(client, address));

const sameScope = (a: Exception, b: Pick<Exception, 'subdomains' | 'client'>): boolean => a.subdomains === b.subdomains && a.client?.text === b.client?.text;

/** Tells an exception from all others: nothing else of it changes. */
const keyOf = ({ name, client, subdomains, expires, since }: Exception): string => `${name} ${client?.text} ${subdomains} ${expires} ${since}`;
