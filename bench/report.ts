/** From measurements to what people read: a table, a file for programs, and bench/README.md with plots. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { changeOf, earlierOf, figureThen, majorOf, reportFrom, speedThen, type Report, type SavedReport } from './compare.js';
import type { Figure } from './figure.js';
import { plot } from './plot.js';
import { compiled } from './programs.js';
import type { Speed } from './speed.js';
import { median } from './statistics.js';
import { aligned, between, gridOf, machine, type Row } from './table.js';

/** This file runs in `dist/bench/`; what it writes belongs beside its source. */
const directory = compiled('../../bench/');
const results = join(directory, 'results');

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const verdict = (value: number, limit: number | undefined): string => (limit === undefined ? '' : value <= limit ? 'kept' : 'over');

function beside(now: number, then: number | undefined): string {
  return then === undefined ? '' : `${number(then)} ${changeOf(now, then)}`.trim();
}

function speedRow(speed: Speed, earlier: readonly Report[]): Row {
  const { path, server, cpu, ratio, rate, limit } = speed;
  const perSecond = Math.round(median(rate)).toLocaleString('en');
  const now = median(ratio);
  return [path, server, number(median(cpu)), now.toFixed(2), limit?.toFixed(2) ?? '', verdict(now, limit), perSecond, beside(now, speedThen(earlier, speed))];
}

function figureRow(figure: Figure, earlier: readonly Report[]): Row {
  const { what, unit, values, limit } = figure;
  const spread = values.length === 1 ? '' : `${number(Math.min(...values))} … ${number(Math.max(...values))}`;
  const now = median(values);
  const bound = limit === undefined ? '' : `${limit} ${unit}`.trim();
  return [what, `${number(now)} ${unit}`.trim(), spread, bound, verdict(now, limit), beside(now, figureThen(earlier, figure))];
}

const speedHead: Row = ['path', 'server', 'µs of CPU a query', '× echo', 'limit', '', 'answers/s', '× echo last time'];
const figureHead: Row = ['figure', 'median', 'range', 'limit', '', 'last time'];

/** @param earlier what is compared with; of none there are no columns */
function tables({ speeds, figures }: Report, earlier: readonly Report[]): Row[][] {
  const all = [[speedHead, ...speeds.map((each) => speedRow(each, earlier))], [figureHead, ...figures.map((each) => figureRow(each, earlier))]];
  return all.filter((table) => table.length > 1).map((table) => (earlier.length === 0 ? table.map((row) => row.slice(0, -1)) : table));
}

/** For a terminal, beside the runs before with this Node.js: a whole one beside whole ones. */
export function textOfReport(report: Report, node: string, whole: boolean): string {
  const earlier = earlierOf(saved((file) => !whole || isWhole(file)), node);
  const since = earlier.slice(0, 1).map(({ at, machine: where }) => `Last time: ${at.slice(0, 10)} on ${where}.`);
  return [...tables(report, earlier).map(aligned), [...report.notes, ...since].join('\n')].join('\n\n');
}

const isWhole = (file: string): boolean => !file.endsWith('.local.json');

/** What earlier runs wrote. */
function saved(accepts: (file: string) => boolean): SavedReport[] {
  mkdirSync(results, { recursive: true });
  const files = readdirSync(results).filter((file) => file.endsWith('.json') && accepts(file));
  return files.flatMap((file) => reportFrom(readFileSync(join(results, file), 'utf8')) ?? []);
}

const fileOf = ({ at, node }: SavedReport, whole: boolean): string => `${at.slice(0, 10)}-node${majorOf(node)}${whole ? '' : '.local'}.json`;
const plotOf = ({ node }: SavedReport): string => `results/node${majorOf(node)}.svg`;

function sectionOf(report: SavedReport): string {
  const file = `results/${fileOf(report, true)}`;
  return [
    `### Node.js ${majorOf(report.node)}`,
    `Measured on ${report.at.slice(0, 10)} on ${report.machine}; medians of ${report.rounds} rounds. ${report.notes.join(' ')} All values: [${file}](${file}).`,
    `![CPU per query over a bare socket](${plotOf(report)})`, ...tables(report, []).map(gridOf),
  ].join('\n\n');
}

/** Puts the latest whole run of each Node.js into README.md, with its plot. */
function publishPage(): void {
  const reports = saved(isWhole);
  const majors = [...new Set(reports.map(({ node }) => majorOf(node)))].sort((one, other) => Number(one) - Number(other));
  const latest = majors.map((major) => earlierOf(reports, major)[0]!);
  for (const report of latest) writeFileSync(join(directory, plotOf(report)), plot(report.speeds));
  const readme = join(directory, 'README.md');
  writeFileSync(readme, between(readFileSync(readme, 'utf8'), latest.map(sectionOf).join('\n\n')));
}

/**
 * Writes `results/DATE-nodeN.json`; a whole report also goes into README.md with its plot. What is not whole stays out of version control.
 * @returns the path of the JSON file
 */
export function publish(report: Report, node: string, whole: boolean): string {
  const kept: SavedReport = { at: new Date().toISOString(), machine: machine(node), node, ...report };
  const path = join(results, fileOf(kept, whole));
  mkdirSync(results, { recursive: true });
  writeFileSync(path, `${JSON.stringify(kept, undefined, 1)}\n`);
  if (whole) publishPage();
  return relative(process.cwd(), path);
}
