/** From measurements to what people read: a table, a file for programs, and bench/README.md with a plot. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join, relative } from 'node:path';
import type { Figure } from './figure.js';
import { plot } from './plot.js';
import { compiled } from './programs.js';
import type { Speed } from './speed.js';
import { median } from './statistics.js';

export interface Report {
  readonly speeds: readonly Speed[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  readonly rounds: number;
}

type Row = readonly string[];

/** This file runs in `dist/bench/`; what it writes belongs beside its source. */
const directory = compiled('../../bench/');
const results = join(directory, 'results');
const readme = join(directory, 'README.md');
const [begin, end] = ['<!-- results -->', '<!-- end of results -->'];

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const verdict = (value: number, limit: number | undefined): string => (limit === undefined ? '' : value <= limit ? 'kept' : 'over');
const machine = (): string => `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Linux ${release()}, Node.js ${process.versions.node}`;

function speedRows(speeds: readonly Speed[]): Row[] {
  return speeds.map(({ path, server, cpu, ratio, rate, limit }) => {
    const perSecond = Math.round(median(rate)).toLocaleString('en');
    return [path, server, number(median(cpu)), median(ratio).toFixed(2), limit?.toFixed(2) ?? '', verdict(median(ratio), limit), perSecond];
  });
}

function figureRows(figures: readonly Figure[]): Row[] {
  return figures.map(({ what, unit, values, limit }) => {
    const spread = values.length === 1 ? '' : `${number(Math.min(...values))} … ${number(Math.max(...values))}`;
    return [what, `${number(median(values))} ${unit}`.trim(), spread, limit === undefined ? '' : `${limit} ${unit}`.trim(), verdict(median(values), limit)];
  });
}

const speedHead: Row = ['path', 'server', 'µs of CPU a query', '× echo', 'limit', '', 'answers/s'];
const figureHead: Row = ['figure', 'median', 'range', 'limit', ''];

function tables({ speeds, figures }: Report): Row[][] {
  return [[speedHead, ...speedRows(speeds)], [figureHead, ...figureRows(figures)]].filter((table) => table.length > 1);
}

/** For a terminal. */
export function textOfReport(report: Report): string {
  const aligned = tables(report).map((table) => {
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
    return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
  });
  return [...aligned, report.notes.join('\n')].join('\n\n');
}

function markdownOf(report: Report, date: string, file: string): string {
  const grids = tables(report).map(([head, ...rows]) =>
    [head!, head!.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n'));
  return [
    begin, `Measured on ${date} on ${machine()}; medians of ${report.rounds} rounds. ${report.notes.join(' ')} All values: [${file}](${file}).`,
    '![CPU per query over a bare socket](results/plot.svg)', ...grids, end,
  ].join('\n\n');
}

/**
 * Writes `results/DATE.json`; a whole report also goes into README.md with its plot. What is not whole stays out of version control.
 * @returns the path of the JSON file
 */
export function publish(report: Report, whole: boolean): string {
  const date = new Date().toISOString().slice(0, 10);
  const file = `results/${date}${whole ? '' : '.local'}.json`;
  mkdirSync(results, { recursive: true });
  writeFileSync(join(directory, file), `${JSON.stringify({ date, machine: machine(), ...report }, undefined, 1)}\n`);
  if (whole) {
    writeFileSync(join(results, 'plot.svg'), plot(report.speeds));
    const text = readFileSync(readme, 'utf8');
    const [before, after] = [text.indexOf(begin), text.indexOf(end) + end.length];
    writeFileSync(readme, text.slice(0, before) + markdownOf(report, date, file) + text.slice(after));
  }
  return relative(process.cwd(), join(directory, file));
}
