/** (contract sketch; see plugin.ts) */
import type { Position } from './errors.js';

/** How the words behind a directive or a property become a value. */
export interface Argument<T> {
  /** As in the README's Syntax section: `[TTL 3600]`, `CIDR…`. */
  readonly syntax: string;
  readonly value?: T;
}

/** A property: how one line is read, and what several lines make together. */
export interface Property<T> {
  readonly syntax: readonly string[];
  readonly value?: T;
}

export type OptionsOf<Arguments, Properties> = {
  readonly [Key in keyof Properties]: Properties[Key] extends Property<infer T> ? T : never;
} & { readonly args: Arguments; readonly at: Position };
