/** The outages of many repetitions, as people read them: a table, and a plot beside the floors. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { median } from '../../bench/statistics.js';
import type { Fault } from './faults.js';
import { compiled, type LabOptions } from './layout.js';

export type Row = Pick<Fault, 'name' | 'detectionMs' | 'goalMs' | 'floorMs'> & { readonly outagesMs: readonly number[] };

/** This file runs in `dist/test/lab/`; what it writes belongs beside its source. */
const directory = compiled('../../../test/lab/');
const [begin, end] = ['<!-- outages -->', '<!-- end of outages -->'];

const floorText = (floor: Row['floorMs']): string => (floor === undefined ? '' : floor[0] === floor[1] ? `${floor[0]}` : `${floor[0]}–${floor[1]}`);
const head = ['fault', 'outage (ms, median)', 'range', 'noticed within', 'goal', '', 'floor by hand'];

const cells = ({ name, outagesMs, detectionMs, goalMs, floorMs }: Row): string[] => [
  name, median(outagesMs).toFixed(0), `${Math.min(...outagesMs).toFixed(0)}–${Math.max(...outagesMs).toFixed(0)}`, String(detectionMs), String(goalMs),
  median(outagesMs) <= goalMs ? 'kept' : 'over', floorText(floorMs),
];

export const markdownTable = (rows: readonly Row[]): string =>
  [head, head.map(() => '---'), ...rows.map(cells)].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Puts table and plot into README.md. */
export function publish(rows: readonly Row[], { sites, tunnel, vpn }: LabOptions): void {
  const repetitions = rows[0]?.outagesMs.length ?? 0;
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Linux ${release()}, Node.js ${process.versions.node}`;
  const said = `Measured on ${new Date().toISOString().slice(0, 10)} on ${machine}: ${sites} sites, ${tunnel}, ${vpn}; medians of ${repetitions} repetitions.`;
  mkdirSync(join(directory, 'results'), { recursive: true });
  writeFileSync(join(directory, 'results', 'outages.svg'), plot(rows));
  writeFileSync(join(directory, 'results', 'outages.json'), `${JSON.stringify({ said, rows }, undefined, 1)}\n`);
  const readme = join(directory, 'README.md');
  const text = readFileSync(readme, 'utf8');
  const [before, after] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end) + end.length)];
  writeFileSync(readme, before + [begin, said, '![Outages](results/outages.svg)', markdownTable(rows), end].join('\n\n') + after);
}

const rowHeight = 28;
const labelWidth = 150;
const plotWidth = 480;
const topHeight = 44;
const colours = { outage: '#2b6cb0', goal: '#c53030', floor: '#a0aec0' } as const;

const text = (x: number, y: number, content: string, anchor = 'start'): string => `<text x="${x}" y="${y}" text-anchor="${anchor}">${content}</text>`;

const bar = (y: number, until: number, height: number, colour: string): string =>
  `<rect x="${labelWidth}" y="${y}" width="${until - labelWidth}" height="${height}" fill="${colour}"/>`;

/** A bar for the median of each fault, a dot for each repetition, the floor in grey below, the goal as a red line. */
export function plot(rows: readonly Row[]): string {
  const largest = Math.max(1, ...rows.flatMap(({ outagesMs, goalMs, floorMs }) => [...outagesMs, goalMs, ...(floorMs ?? [])]));
  const xOf = (ms: number): number => Math.round(labelWidth + (ms / largest) * plotWidth);
  const bars = rows.map(({ name, outagesMs, goalMs, floorMs }, i) => {
    const y = topHeight + i * rowHeight;
    const value = median(outagesMs);
    const floor = floorMs === undefined ? '' : bar(y + 18, xOf(floorMs[1]), 4, colours.floor);
    const dots = outagesMs.map((ms) => `<circle cx="${xOf(ms)}" cy="${y + 11}" r="2" fill="#1a202c"/>`).join('');
    const goal = `<rect x="${xOf(goalMs) - 1}" y="${y}" width="2" height="${rowHeight - 4}" fill="${colours.goal}"/>`;
    const figure = text(xOf(Math.max(value, goalMs, ...outagesMs)) + 6, y + 16, `${value.toFixed(0)} ms`);
    return text(labelWidth - 8, y + 16, name, 'end') + floor + bar(y + 4, xOf(value), 14, colours.outage) + dots + goal + figure;
  });
  const [width, height] = [labelWidth + plotWidth + 80, topHeight + rows.length * rowHeight + 12];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#4a5568">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    text(16, 22, 'A client without service; bar: median, dots: repetitions, red: the goal, grey: the floor of the lab by hand'),
    ...bars, '</svg>', '',
  ].join('\n');
}
