/** A worker other than the first: its host does what worker 0 says, and its plugins see what worker 0 owns. */
import type { ConfigurationText } from '../corefile/index.js';
import { OperationalError } from '../errors.js';
import type { PluginHost, Prepared, ReloadReport } from '../host.js';
import type { Metrics } from '../metrics.js';
import type { HostBlock } from '../plugin.js';
import type { Clock } from '../runtime.js';
import { carryOutPart } from './calls.js';
import { Line, type Answers, type Port } from './line.js';
import type { ToFirst, ToWorker } from './messages.js';
import { Outbox } from './outbox.js';
import type { OtherWorker, Topic } from './workers.js';

/** What runs in a worker. */
export interface MemberHost {
  readonly host: Pick<PluginHost<HostBlock>, 'current' | 'prepare' | 'stop'>;
  readonly metrics: Metrics;
}

type Follower = (value: unknown) => void;

export class Member implements OtherWorker {
  readonly isFirst = false;
  readonly #line: Line<ToFirst, ToWorker>;
  readonly #values = new Map<Topic<unknown>, unknown>();
  readonly #followers = new Map<Topic<unknown>, Set<Follower>>();
  readonly #outboxes = new Map<Topic<unknown>, Outbox>();
  #text: ConfigurationText | undefined;
  #prepared: Prepared | undefined;
  /** Steps of the lifecycle go one at a time. */
  #work: Promise<unknown> = Promise.resolve();

  /**
   * Listens to worker 0 from now on.
   * @param make makes the host; called once, at once
   */
  constructor(port: Port, clock: Clock, make: (self: Member) => MemberHost) {
    // Questions come in later turns of the event loop.
    this.#line = new Line<ToFirst, ToWorker>(port, clock, this.#answers(() => made));
    const made = make(this);
  }

  /** The configuration that is to be prepared, or was last. */
  get text(): ConfigurationText {
    if (this.#text === undefined) throw new Error('there is no configuration yet');
    return this.#text;
  }

  follow<Content>(topic: Topic<Content>, take: (value: Content) => void): () => void {
    const followers = this.#followers.get(topic) ?? new Set();
    const follower: Follower = (value) => take(value as Content);
    this.#followers.set(topic, followers.add(follower));
    if (this.#values.has(topic)) follower(this.#values.get(topic));
    return () => void followers.delete(follower);
  }

  tell<Content>(topic: Topic<Content>, item: Content): void {
    const outbox = this.#outboxes.get(topic) ?? new Outbox((items, missed) => this.#line.ask('tell', { topic, items, missed }));
    this.#outboxes.set(topic, outbox);
    outbox.add(item);
  }

  /** Has worker 0 load the configuration anew, for all. */
  reload(): Promise<ReloadReport> {
    return this.#line.ask('reload', undefined);
  }

  #answers(made: () => MemberHost): Answers<ToWorker> {
    const current = () => {
      const host = made().host.current;
      if (host === undefined) throw new OperationalError('it does not serve yet');
      return host;
    };
    return {
      prepare: (text) => this.#inTurn(async () => {
        this.#text = text;
        this.#prepared = await made().host.prepare();
      }),
      takeOver: () => this.#inTurn(() => {
        const prepared = this.#release();
        // To go on with what was before would be another configuration than the others'.
        if (prepared === undefined) throw new OperationalError('it has prepared nothing');
        return prepared.takeOver();
      }),
      abandon: () => this.#inTurn(() => this.#release()?.abandon()),
      take: ({ topic, value }) => this.#take(topic, value),
      call: (question) => carryOutPart(current(), question),
      metrics: () => made().metrics.readings(),
      unready: () => current().unready(),
      stop: () => this.#inTurn(async () => {
        await this.#release()?.abandon();
        await made().host.stop();
        for (const outbox of this.#outboxes.values()) await outbox.empty();
      }),
    };
  }

  #take(topic: Topic<unknown>, value: unknown): void {
    if (value === undefined) {
      this.#values.delete(topic);
      return;
    }
    this.#values.set(topic, value);
    for (const follower of this.#followers.get(topic) ?? []) follower(value);
  }

  #release(): Prepared | undefined {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    return prepared;
  }

  #inTurn(task: () => Promise<void> | undefined): Promise<void> {
    const result = this.#work.then(task);
    this.#work = result.catch(() => undefined);
    return result;
  }
}
