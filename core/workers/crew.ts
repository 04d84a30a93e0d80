/**
 * The other workers, as worker 0 leads them: begins them, has them take over a configuration all at once or not at all, puts what they say
 * together, and replaces one that dies. Lifecycles go one at a time, so that a worker that begins anew never meets half a reload.
 */
import type { ConfigurationText } from '../corefile/index.js';
import { messageOf, OperationalError } from '../errors.js';
import type { ReloadReport, Unready } from '../host.js';
import { limits } from '../limits.js';
import type { Logger } from '../log.js';
import { addReadings, lastingReadings, type Count, type FamilyReading, type Metrics } from '../metrics.js';
import type { Clock, Timer } from '../runtime.js';
import { Mate, type Spawn } from './mate.js';
import type { CallQuestion, ToWorker } from './messages.js';
import type { FirstWorker, Topic } from './workers.js';

export interface CrewWorld {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly spawn: Spawn;
  /** Loads the configuration anew: a plugin of another worker wants it. */
  reload(): Promise<ReloadReport>;
}

/** A configuration that all workers have prepared. */
export interface Lead {
  /** From now on it is in force everywhere. */
  takeOver(): void;
  /** Begins to stop the other workers, for good; unless another configuration has taken over since. {@link Crew.settled} tells when they are gone. */
  stop(): void;
}

type Listener = (items: readonly unknown[], missed: number) => void;

export class Crew implements FirstWorker {
  readonly isFirst = true;
  readonly #world: CrewWorld;
  readonly #restarts: Count;
  /** By number, from 1 on. */
  readonly #mates = new Map<number, Mate>();
  /** These, and those that are about to go. */
  readonly #living = new Set<Mate>();
  readonly #values = new Map<Topic<unknown>, () => unknown>();
  readonly #listeners = new Map<Topic<unknown>, Set<Listener>>();
  /** Those that ended unexpectedly → the timer that begins them anew. */
  readonly #lost = new Map<number, Timer>();
  /** How often each ended in a row. */
  readonly #ends = new Map<number, number>();
  /** Those that are about to end. */
  readonly #leaving = new Set<Promise<void>>();
  /** What those counted who are no more. */
  #departed: readonly FamilyReading[] = [];
  #count = 1;
  #text: ConfigurationText | undefined;
  #work: Promise<unknown> = Promise.resolve();
  #isStopping = false;
  #settled: Promise<unknown> = Promise.resolve();

