/** Tables, for a terminal and for README.md, and what they say of the machine. */
import { cpus, release } from 'node:os';

export type Row = readonly string[];

/** For a terminal: columns of one width. The first row is the head. */
export function aligned(table: readonly Row[]): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}

/** As Markdown. */
export const gridOf = ([head, ...rows]: readonly Row[]): string =>
  [head!, head!.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const [begin, end] = ['<!-- results -->', '<!-- end of results -->'];

/** A page with other results between its marks. Throws an Error when it has none. */
export function between(page: string, results: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`the page has no '${begin}' or '${end}'`);
  return `${page.slice(0, from)}${begin}\n\n${results}\n\n${page.slice(to)}`;
}

export const machine = (node: string): string => `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Linux ${release()}, Node.js ${node}`;
