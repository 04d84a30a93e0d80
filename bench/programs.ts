/** Programs of this machine. */
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isExecutable } from '../core/process/executable.js';

/** Where a program is, on PATH or where Debian keeps its servers. */
export function pathOf(program: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories.map((directory) => join(directory, program)).find(isExecutable);
}

/** The path of a compiled file, given from the folder of this one. */
export const compiled = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