  constructor(world: CrewWorld) {
    this.#world = world;
    this.#restarts = world.metrics.counter('worker_restarts_total', 'Workers that ended unexpectedly and had to be replaced.').child({});
    world.metrics.gauge('workers', 'Threads that serve.').child({}).watch(() => 1 + this.#mates.size);
    world.metrics.include(() => this.#readings());
  }

  get count(): number {
    return this.#count;
  }

  async publish<Content>(topic: Topic<Content>, read: () => Content): Promise<void> {
    this.#values.set(topic, read);
    if (this.#mates.size > 0) await this.#askAll('take', { topic, value: read() });
  }

  withdraw(topic: Topic<unknown>): void {
    if (this.#values.delete(topic)) void this.#askAll('take', { topic, value: undefined });
  }

  hear<Content>(topic: Topic<Content>, listen: (items: readonly Content[], missed: number) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    const listener: Listener = (items, missed) => listen(items as readonly Content[], missed);
    this.#listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  ask(question: CallQuestion): Promise<object[]> {
    return this.#askAll('call', question);
  }

  async unready(): Promise<Unready[]> {
    const reasons = await Promise.all(Array.from({ length: this.#count - 1 }, async (_, i): Promise<readonly Unready[]> => {
      const mate = this.#mates.get(i + 1);
      if (mate?.isServing !== true) return [{ plugin: 'workers', reason: `worker ${i + 1} has ended and will be replaced` }];
      return mate.line.ask('unready', undefined, limits.workerAnswerMs).catch(() => [{ plugin: 'workers', reason: `${mate.name} does not answer` }]);
    }));
    return reasons.flat();
  }

  /**
   * Has all workers set up and start a configuration beside the one that serves.
   * @param count how many workers there are to be, this one included
   * @throws OperationalError with everything that failed; then all is as it was before
   */
  prepare(count: number, text: ConfigurationText): Promise<Lead> {
    return this.#inTurn(async () => {
      const mates: Mate[] = [];
      try {
        for (let index = 1; index < count; index++) mates.push(this.#mates.get(index) ?? this.#begin(index));
        await prepareAll(mates, text);
      } catch (error) {
        await Promise.all(mates.map((mate) => (mate.isServing ? this.#abandon(mate) : this.#dismiss(mate))));
        throw error;
      }
      return {
        takeOver: () => this.#takeOver(count, text, mates),
        stop: () => {
          if (this.#text === text) this.#settled = this.#stop();
        },
      };
    });
  }

  /** Fulfilled when all others serve what is in force and have done with what was before; or when all are gone. Never fails. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#lost.values()) this.#world.clock.cancel(timer);
    await this.#work;
    for (const mate of this.#mates.values()) void this.#dismiss(mate);
    await Promise.all(this.#leaving);
  }

  #takeOver(count: number, text: ConfigurationText, mates: readonly Mate[]): void {
    this.#count = count;
    this.#text = text;
    const superfluous = [...this.#mates.values()].filter(({ index }) => index >= count);
    this.#settled = Promise.all([...mates.map((mate) => this.#sendOff(mate)), ...superfluous.map((mate) => this.#dismiss(mate))]);
    for (const index of this.#lost.keys()) if (index >= count || this.#mates.has(index)) this.#found(index);
  }

  /** It need not be replaced any more. */
  #found(index: number): void {
    this.#world.clock.cancel(this.#lost.get(index));
    this.#lost.delete(index);
  }

  /** A worker that can't serve what it has prepared is of no use. */
  async #sendOff(mate: Mate): Promise<void> {
    try {
      await mate.takeOver();
    } catch (error) {
      this.#world.log.error(`${mate.name}: ${messageOf(error)}`);
      mate.thread.terminate();
    }
  }

  async #abandon({ line, thread }: Mate): Promise<void> {
    await line.ask('abandon', undefined, limits.workerStartMs).catch(() => thread.terminate());
  }

  #begin(index: number): Mate {
    const { clock, log, spawn, reload } = this.#world;
    const mate: Mate = new Mate(index, spawn(index), clock, {
      reload: () => reload(),
      tell: ({ topic, items, missed }) => {
        for (const listen of this.#listeners.get(topic) ?? []) listen(items, missed);
      },
    });
    this.#mates.set(index, mate);
    this.#living.add(mate);
    void mate.thread.ended.then((reason) => this.#gone(mate, reason));
    for (const [topic, read] of this.#values) {
      mate.line.ask('take', { topic, value: read() }).catch((error: unknown) => log.debug(`${mate.name}: ${messageOf(error)}`));
    }
    return mate;
  }

  /** Lets one finish its work and go. */
  #dismiss(mate: Mate): Promise<void> {
    const { line, thread } = mate;
    mate.isLeaving = true;
    this.#mates.delete(mate.index);
    const leave = async (): Promise<void> => {
      mate.readings = await line.ask('stop', undefined, limits.workerStopMs).then(() => line.ask('metrics', undefined, limits.workerAnswerMs))
        .catch(() => mate.readings);
      thread.terminate();
      await thread.ended;
    };
    const left = leave().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
    return left;
  }

  /** @param reason may have the lines of a stack trace behind it */
  #gone(mate: Mate, reason: string): void {
    const { index, name, line, since } = mate;
    const [what, ...trace] = reason.split('\n');
    line.end(`it ended: ${what}`);
    this.#living.delete(mate);
    this.#departed = addReadings([this.#departed, lastingReadings(mate.readings)]);
    if (mate.isLeaving) return;
    this.#mates.delete(index);
    if (this.#isStopping || index >= this.#count) return;
    this.#restarts.inc();
    const { clock, log } = this.#world;
    const delayMs = this.#replaceLater(index, clock.now() - since);
    log.error([`${name} ended: ${what}; the others go on, and another takes its place in ${delayMs / 1000} s`, ...trace].join('\n'));
  }

  /** Begins one anew after a while, which is returned, in milliseconds. @param livedMs how long it lived before */
  #replaceLater(index: number, livedMs: number): number {
    const times = livedMs > limits.workerRestartMostMs ? 0 : (this.#ends.get(index) ?? 0);
    const delayMs = Math.min(limits.workerRestartMs * 2 ** times, limits.workerRestartMostMs);
    this.#ends.set(index, times + 1);
    this.#found(index);
    this.#lost.set(index, this.#world.clock.after(delayMs, () => void this.#inTurn(() => this.#replace(index))));
    return delayMs;
  }

  /** Begins one anew with the configuration that is in force. When that fails it is tried again, later. Never fails. */
  async #replace(index: number): Promise<void> {
    // A reload may have come first.
    if (this.#isStopping || this.#text === undefined || this.#mates.has(index) || !this.#lost.delete(index)) return;
    let mate: Mate | undefined;
    try {
      mate = this.#begin(index);
      await mate.prepare(this.#text);
      await mate.takeOver();
      this.#world.log.info(`${mate.name} serves again`);
    } catch (error) {
      this.#world.log.error(`worker ${index}: ${messageOf(error)}`);
      if (mate === undefined) this.#replaceLater(index, 0);
      else mate.thread.terminate();
    }
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#work.then(task);
    this.#work = result.catch(() => undefined);
    return result;
  }

  /** Asks all that serve, and tells of values those too that begin; who fails is left out. */
  async #askAll<Asked extends keyof ToWorker>(topic: Asked, question: ToWorker[Asked]['question']): Promise<ToWorker[Asked]['answer'][]> {
    const mates = [...this.#mates.values()].filter(({ isServing }) => isServing || topic === 'take');
    const outcomes = await Promise.allSettled(mates.map(({ line }) => line.ask(topic, question, limits.workerAnswerMs)));
    return outcomes.flatMap((outcome, i) => {
      if (outcome.status === 'fulfilled') return [outcome.value];
      this.#world.log.warning(`${mates[i]!.name}: ${messageOf(outcome.reason)}`);
      return [];
    });
  }

  /** What the others count. Counters never fall: one that does not answer has counted no less than before, and one that goes leaves what it has. */
  async #readings(): Promise<readonly FamilyReading[]> {
    await Promise.all([...this.#living].map(async (mate) => {
      mate.readings = await mate.line.ask('metrics', undefined, limits.workerAnswerMs).catch(() => lastingReadings(mate.readings));
    }));
    return addReadings([this.#departed, ...[...this.#living].map(({ readings }) => readings)]);
  }
}

/** Has all of them set up and start a configuration. Throws an OperationalError with everything that failed. */
async function prepareAll(mates: readonly Mate[], text: ConfigurationText): Promise<void> {
  const outcomes = await Promise.allSettled(mates.map((mate) => mate.prepare(text)));
  const problems = outcomes.flatMap((outcome, i) => (outcome.status === 'rejected' ? [`${mates[i]!.name}: ${messageOf(outcome.reason)}`] : []));
  if (problems.length > 0) throw new OperationalError(problems.join('\n'));
}
