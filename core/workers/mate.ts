/** Another worker, as worker 0 sees it. */
import type { ConfigurationText } from '../corefile/index.js';
import { limits } from '../limits.js';
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

  /** Has it set up and start a configuration. Throws what is wrong with it there. */
  prepare(text: ConfigurationText): Promise<void> {
    return this.line.ask('prepare', text, limits.workerStartMs);
  }

  /** Has it serve what it has prepared; fulfilled when what it served before has done its work. */
  takeOver(): Promise<void> {
    this.isServing = true;
    return this.line.ask('takeOver', undefined, limits.workerStartMs);
  }

  get name(): string {
    return `worker ${this.index}`;
  }
}
