/**
 * What this site says to one peer, and asks of it. Pulls begin at a fixed rate; their tries begin a time-out apart, so that a peer that only
 * restarts is not given up. A push tells of a change at once; changes that come while one is under way share the next. Whatever a peer does
 * not do costs a deadline, and holds up nobody else.
 */
import { messageOf } from '../../../core/errors.js';
import type { Logger } from '../../../core/log.js';
import type { Count } from '../../../core/metrics.js';
import type { Clock, Sockets, Timer } from '../../../core/runtime.js';
import { call } from '../../call.js';
import type { Runner } from '../../runner.js';
import type { PullSettings } from '../../settings.js';
import { signatureHeader, signRequest, type Request } from './signature.js';
import { decodeState, encodePull, encodeState, messageOfPredecessor } from './wire.js';

export interface LinkOptions {
  readonly site: string;
  readonly own: string;
  /** Where the peer listens: `http://192.0.2.1:9000`. */
  readonly base: URL;
  readonly secret: string | undefined;
  readonly pull: PullSettings;
  readonly runner: Pick<Runner, 'state' | 'take'>;
  readonly clock: Clock;
  readonly sockets: Sockets;
  readonly log: Logger;
  readonly counts: Readonly<Record<'pulled' | 'pullFailed' | 'pushed' | 'pushFailed', Count>>;
}

export class PeerLink {
  readonly #options: LinkOptions;
  #timer: Timer | undefined;
  #isClosed = false;
  /** Whether the peer answered the last time. */
  #answers: boolean | undefined;
  #pushing = false;
  #telling: Promise<void> | undefined;
  #pushAgain = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Pulls now and from now on. */
  start(): void {
    void this.#pull();
  }

  close(): void {
    this.#isClosed = true;
    this.#options.clock.cancel(this.#timer);
  }

  /** Fulfilled when the peer has been told the last news, or one try of it has had its time. */
  async told(): Promise<void> {
    const { clock, pull: { timeoutMs } } = this.#options;
    let timer: Timer | undefined;
    const patience = new Promise<void>((resolve) => (timer = clock.after(timeoutMs, resolve)));
    await Promise.race([this.#telling, patience]);
    clock.cancel(timer);
  }

  /** Something has changed: the peer is told how things are when its turn comes. */
  push(): void {
    if (this.#pushing) this.#pushAgain = true;
    else this.#telling = this.#push();
  }

  async #pull(): Promise<void> {
    const { clock, pull: { intervalMs }, runner, site, counts } = this.#options;
    const began = clock.now();
    const problem = await this.#try(() => this.#pullOnce());
    if (this.#isClosed) return;
    (problem === undefined ? counts.pulled : counts.pullFailed).inc();
    this.#noteWhether(problem);
    if (problem !== undefined) runner.take({ type: 'unreachable', site });
    this.#timer = clock.after(Math.max(0, began + intervalMs - clock.now()), () => void this.#pull());
  }

  async #push(): Promise<void> {
    const { counts } = this.#options;
    let problem: string | undefined;
    this.#pushing = true;
    do {
      this.#pushAgain = false;
      problem = await this.#try(() => this.#pushOnce());
      (problem === undefined ? counts.pushed : counts.pushFailed).inc();
      // A peer that does not answer learns it when it pulls.
    } while (this.#pushAgain && problem === undefined && !this.#isClosed);
    this.#pushing = false;
  }

  async #pullOnce(): Promise<void> {
    const { clock, runner, site } = this.#options;
    const { state } = runner;
    const sentAt = clock.now();
    const text = await this.#call({ method: 'GET', path: '/peer/pull_state', body: encodePull(state, sentAt) });
    const said = decodeState(text);
    if (said.site !== site) throw new Error(`it says that it is ${said.site}`);
    const heard = { incarnation: state.incarnation, sentAt, seq: state.seq };
    runner.take({ type: 'message', message: said.message ?? messageOfPredecessor(said, runner.state, clock.wall(), heard) });
  }

  async #pushOnce(): Promise<void> {
    const { clock, runner } = this.#options;
    await this.#call({ method: 'POST', path: '/peer/push_state', body: encodeState(runner.state, clock.now()) });
  }

  /** Tries until it works or all tries are used up; then says why the last one failed. */
  async #try(once: () => Promise<void>): Promise<string | undefined> {
    const { clock, pull: { retries, timeoutMs } } = this.#options;
    for (let left = retries; ; left--) {
      const began = clock.now();
      try {
        await once();
        return undefined;
      } catch (error) {
        if (left === 0 || this.#isClosed) return messageOf(error);
      }
      const pauseMs = began + timeoutMs - clock.now();
      if (pauseMs > 0) await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    }
  }

  async #call(request: Request & { readonly method: 'GET' | 'POST' }): Promise<string> {
    const { base, secret, own, site, pull: { timeoutMs }, clock, runner } = this.#options;
    const { method, path, body } = request;
    const signed = secret === undefined ? undefined : signRequest(secret, request, own, site, clock.wall());
    const headers = { 'Content-Type': 'application/json', ...(signed && { [signatureHeader]: signed.header }) };
    const answer = await call(this.#options, { method, url: new URL(path, base), headers, body, timeoutMs });
    // Its clock may be wrong, or its secret: that is worth a word, and no more than one.
    const header = answer.headers[signatureHeader];
    const isAnswer = signed === undefined || signed.isAnswer(typeof header === 'string' ? header : undefined, answer.status, answer.body);
    if (answer.status !== 200) {
      const { error, refusal } = problemIn(answer.body);
      if (isAnswer && refusal === 'unknown site') runner.take({ type: 'disowned', site });
      throw new Error(`status ${answer.status}${error}`);
    }
    if (!isAnswer) throw new Error('its answer is not signed with our secret');
    return answer.body;
  }

  #noteWhether(problem: string | undefined): void {
    const { log, site } = this.#options;
    const answers = problem === undefined;
    if (answers === this.#answers) return;
    if (!answers) log.warning(`${site} does not answer: ${problem}`);
    else if (this.#answers !== undefined) log.info(`${site} answers again`);
    this.#answers = answers;
  }
}

/** `: why`, and the kind of refusal, where an answer says it. */
function problemIn(body: string): { readonly error: string; readonly refusal?: unknown } {
  try {
    const { error, refusal } = JSON.parse(body) as { readonly error?: unknown; readonly refusal?: unknown };
    return { error: typeof error === 'string' ? `: ${error.slice(0, 200)}` : '', refusal };
  } catch {
    return { error: '' };
  }
}
