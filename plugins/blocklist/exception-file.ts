/** The file that keeps exceptions, and an exception as text. */
import { constants } from 'node:fs';
import { access, readFile, rename } from 'node:fs/promises';
import { parseCidr, type Cidr } from '../../core/address.js';
import { messageOf, OperationalError } from '../../core/errors.js';
import { writeFileAtomically } from '../../core/files.js';
import { limits } from '../../core/limits.js';
import { nameFromText, textOfName, type Name } from '../../core/name.js';

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

/** An exception as text for files and people. */
export const savedForm = ({ name, client, expires, subdomains, reason, since }: Exception): SavedException => ({
  name: textOfName(name),
  ...(client !== undefined && { client: client.text }),
  ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
  subdomains,
  ...(reason !== undefined && { reason }),
  since: new Date(since).toISOString(),
});

/** Writes them, the whole file anew. Throws what the file system says. */
export const writeExceptions = (path: string, exceptions: readonly Exception[]): Promise<void> =>
  writeFileAtomically(path, `${JSON.stringify({ format: fileFormat, exceptions: exceptions.map(savedForm) }, undefined, 2)}\n`);

/** Reads a file's text. Throws an Error when any of it is not as {@link savedForm} wrote it. */
export function readExceptions(text: string): Exception[] {
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

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new OperationalError(`can't read ${path}: ${messageOf(error)}`);
  }
}

/** Renames a file to the first of `.corrupt`, `.corrupt.2` … that is free; returns the new path. */
export async function setAside(path: string): Promise<string> {
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
