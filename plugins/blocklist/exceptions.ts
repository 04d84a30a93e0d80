/** Names that are not blocked although a list has them: made over HTTP while the server runs, kept in a file, gone when their time is over. */
import { constants } from 'node:fs';
import { access, readFile, rename } from 'node:fs/promises';
import { contains, parseCidr, type Address, type Cidr } from '../../core/address.js';
import { messageOf, OperationalError } from '../../core/errors.js';
import { writeFileAtomically } from '../../core/files.js';
import { limits } from '../../core/limits.js';
import { nameFromText, parentOf, textOfName, type Name } from '../../core/name.js';
import type { Clock } from '../../core/runtime.js';

/** Times are milliseconds since 1970. */
export interface Exception {
  readonly name: Name;
  /** For these clients only. */
  readonly client?: Cidr;
  /** Until then. */
  readonly expires?: number;
  /** For the names below it as well. */
  readonly subdomains: boolean;
  readonly reason?: string;
  readonly since: number;
}

/** An exception to be made: in force from now on, for `forMs` milliseconds or for good. */
export type NewException = Omit<Exception, 'since' | 'expires'> & { readonly forMs?: number };

/** What became of an exception that was to be added. Two are the same when name, clients and subdomains are. */
export type Added = 'added' | 'already exists' | 'too many';

/** An exception in the file, and towards users of the API. */
export interface SavedException {
  readonly name: string;
  readonly client?: string;
  readonly expires?: string;
  readonly subdomains: boolean;
  readonly reason?: string;
  readonly since: string;
}

const fileFormat = 'vpndns exceptions 1';

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

  /** @param path where they are kept; without it, they end with the process */
  constructor(path: string | undefined, clock: Clock, tooMany: () => void) {
    this.#tooMany = tooMany;
    this.#path = path;
    this.#clock = clock;
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
    this.#put({ ...exception, since, ...(forMs !== undefined && { expires: since + forMs }) });
    await this.#save();
    return 'added';
  }

  /** Deletes the exceptions of this very name; returns them. Throws as {@link add}. */
  async delete(name: Name): Promise<readonly Exception[]> {
    this.#dropExpired();
    const found = this.#byName.get(name) ?? [];
    if (found.length === 0) return found;
    this.#byName.delete(name);
    this.#size -= found.length;
    await this.#save();
    return found;
  }

  /** Deletes all; returns them. Throws as {@link add}. */
  async clear(): Promise<readonly Exception[]> {
    const all = this.list();
    this.#forgetAll();
    await this.#save();
    return all;
  }

  /** Those in force, oldest first. */
  list(): readonly Exception[] {
    this.#dropExpired();
    return [...this.#byName.values()].flat().sort((a, b) => a.since - b.since);
  }

  /** Waits until everything is in the file. */
  async close(): Promise<void> {
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

  async #save(): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    const write = (): Promise<void> =>
      writeFileAtomically(path, `${JSON.stringify({ format: fileFormat, exceptions: this.list().map(savedForm) }, undefined, 2)}\n`);
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

/** An exception as text for files and people. */
export const savedForm = ({ name, client, expires, subdomains, reason, since }: Exception): SavedException => ({
  name: textOfName(name),
  ...(client !== undefined && { client: client.text }),
  ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
  subdomains,
  ...(reason !== undefined && { reason }),
  since: new Date(since).toISOString(),
});

/** Reads a file's text. Throws an Error when any of it is not as {@link savedForm} wrote it. */
function readExceptions(text: string): Exception[] {
  const content = JSON.parse(text) as { format?: unknown; exceptions?: unknown } | null;
  if (content?.format !== fileFormat || !Array.isArray(content.exceptions)) throw new Error(`it is no file of the format '${fileFormat}'`);
  if (content.exceptions.length > limits.listExceptions) throw new Error(`it holds more than ${limits.listExceptions}`);
  return content.exceptions.map(readException);
}

function readException(saved: Partial<Record<keyof SavedException, unknown>> | null): Exception {
  const { name, client, expires, subdomains, reason, since } = saved ?? {};
  const cidr = client === undefined ? undefined : parseCidr(String(client));
  const wrongClient = client !== undefined && cidr === undefined;
  const wrongReason = reason !== undefined && typeof reason !== 'string';
  if (typeof name !== 'string' || typeof subdomains !== 'boolean' || wrongClient || wrongReason) throw new Error(`an entry is ${JSON.stringify(saved)}`);
  return {
    name: nameFromText(name), subdomains, since: timeOf(since),
    ...(cidr !== undefined && { client: cidr }),
    ...(expires !== undefined && { expires: timeOf(expires) }),
    ...(reason !== undefined && { reason }),
  };
}

function timeOf(text: unknown): number {
  const time = Date.parse(String(text));
  if (Number.isNaN(time)) throw new Error(`${JSON.stringify(text)} is no time`);
  return time;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new OperationalError(`can't read ${path}: ${messageOf(error)}`);
  }
}

/** Renames a file to the first of `.corrupt`, `.corrupt.2` … that is free; returns the new path. */
async function setAside(path: string): Promise<string> {
  let aside = `${path}.corrupt`;
  for (let i = 2; await isThere(aside); i++) aside = `${path}.corrupt.${i}`;
  try {
    await rename(path, aside);
  } catch (error) {
    throw new OperationalError(`can't put ${path} aside, which can't be understood: ${messageOf(error)}`);
  }
  return aside;
}

const isThere = (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(() => true, () => false);
