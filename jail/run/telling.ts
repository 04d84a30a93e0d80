/** How it is told what was done, and what went wrong. */
import { lineOf } from '../plan/words.js';
import type { Step } from '../plan/step.js';
import type { Failure } from './steps.js';
import type { World } from './world.js';

export type Word = 'done' | 'already' | 'failed' | 'undone' | 'stuck';

const width = 'already'.length;

/** `already  vpn1: its wire to bridge0` */
export const line = (word: Word, { title }: Step): string => `${word.padEnd(width)}  ${title}`;

const indent = ' '.repeat(width + 2);

/** The command, why it failed, and what it printed. */
export function describeFailure({ command, result: { reason = '', output } }: Failure): string {
  const printed = output.trimEnd().split('\n').filter((text) => text !== '' && !reason.endsWith(text.trim()));
  return [`$ ${lineOf(command.argv)}`, reason, ...printed].map((text) => indent + text).join('\n');
}

/** What came of it, and how long it took. */
export const outcome = (text: string, start: number, { now }: World): string => `${text} (${((now() - start) / 1000).toFixed(2)} s)`;
