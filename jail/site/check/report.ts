/** What checks look at, the two files of a site as they were written, and where they report. */
import type { Path } from '../document.js';
import type { SiteFile, WanFile } from '../schema.js';

export interface SiteFiles {
  readonly site: SiteFile;
  readonly wan: WanFile;
  /** Reports a mistake in the site file. */
  readonly inSite: Report;
  /** The same in the WAN file. */
  readonly inWan: Report;
}

export interface Report {
  /** At the value that stands there, or at the nearest thing above it. */
  (path: Path, problem: string): void;
  /** `wan.yml:7:3`, to point at a second place. */
  at(path: Path): string;
}

/** Reports every value after the first that stands at another place already. */
export function reportRepeated(report: Report, entries: readonly (readonly [value: string | number, path: Path])[], what: string): void {
  const seen = new Map<string | number, Path>();
  for (const [value, path] of entries) {
    const first = seen.get(value);
    if (first === undefined) seen.set(value, path);
    else report(path, `${what} ${value} is taken at ${report.at(first)} already`);
  }
}
