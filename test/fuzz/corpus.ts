/**
 * Inputs that are worth beginning with, and those that once showed a mistake: `corpus/TARGET.txt`. An input is a line, in hexadecimal or as a
 * JSON string; lines that begin with `#` say what it is.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../tidy/files.js';

const pathOf = (target: string): string => join(repositoryRoot(), 'test/fuzz/corpus', `${target}.txt`);

/** Reads the inputs of a target. Throws an Error with file and line for what is neither. */
export function readCorpus(target: string): Buffer[] {
  return readFileSync(pathOf(target), 'utf8').split('\n').flatMap((line, i) => {
    if (line === '' || line.startsWith('#')) return [];
    if (/^"/.test(line)) return Buffer.from(JSON.parse(line) as string);
    if (/^(?:[0-9a-f]{2})+$/.test(line)) return Buffer.from(line, 'hex');
    throw new Error(`${pathOf(target)}:${i + 1}: neither hexadecimal nor a JSON string`);
  });
}

/** Keeps an input that shows a mistake. */
export function keepInCorpus(target: string, input: Buffer, what: string): void {
  appendFileSync(pathOf(target), `# ${what.replaceAll(/\s+/g, ' ')}\n${input.length === 0 ? '""' : input.toString('hex')}\n`);
}
