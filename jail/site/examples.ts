/** The example sites as they would stand in /etc/vpncore, for tests: what is made from them is then the same on every machine. */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { readSite } from './read.js';
import type { Site } from './site.js';

const home = '/etc/vpncore/';
/** Seen from dist/jail/site. */
const folder = new URL('../../../examples/wan/', import.meta.url);

/** The text of a file of the examples */
export function readExample(file: string): string {
  if (!file.startsWith(home)) throw new Error('no such file');
  return readFileSync(new URL(posix.relative(home, file), folder), 'utf8');
}

export const exampleSite = (name: string): Site => readSite(`${home}${name}.yml`, readExample);
