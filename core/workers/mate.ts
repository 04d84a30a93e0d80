/** Another worker, as worker 0 sees it. */
import type { FamilyReading } from '../metrics.js';
import type { Clock } from '../runtime.js';
import { Line, type Answers, type Port } from './line.js';
import type { ToFirst, ToWorker } from './messages.js';

/** A thread that runs a worker, or what stands in for one. */
export interface Thread {
  readonly port: Port;
  /** Fulfilled with the reason, in a line or with a stack trace, when it is no more, whoever ended it. */
  readonly ended: Promise<string>;
  /** Ends it at once. */
  terminate(): void;
}

/** Begins a worker. @param index counts from 1 */
export type Spawn = (index: number) => Thread;

export class Mate {
  readonly index: number;
  readonly thread: Thread;
  readonly line: Line<ToWorker, ToFirst>;
  /** When it began, in milliseconds of the clock. */
  readonly since: number;
  /** It has taken over a configuration. */
  isServing = false;
  /** Told to stop: its end is no accident. */
  isLeaving = false;
  /** What it said last about its metrics. */
  readings: readonly FamilyReading[] = [];

  constructor(index: number, thread: Thread, clock: Clock, answers: Answers<ToFirst>) {
    this.index = index;
    this.thread = thread;
    this.line = new Line<ToWorker, ToFirst>(thread.port, clock, answers);
    this.since = clock.now();
  }

  get name(): string {
    return `worker ${this.index}`;
  }
}
