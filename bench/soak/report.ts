/** What a soak found: a table for the terminal and README.md, and a picture. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { compiled } from '../programs.js';
import { aligned, between, gridOf, machine, type Row } from '../table.js';
import { judge, type Series } from './judge.js';
import { pictureOf } from './picture.js';
import type { Tally } from './traffic.js';

export interface SoakReport {
  readonly minutes: number;
  readonly reloads: number;
  /** Messages that were no query. */
  readonly garbage: number;
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly series: readonly Series[];
}

/** Part of the queries that may stay without an answer: the machine drops a datagram now and then. */
const lostShare = 0.001;
const directory = compiled('../../bench/soak/');

const seriesHead: Row = ['what', 'at the half', 'at the end', 'growth over the last half', 'allowed', ''];
const tallyHead: Row = ['queries', 'asked', 'answered', ''];

function seriesRow(series: Series): Row {
  const { what, unit, points, allowed } = series;
  const { growth, grows } = judge(series);
  const text = (value: number): string => `${value.toFixed(2)} ${unit}`.trim();
  const [half, end] = [points[Math.floor(points.length / 2)], points.at(-1)].map((point) => text(point?.value ?? NaN));
  return [what, half!, end!, text(growth), text(allowed), grows ? 'grows' : 'steady'];
}

const isLossy = ({ asked, answered }: Tally): boolean => asked - answered > Math.max(1, asked * lostShare);

function tablesOf({ tallies, series }: SoakReport): Row[][] {
  const tallyRows = Array.from(tallies, ([kind, tally]): Row => [kind, `${tally.asked}`, `${tally.answered}`, isLossy(tally) ? 'lost some' : '']);
  return [[seriesHead, ...series.map(seriesRow)], [tallyHead, ...tallyRows]];
}

const summaryOf = ({ minutes, reloads, garbage }: SoakReport): string =>
  `${minutes.toFixed(0)} minutes on ${machine(process.versions.node)}: ${reloads} reloads, ${garbage} messages of garbage.`;

/** For a terminal, and whether something is wrong. */
export function tableOf(report: SoakReport): { readonly text: string; readonly bad: boolean } {
  const bad = report.series.some((series) => judge(series).grows) || [...report.tallies.values()].some(isLossy);
  return { text: [summaryOf(report), ...tablesOf(report).map(aligned)].join('\n\n'), bad };
}

/**
 * Draws the picture; a long run also goes into README.md. What is short stays out of version control.
 * @returns the path of the picture
 */
export function publish(report: SoakReport, whole: boolean): string {
  const picture = join(directory, whole ? 'plot.svg' : 'plot.local.svg');
  writeFileSync(picture, pictureOf(report.series));
  if (whole) {
    const [readme, date] = [join(directory, 'README.md'), new Date().toISOString().slice(0, 10)];
    const parts = [`Measured on ${date}, ${summaryOf(report)}`, '![What the process holds, over time](plot.svg)', ...tablesOf(report).map(gridOf)];
    writeFileSync(readme, between(readFileSync(readme, 'utf8'), parts.join('\n\n')));
  }
  return relative(process.cwd(), picture);
}
