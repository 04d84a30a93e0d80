/** Builds the index of all lists, file by file. It blocks its thread meanwhile, so it runs in a worker (loader-worker.ts). */
import { OperationalError } from '../../core/errors.js';
import { limits } from '../../core/limits.js';
import { NameIndexBuilder, type NameIndexParts } from '../../core/lists/name-index.js';
import { itself, zone, type Coverage } from '../../core/lists/name-table.js';
import { createSuffixHash } from '../../core/lists/suffix-hash.js';
import type { Random } from '../../core/runtime.js';
import type { Format } from './formats/formats.js';
import { readList } from './list-file.js';
import { fingerprintOf, resolveSources, type ListFile, type ListSource, type NamesSource, type ResolvedSource } from './sources.js';

/** What to load; plain data. */
export interface LoadRequest {
  readonly sources: readonly ListSource[];
  readonly format: Format | 'auto';
  /** What a name covers in the formats that don't say it themselves. */
  readonly match: 'exact' | 'subdomains';
  /** The fingerprint of what is loaded already: nothing is read when it is still the same. */
  readonly unless?: string;
}

/** A line that is no name. */
export interface BadLine {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/** What was found in one list. */
export interface ListReport {
  readonly label: string;
  /** Where it was read; `undefined` for names from the Corefile. */
  readonly path?: string;
  readonly format: Format;
  /** Whether it is a list of names that are allowed. */
  readonly allow: boolean;
  /** Names that no list before it has. */
  readonly names: number;
  /** Lines that are no names. */
  readonly skipped: number;
  readonly samples: readonly BadLine[];
}

/** All lists, loaded; plain data with shared buffers. Lists have the same numbers in both indexes and in `lists`. */
export interface LoadedParts {
  readonly blocked: NameIndexParts;
  readonly allowed: NameIndexParts;
  readonly lists: readonly ListReport[];
  /** What tells these sources from changed ones. */
  readonly fingerprint: string;
}

/** Octets of a bad line that a report shows. */
const sampleOctets = 80;

/** Names between two calls of `onProgress`. */
const progressNames = 8192;

/**
 * Reads all lists; `undefined` when they are what is loaded already. Throws an OperationalError when one can't be read, or when they hold too much.
 * @param onProgress gets the number of names so far, every few thousand names
 */
export function loadLists(request: LoadRequest, random: Random, onProgress: (names: number) => void): LoadedParts | undefined {
  const lists = resolveSources(request.sources);
  const fingerprint = fingerprintOf(lists);
  if (fingerprint === request.unless) return undefined;
  const secret = createSuffixHash(random);
  const blocked = new NameIndexBuilder(secret, expectedNames(lists));
  const allowed = new NameIndexBuilder(secret, 0);
  const add = (wire: Uint8Array, length: number, coverage: Coverage, allow: boolean): boolean => {
    if (!(allow ? allowed : blocked).add(wire, length, coverage)) return false;
    const names = blocked.size + allowed.size;
    if (names > limits.listNames) throw new OperationalError(`the lists hold more than the ${limits.listNames} names that are allowed`);
    if (names % progressNames === 0) onProgress(names);
    return true;
  };
  const coverage = request.match === 'exact' ? itself : zone;
  const reports = lists.map((list) => {
    blocked.beginList();
    allowed.beginList();
    return list.kind === 'names' ? addNames(list, coverage, add) : addFile(list, request.format, coverage, add);
  });
  return { blocked: blocked.finish(), allowed: allowed.finish(), lists: reports, fingerprint };
}

type Add = (wire: Uint8Array, length: number, coverage: Coverage, allow: boolean) => boolean;

function addNames({ label, names, allow }: NamesSource, coverage: Coverage, add: Add): ListReport {
  const added = names.filter((name) => add(Buffer.from(name, 'latin1'), name.length, coverage, allow));
  return { label, format: 'plain', allow, names: added.length, skipped: 0, samples: [] };
}

function addFile(list: ListFile, wantedFormat: Format | 'auto', coverage: Coverage, add: Add): ListReport {
  const samples: BadLine[] = [];
  let names = 0;
  let skipped = 0;
  const format = readList(list.path, wantedFormat, coverage, {
    name(wire, length, covers, allow) {
      if (add(wire, length, covers, allow || list.allow)) names++;
    },
    bad(reason, line, text) {
      skipped++;
      if (samples.length < limits.listSamples) samples.push({ line, text: Buffer.from(text.subarray(0, sampleOctets)).toString('utf8').trim(), reason });
    },
  });
  return { label: list.label, path: list.path, format, allow: list.allow, names, skipped, samples };
}

/** A guess: 26 octets a line. When it is too low the table grows, when it is too high some of it lies idle. */
const expectedNames = (lists: readonly ResolvedSource[]): number =>
  Math.min(lists.reduce((names, list) => names + (list.kind === 'names' ? list.names.length : list.octets / 26), 0), limits.listNames);
