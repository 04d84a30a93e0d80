/** All that worker 0 and the others say to each other. */
import type { ConfigurationText } from '../corefile/index.js';
import type { ReloadReport, Unready } from '../host.js';
import type { FamilyReading } from '../metrics.js';
import type { ApiRequest } from '../plugin.js';
import type { Topic } from './workers.js';

/** The name of one of the admin API's calls, and what its caller said. */
export interface CallQuestion extends Pick<ApiRequest, 'params' | 'query'> {
  readonly method: string;
  readonly path: string;
}

/** What worker 0 asks each of the others. */
export interface ToWorker {
  /** Set up and start a configuration beside the one that serves. Fails with all that is wrong with it; then nothing of it is left. */
  prepare: { question: ConfigurationText; answer: void };
  /** What was prepared serves from now on. Answered when the one before it has finished its work. */
  takeOver: { question: void; answer: void };
  /** What was prepared is not wanted. */
  abandon: { question: void; answer: void };
  /** A value of the process's has changed (`undefined`: is gone). */
  take: { question: { readonly topic: Topic<unknown>; readonly value: unknown }; answer: void };
  /** This worker's part of a call that is carried out in all. */
  call: { question: CallQuestion; answer: object };
  metrics: { question: void; answer: readonly FamilyReading[] };
  unready: { question: void; answer: readonly Unready[] };
  /** Take no more queries, answer those under way, close everything. */
  stop: { question: void; answer: void };
}

/** What the others ask worker 0. */
export interface ToFirst {
  /** Something has happened, several times perhaps. `missed` more were too many to tell. */
  tell: { question: { readonly topic: Topic<unknown>; readonly items: readonly unknown[]; readonly missed: number }; answer: void };
  reload: { question: void; answer: ReloadReport };
}
