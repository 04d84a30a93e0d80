/** What was measured before, beside what is measured now. */
import type { Figure } from './figure.js';
import type { Speed } from './speed.js';
import { median } from './statistics.js';

/** What a run measured. */
export interface Report {
  readonly speeds: readonly Speed[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  readonly rounds: number;
}

/** A run as `results/` keeps it. */
export interface SavedReport extends Report {
  /** When it ended, by ISO 8601. */
  readonly at: string;
  readonly machine: string;
  /** The version of Node.js that the server ran with. */
  readonly node: string;
}

/** A file of `results/`; `undefined` for one that is damaged, or that another version of the benchmark wrote. */
export function reportFrom(text: string): SavedReport | undefined {
  try {
    const report = JSON.parse(text) as Partial<SavedReport>;
    const isReport = typeof report.at === 'string' && typeof report.node === 'string' && Array.isArray(report.speeds) && Array.isArray(report.figures);
    return isReport ? (report as SavedReport) : undefined;
  } catch {
    return undefined;
  }
}

export const majorOf = (version: string): string => version.split('.')[0]!;

/** The runs with the same major version of Node.js, the latest first. */
export const earlierOf = (reports: readonly SavedReport[], node: string): SavedReport[] =>
  reports.filter((report) => majorOf(report.node) === majorOf(node)).sort((one, other) => (one.at < other.at ? 1 : -1));

/** The multiple of the echo's cost that this path had when it was last measured. */
export const speedThen = (earlier: readonly Report[], { path, server }: Speed): number | undefined =>
  medianOf(firstOf(earlier, ({ speeds }) => speeds.find((speed) => speed.path === path && speed.server === server)?.ratio));

/** What a figure was when it was last measured. */
export const figureThen = (earlier: readonly Report[], { what }: Figure): number | undefined =>
  medianOf(firstOf(earlier, ({ figures }) => figures.find((figure) => figure.what === what)?.values));

function firstOf<Value>(reports: readonly Report[], find: (report: Report) => Value | undefined): Value | undefined {
  for (const report of reports) {
    const found = find(report);
    if (found !== undefined) return found;
  }
  return undefined;
}

const medianOf = (values: readonly number[] | undefined): number | undefined => (values === undefined ? undefined : median(values));

/** How much more or less it is now, in percent: `+7 %`; nothing to say of what was 0. */
export function changeOf(now: number, then: number): string {
  if (then === 0) return '';
  const percent = Math.round((now / then - 1) * 100);
  return percent === 0 ? '=' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}
