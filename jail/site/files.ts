/** The two files of a site, as they were written: what checks look at, and where they report. */
import type { Path } from './document.js';
import type { SiteFile, WanFile } from './schema.js';

export interface SiteFiles {
  readonly site: SiteFile;
  readonly wan: WanFile;
  /** Reports a mistake at a place in the site file. */
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
