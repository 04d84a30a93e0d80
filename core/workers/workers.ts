/**
 * The workers of a process, as a plugin sees them.
 *
 * With `workers N` a process has N hosts, one a thread, made from the same configuration: each has sockets of its own on the same ports, hooks
 * and caches of its own, and no plugin needs to know. **Worker 0** is the main thread. It alone does what is the process's: HTTP, timers that
 * watch files, loading of lists, writing of files; so a plugin that is `processWide` taps in every worker, and loads, starts and stops in
 * worker 0 alone (see `PluginInstance.join` for what it may need elsewhere). Three things cross from one worker to another:
 *
 *     publish / follow    a value that worker 0 owns and the others see (the index of the lists, the exceptions)
 *     tell / hear         what happens in the others and worker 0 collects (log lines, queries for who follows them live); bounded
 *     ask                 a call of the admin API that concerns every worker (`ApiCall.ask`); worker 0 puts the answers together
 *
 * What crosses is plain data, copied, except for shared buffers. Metrics are added up, and `/ready` speaks for all, without any of this.
 */
import type { Unready } from '../host.js';
import type { CallQuestion } from './messages.js';

declare const about: unique symbol;

/** What a value or an event is about; `Content` is plain data. Values of one generation and the next are the same topic when their names are equal. */
export type Topic<Content> = string & { readonly [about]?: Content };

/** Names a topic. The caller vouches that a name always goes with the same type. */
export const topicOf = <Content>(name: string): Topic<Content> => name;

/** Worker 0, to its plugins. */
export interface FirstWorker {
  readonly isFirst: true;
  /** How many there are to be, this one included. */
  readonly count: number;
  /**
   * Gives the others a value in place of the one before. Workers that begin later get it before anything else.
   * @param read returns the value as it is at that moment; called only when there is somebody to give it to
   * @returns fulfilled when all that are there have it; never fails
   */
  publish<Content>(topic: Topic<Content>, read: () => Content): Promise<void>;
  /** Nobody needs the value any more. */
  withdraw(topic: Topic<unknown>): void;
  /**
   * Calls back with what the others tell, in the order of each.
   * @param listen gets the number of items that were too many to tell as well
   * @returns what ends it
   */
  hear<Content>(topic: Topic<Content>, listen: (items: readonly Content[], missed: number) => void): () => void;
  /** Has the others do their part of a call. One that fails is left out, with a line in the log. */
  ask(question: CallQuestion): Promise<readonly object[]>;
  /** What keeps the others from being ready. */
  unready(): Promise<readonly Unready[]>;
}

/** Any other worker, to its plugins. */
export interface OtherWorker {
  readonly isFirst: false;
  /** Calls back with the value, at once if there is one, and with each that takes its place. @returns what ends it */
  follow<Content>(topic: Topic<Content>, take: (value: Content) => void): () => void;
  /** Tells worker 0. When it is behind, what exceeds `limits.workerTold` is only counted. */
  tell<Content>(topic: Topic<Content>, item: Content): void;
}

export type Workers = FirstWorker | OtherWorker;

/** A process with one worker. */
export const alone: FirstWorker = {
  isFirst: true,
  count: 1,
  publish: () => Promise.resolve(),
  withdraw: () => undefined,
  hear: () => () => undefined,
  ask: () => Promise.resolve([]),
  unready: () => Promise.resolve([]),
};
