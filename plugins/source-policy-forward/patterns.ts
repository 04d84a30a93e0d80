/** Regular expressions that say no more than "names in this domain": those are looked up instead of run. */
import { nameFromText, type Name } from '../../core/name.js';

/** Which names of a domain a pattern means. */
export type Extent = 'the name' | 'below it' | 'both';

export interface Suffix {
  readonly zone: Name;
  readonly extent: Extent;
}

/** What may stand before a suffix, and what it means. `.+\.`, `.*\.` and `\.` alone all need a label before the dot, as every dot in a name has. */
const beginnings: readonly (readonly [string, Extent])[] = [
  ['^', 'the name'],
  ['.+\\.', 'below it'], ['^.+\\.', 'below it'], ['.*\\.', 'below it'], ['^.*\\.', 'below it'], ['\\.', 'below it'],
  ['^(.*\\.)?', 'both'], ['^(.+\\.)?', 'both'], ['^(?:.*\\.)?', 'both'], ['^(?:.+\\.)?', 'both'], ['(^|\\.)', 'both'], ['(?:^|\\.)', 'both'],
];

/** What a pattern means if it is of that simple sort, such as `.+\.example\.com$`; `undefined` for every other. */
export function suffixOf(pattern: string): Suffix | undefined {
  // Longest first: `^` begins others too.
  const [beginning, extent] = [...beginnings].sort(([a], [b]) => b.length - a.length).find(([start]) => pattern.startsWith(start)) ?? [];
  if (beginning === undefined || extent === undefined) return undefined;
  const domain = /^((?:[a-z0-9_-]+\\\.)*[a-z0-9_-]+)\$$/i.exec(pattern.slice(beginning.length))?.[1];
  return domain === undefined ? undefined : { zone: nameFromText(domain.replaceAll('\\.', '.')), extent };
}
