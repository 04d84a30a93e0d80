/** The text of rendered files. */
import type { Site } from '../site/site.js';

/** A line, several, or none. */
export type Lines = string | undefined | readonly Lines[];

/** Joins lines, each with its end. */
export const textOf = (...lines: readonly Lines[]): string => flat(lines).map((line) => `${line}\n`).join('');

const flat = (lines: Lines): readonly string[] => (lines === undefined ? [] : typeof lines === 'string' ? [lines] : lines.flatMap(flat));

/** Lines inside something: moved to the right. Empty ones stay empty. */
export const indented = (...lines: readonly Lines[]): readonly string[] => flat(lines).map((line) => (line === '' ? '' : `    ${line}`));

/** `NAME {`, what is in it, and `}`. */
export const block = (name: string, ...lines: readonly Lines[]): readonly string[] => [`${name} {`, ...indented(...lines), '}'];

/** Who made a file, and of what: every rendered file begins with it. */
export const madeFrom = (site: Site, what: string): readonly string[] => [
  `# ${site.name}: ${what}`,
  `# Made by vpnjail from ${site.file}; what is changed here lasts until it is made again.`,
];

/** Seconds as a decimal number: 1.5 for 1500 ms. */
export const secondsOf = (ms: number): string => String(ms / 1000);
