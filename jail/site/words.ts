/** Zod schemas of single words: read by the same values as a Corefile's, described to editors by JSON Schema. */
import { z } from 'zod';
import type { Value } from '../../core/corefile/values.js';
import { hint, quote } from '../../core/corefile/wording.js';
import type { Position } from '../../core/errors.js';

/** Values that count from a file are not among those that a site file reads, so that none needs to know where it stands. */
const nowhere: Position = { file: '', line: 1, column: 1 };

/** What JSON Schema tells an editor about a word. */
export interface Hint {
  readonly type?: 'integer';
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

function readWith<T>({ read }: Value<T>): (text: string, context: z.RefinementCtx) => T {
  return (text, context) => {
    try {
      return read(text, nowhere);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  };
}

const base = () => z.string({ error: ({ input }) => (input === undefined ? undefined : 'expected a word') });

export type Word<T> = ReturnType<typeof word<T>>;

/** A word that must be there. */
export const word = <T>(value: Value<T>, about: Hint = {}) => base().transform(readWith(value)).meta({ ...about });

/** A word that may be left out, and then is as if `fallback` stood there. */
export const wordOr = <T>(value: Value<T>, fallback: string, about: Hint = {}) =>
  base().transform(readWith(value)).prefault(fallback).meta({ ...about });

/** A map with these keys and no others. */
export const map = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, Object.keys(shape));
      return issue.input === undefined ? undefined : 'expected a map of keys';
    },
  });

/** A line for each unknown key. */
export const unknownKeys = (keys: readonly string[], known: readonly string[]): string =>
  keys.map((key) => `there is no key ${quote(key)} here${hint(key, known)}`).join('\n');

/** A map whose keys the administrator chooses. */
export const record = <Key extends z.ZodType<string | number, string>, Item extends z.ZodType>(key: Key, item: Item) =>
  z.record(key, item, { error: ({ input }) => (input === undefined ? undefined : 'expected a map') });

export const list = <Item extends z.ZodType>(item: Item) => z.array(item, { error: ({ input }) => (input === undefined ? undefined : 'expected a list') });
