/** Other versions of Node.js, to run servers with: packages of the npm registry that carry the program, fetched once. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compiled } from './programs.js';

/** A Node.js that can run here. */
export interface NodeProgram {
  readonly path: string;
  /** Without its `v`. */
  readonly version: string;
}

export const thisNode: NodeProgram = { path: process.execPath, version: process.versions.node };

const cache = compiled('../../node_modules/.cache/bench');

/**
 * The newest Node.js of this version (`24`, `24.1.0`), fetched with npm if it is not in the cache.
 * Throws a RangeError when it can't be had.
 */
export function nodeOf(version: string): NodeProgram {
  const directory = join(cache, `node-${version}`);
  const path = join(directory, 'package', 'bin', 'node');
  if (!existsSync(path)) fetchInto(directory, version);
  return { path, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim().slice(1) };
}

function fetchInto(directory: string, version: string): void {
  const name = `node-${process.platform}-${process.arch}@${version}`;
  mkdirSync(cache, { recursive: true });
  // Whoever is interrupted leaves no half of a Node.js behind.
  const scratch = mkdtempSync(join(cache, 'fetching-'));
  try {
    const output = execFileSync('npm', ['pack', name, '--json', '--pack-destination', scratch], { encoding: 'utf8' });
    const [{ filename }] = JSON.parse(output) as [{ readonly filename: string }];
    execFileSync('tar', ['-xzf', join(scratch, filename), '-C', scratch, 'package/bin/node']);
    rmSync(join(scratch, filename));
    renameSync(scratch, directory);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    throw new RangeError(`--node: ${name} could not be fetched; it takes npm, tar, and a registry that has it (${(error as Error).message.split('\n')[0]})`);
  }
}
