/**
 * A line between two threads: each end asks, and each answers. What may be asked, and what comes back, stands in one table of types for either
 * direction (`messages.ts`), so that no end can forget a question or mistake an answer. Messages of one direction arrive in their order.
 */
import { messageOf, OperationalError } from '../errors.js';
import { ApiError } from '../plugin.js';
import type { Clock, Timer } from '../runtime.js';

/** What a line runs over: a `MessagePort`, or a `Worker` as its parent sees it. */
export interface Port {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** Topic → what is asked, and what is answered. Both are plain data. */
export type Topics<Table> = { readonly [Topic in keyof Table]: { readonly question: unknown; readonly answer: unknown } };

/** A function for every topic that the other end may ask. */
export type Answers<Table extends Topics<Table>> = {
  readonly [Topic in keyof Table]: (question: Table[Topic]['question']) => Table[Topic]['answer'] | Promise<Table[Topic]['answer']>;
};

type Message =
  | { readonly kind: 'question'; readonly id: number; readonly topic: string; readonly question: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  /** `status` is that of an `ApiError`: a mistake of whoever called. */
  | { readonly kind: 'failure'; readonly id: number; readonly problem: string; readonly status: number | undefined };

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer | undefined;
}

export class Line<Asked extends Topics<Asked>, Answered extends Topics<Answered>> {
  readonly #port: Port;
  readonly #clock: Clock;
  readonly #answers: Readonly<Record<string, (question: unknown) => unknown>>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** Why nothing can be asked any more. */
  #ended: string | undefined;

  constructor(port: Port, clock: Clock, answers: Answers<Answered>) {
    this.#port = port;
    this.#clock = clock;
    // The table is complete by its type; on the wire a topic is a word.
    this.#answers = answers as unknown as Readonly<Record<string, (question: unknown) => unknown>>;
    port.on('message', (message) => void this.#take(message as Message));
  }

  /**
   * Asks the other end.
   * @param withinMs how long to wait; for ever, or until the line ends, if left out
   * @throws OperationalError when it fails there, takes too long, or is not there any more; an `ApiError` is one here too
   */
  ask<Topic extends keyof Asked & string>(topic: Topic, question: Asked[Topic]['question'], withinMs?: number): Promise<Asked[Topic]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(new OperationalError(this.#ended));
      const id = ++this.#lastId;
      const tooLate = (): void => {
        if (this.#waiting.delete(id)) reject(new OperationalError(`it did not answer within ${withinMs! / 1000} s`));
      };
      // Throws for what is no plain data.
      this.#port.postMessage({ kind: 'question', id, topic, question } satisfies Message);
      this.#waiting.set(id, { resolve, reject, timer: withinMs === undefined ? undefined : this.#clock.after(withinMs, tooLate) });
    });
  }

  /** The other end is gone: nobody waits for it any longer. */
  end(why: string): void {
    this.#ended = why;
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(new OperationalError(why));
  }

  async #take(message: Message): Promise<void> {
    if (message.kind === 'answer') this.#settle(message.id)?.resolve(message.answer);
    else if (message.kind === 'failure') this.#settle(message.id)?.reject(errorOf(message));
    else await this.#answer(message);
  }

  /** An answer that is no plain data is a failure too. */
  async #answer({ id, topic, question }: Extract<Message, { kind: 'question' }>): Promise<void> {
    try {
      this.#port.postMessage({ kind: 'answer', id, answer: await this.#answers[topic]!(question) } satisfies Message);
    } catch (error) {
      const status = error instanceof ApiError ? error.status : undefined;
      this.#port.postMessage({ kind: 'failure', id, problem: messageOf(error), status } satisfies Message);
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#clock.cancel(waiting?.timer);
    return waiting;
  }
}

const errorOf = ({ problem, status }: Extract<Message, { kind: 'failure' }>): Error =>
  status === undefined ? new OperationalError(problem) : new ApiError(status, problem);
