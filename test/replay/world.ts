/** Does what a scenario says, to a real server in a world of its own: its clock, its chance, its network. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError, type Mistake } from '../../core/errors.js';
import { address, duration, rcode } from '../../core/properties.js';
import { flag } from '../../core/wire/layout.js';
import {
  createTestServer, encodeQuestion, recordFromText, TestClock, TestNetwork, TestRandom, wireMessage, wireOpt, type Arrival, type TestServer,
} from '../../testing/index.js';
import { showAll, showAnswer, showArrival, showReload, showServer } from './outcomes.js';
import { ScenarioError, type Step } from './scenario.js';
import { Words } from './words.js';

/** Lets promises and files be done with. Real time does not matter, only that they are. */
const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

/** The body without the indentation that all its lines share. */
function textOf({ body }: Step): string {
  const depths = body.filter(({ text }) => text.trim() !== '').map(({ text }) => /^\s*/.exec(text)![0].length);
  return body.map(({ text }) => `${text.slice(Math.min(...depths))}\n`).join('');
}

export class World {
  readonly #file: string;
  readonly #directory: string;
  readonly #clock = new TestClock();
  readonly #network = new TestNetwork();
  /** Queries that upstreams have got and not answered, oldest first. */
  readonly #unanswered: Arrival[] = [];
  readonly #happenings: string[] = [];
  #server: TestServer | undefined;
  #queries = 0;

  /**
   * @param file the scenario's name, for messages
   * @param directory for the files that the scenario makes
   */
  constructor(file: string, directory: string) {
    this.#file = file;
    this.#directory = directory;
    this.#network.onArrival = (arrival) => {
      this.#unanswered.push(arrival);
      this.#happenings.push(showArrival(arrival));
    };
  }

  /** Does a step; returns what happens because of it. Throws a ScenarioError for one that can't be done. */
  async do(step: Step): Promise<string[]> {
    const words = new Words(step);
    try {
      await this.#obey(words, step);
      words.end();
    } catch (error) {
      throw error instanceof RangeError ? new ScenarioError(this.#file, step.line, error.message) : error;
    }
    this.#network.flush();
    await settle();
    this.#network.flush();
    return showAll(this.#happenings.splice(0));
  }

  /** Ends the server. */
  async end(): Promise<void> {
    await this.#server?.finish();
  }

  #obey(words: Words, step: Step): void | Promise<void> {
    switch (words.verb) {
      case 'corefile':
        return this.#start(step);
      case 'file':
        return this.#write(words.next('a name'), textOf(step));
      case 'reload':
        return this.#reload(step.body.length === 0 ? undefined : textOf(step));
      case 'ask':
        return this.#ask(words);
      case 'reply':
      case 'forge':
        return this.#reply(words, step, words.verb === 'forge');
      case 'down':
        return void this.#network.down.add(words.server());
      case 'up':
        return void this.#network.down.delete(words.server());
      case 'wait':
        return this.#wait(words.read('how long', duration()));
      default:
        throw new RangeError(`'${words.verb}' is none of corefile, file, reload, ask, reply, forge, down, up, wait`);
    }
  }

  get #running(): TestServer {
    if (this.#server === undefined) throw new RangeError('no server runs yet; it begins with a corefile');
    return this.#server;
  }

  async #start(step: Step): Promise<void> {
    if (this.#server !== undefined) throw new RangeError('the server runs already; another Corefile comes with reload');
    const runtime = { sockets: this.#network.sockets, random: new TestRandom() };
    try {
      this.#server = await createTestServer(textOf(step), { clock: this.#clock, file: join(this.#directory, 'Corefile'), runtime });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const [{ at, problem }] = error.mistakes as [Mistake];
      // The Corefile begins in the line behind the step.
      throw new ScenarioError(this.#file, step.line + at.line, problem);
    }
  }

  async #write(name: string, text: string): Promise<void> {
    const path = join(this.#directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  /** Over when the new configuration has taken over; the old one may still finish its work. */
  async #reload(corefile: string | undefined): Promise<void> {
    const { host } = this.#running;
    const before = host.current;
    let errors: readonly string[] | undefined;
    void this.#running.reload(corefile).then((report) => (errors = report.errors));
    while (errors === undefined && host.current === before) await settle();
    this.#happenings.push(showReload((errors ?? []).map((line) => line.replaceAll(`${this.#directory}/`, ''))));
  }

  #ask(words: Words): void {
    const [client, name, type] = [words.read('the client', address()).text, words.next('a name'), words.type()];
    const flags = words.flags('tcp', 'edns', 'do', 'cd', 'norec');
    const asking = {
      client, transport: flags.has('tcp') ? 'tcp' : 'udp', dnssecOk: flags.has('do'), checkingDisabled: flags.has('cd'),
      recursionDesired: !flags.has('norec'), ...(flags.has('edns') && { edns: 1232 }),
    } as const;
    for (let n = words.times(); n > 0; n--) {
      const query = encodeQuestion(name, type, this.#queries++ & 0xffff, asking);
      this.#running.deliver(query, asking, (answer) => this.#happenings.push(showAnswer(client, name, type, answer)));
    }
  }

  /** @param isForged whether the answer has an id that its query has not */
  #reply(words: Words, step: Step, isForged: boolean): void {
    const server = words.server();
    const question = `${words.next('the name that was asked for')} ${words.type()}`;
    const [code, flags] = [words.read('a response code', rcode()), words.flags('tc', 'aa', 'ad')];
    const place = this.#unanswered.findIndex((arrival) => arrival.server === server && questionOf(arrival) === question);
    if (place === -1) throw new RangeError(`${showServer(server)} has no unanswered query for ${question}; it has ${this.#waitingAt(server)}`);
    const { query } = this.#unanswered[place]!;
    if (!isForged) this.#unanswered.splice(place, 1);
    const { answer = [], authority = [], additional = [] } = this.#sectionsOf(step);
    query.send(wireMessage({
      id: isForged ? query.id ^ 1 : query.id, questions: [query.question], answers: answer, authorities: authority,
      flags: flag.qr | flag.rd | flag.ra | [...flags].reduce((bits, each) => bits | flag[each], code & 15),
      additionals: query.edns === undefined ? additional : [...additional, wireOpt([], { ttl: (code >> 4) << 24 })],
    }));
  }

  #waitingAt(server: string): string {
    return this.#unanswered.filter((arrival) => arrival.server === server).map(questionOf).join(', ') || 'none';
  }

  /** Records by section: `authority NAME. TTL IN TYPE DATA`; without a section's name, of the answer. */
  #sectionsOf({ body }: Step): Partial<Record<'answer' | 'authority' | 'additional', Buffer[]>> {
    const sections: Partial<Record<'answer' | 'authority' | 'additional', Buffer[]>> = {};
    for (const { line, text } of body) {
      const [, name, record] = /^\s*(?:(authority|additional)\s)?(.*)$/.exec(text)!;
      try {
        (sections[(name ?? 'answer') as keyof typeof sections] ??= []).push(recordFromText(record!));
      } catch (error) {
        throw error instanceof RangeError ? new ScenarioError(this.#file, line, error.message) : error;
      }
    }
    return sections;
  }

  #wait(ms: number): void {
    for (let left = ms; left > 0;) {
      const step = Math.min(left, Math.max(1, this.#clock.untilNext));
      this.#clock.advance(step);
      this.#network.flush();
      left -= step;
    }
  }
}

const questionOf = ({ query: { name, type } }: Arrival): string => `${name} ${type}`;
