/** Commands that steps are made of, on any platform. */
import { createHash } from 'node:crypto';
import type { RenderedFile } from '../files/file.js';
import type { Command } from './step.js';

export type Words = readonly [string, ...string[]];

export const command = (...argv: Words): Command => ({ argv });

/** It clears away what may be there. */
export const clear = (...argv: Words): Command => ({ argv, mayFail: true });

/** It succeeds when what it prints holds a text. */
export const prints = (text: string, ...argv: Words): Command => ({ argv, prints: text });

/** A script of a few lines for the shell, whose arguments are `$1`, `$2` … */
export const shell = (script: string, ...words: readonly string[]): Words => ['sh', '-c', script, 'sh', ...words];

/** What a daemon is started with, as a word: another one means that it has to be started again. */
export const stampOf = (argv: readonly string[], files: readonly RenderedFile[]): string =>
  createHash('sha256').update(JSON.stringify([argv, files.map(({ text }) => text)])).digest('hex').slice(0, 12);
