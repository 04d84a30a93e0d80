/** Where lists come from, and what files that means at the moment of a load. */
import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { OperationalError, messageOf } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import type { Name } from '../../core/name.js';

/** What a directive may name: a file, all files below a directory, or names in the Corefile itself. */
export type ListSource = FileSource | DirectorySource | NamesSource;

interface Source {
  /** Its names are those that no list may block. */
  readonly allow: boolean;
}

export interface FileSource extends Source {
  readonly kind: 'file';
  readonly path: string;
  /** The list's name for people, metrics and clients. */
  readonly label: string;
}

export interface DirectorySource extends Source {
  readonly kind: 'directory';
  readonly path: string;
}

export interface NamesSource extends Source {
  readonly kind: 'names';
  readonly label: string;
  readonly names: readonly Name[];
}

/** A file that is there to be read. */
export interface ListFile extends FileSource {
  readonly octets: number;
  /** When it was written last, in milliseconds since 1970. */
  readonly modified: number;
}

export type ResolvedSource = ListFile | NamesSource;

/**
 * The files behind the sources, in the order of the sources; those of a directory by name, each labelled with its path below the directory.
 * Throws an OperationalError that names what can't be read.
 */
export function resolveSources(sources: readonly ListSource[]): ResolvedSource[] {
  const lists = sources.flatMap((source): ResolvedSource[] => {
    if (source.kind === 'names') return [source];
    return source.kind === 'file' ? [fileOf(source)] : filesBelow(source, '', new Set());
  });
  if (lists.length > limits.listFiles) throw new OperationalError(`${lists.length} lists are more than the ${limits.listFiles} that are allowed`);
  return lists;
}

/** A text that changes when a file comes, goes, or is written. */
export const fingerprintOf = (lists: readonly ResolvedSource[]): string =>
  createHash('sha256').update(JSON.stringify(lists)).digest('hex');

/** Makes a call of the file system; what that throws becomes one line that names the path. */
export function reading<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new OperationalError(`can't read ${path}: ${messageOf(error)}`);
  }
}

const statOf = (path: string): Stats => reading(path, () => statSync(path));

function fileOf(source: FileSource): ListFile {
  const found = statOf(source.path);
  // Opening a named pipe would wait for a writer.
  if (!found.isFile()) throw new OperationalError(`can't read ${source.path}: it is no regular file`);
  return { ...source, octets: found.size, modified: found.mtimeMs };
}

/**
 * The regular files below a directory, without hidden ones (what editors and package managers leave behind).
 * @param label the directory's path below the source's
 * @param seen real paths of the directories on the way, which ends a loop of symbolic links
 */
function filesBelow(directory: DirectorySource, label: string, seen: Set<string>): ListFile[] {
  const path = join(directory.path, label);
  const real = reading(path, () => realpathSync(path));
  if (seen.has(real)) return [];
  seen.add(real);
  const names = reading(path, () => readdirSync(path)).filter((name) => !name.startsWith('.')).sort();
  return names.flatMap((name): ListFile[] => {
    const child = { path: join(path, name), label: join(label, name) };
    const found = statOf(child.path);
    if (found.isDirectory()) return filesBelow(directory, child.label, seen);
    return found.isFile() ? [{ kind: 'file', allow: directory.allow, octets: found.size, modified: found.mtimeMs, ...child }] : [];
  });
}
