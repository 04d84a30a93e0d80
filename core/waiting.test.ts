import test, { type ExecutionContext } from 'ava';
import { createTestServer, type Asking, type TestAnswer, type TestServer } from '../testing/index.js';
import { limits } from './limits.js';
import { definePlugin } from './plugin.js';
import type { Query } from './query.js';
import { createReply, type Reply } from './reply.js';

const answer = createReply(0, 'probe', { answers: 1, body: Buffer.from('c00c00010001000000050004c0000201', 'hex') });

/** A server whose queries wait until the test answers them. */
class World {
  readonly waiting: { readonly query: Query; readonly callback: (reply: Reply) => void }[] = [];
  server!: TestServer;

  async start(t: ExecutionContext): Promise<this> {
    const probe = definePlugin({
      name: 'probe',
      setup: (_options, { block: { hooks } }) => hooks.resolve.tap('probe', (query, callback) => void this.waiting.push({ query, callback })),
    });
    this.server = await createTestServer('. {\nerrors\nprobe\n}', { plugins: [probe] });
    t.teardown(() => this.server.stop());
    return this;
  }

  /** Asks so many times, each time as another client unless one is named; no answer is `undefined`. */
  ask(count: number, asking: Asking = {}): Promise<TestAnswer | undefined>[] {
    const ask = (i: number): Promise<TestAnswer> => this.server.ask('www.example.org', 'A', { client: this.#client(i), ...asking });
    return Array.from({ length: count }, (_, i) => ask(i).catch(() => undefined));
  }

  answerAll(): void {
    for (const { callback } of this.waiting.splice(0)) callback(answer);
  }

  async reached(limit: keyof typeof limits): Promise<number> {
    return Number(new RegExp(`limit_reached_total{limit="${limit}"} (\\d+)`).exec(await this.server.metrics.text(''))?.[1]);
  }

  /** Lines of the log that tell of this limit. */
  told(limit: keyof typeof limits): string[] {
    return this.server.log.map(({ line }) => line).filter((line) => line.includes(`the limit ${limit} is reached`));
  }

  #client(i: number): string {
    return `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  }
}

const rcodesOf = async (asked: readonly Promise<TestAnswer | undefined>[]): Promise<string[]> =>
  (await Promise.all(asked)).map((each) => each?.rcode ?? 'none');
const countOf = (rcodes: readonly string[], rcode: string): number => rcodes.filter((each) => each === rcode).length;

test('beyond the bound of all waiting queries the server fails at once', async (t) => {
  const world = await new World().start(t);
  const asked = world.ask(limits.queriesInFlight);
  const [late] = await Promise.all(world.ask(1));
  t.is(late!.rcode, 'SERVFAIL');
  t.is(world.waiting.length, limits.queriesInFlight);
  world.answerAll();
  t.is(countOf(await rcodesOf(asked), 'NOERROR'), limits.queriesInFlight);
  t.is(await world.reached('queriesInFlight'), 1);
  t.regex(world.told('queriesInFlight').join(), /\[WARNING\] the limit queriesInFlight is reached: queries fail, old ones before new ones/);
});

test('what has waited long makes room for what is new', async (t) => {
  const world = await new World().start(t);
  const old = world.ask(1);
  world.server.clock.advance(1);
  const others = world.ask(limits.queriesInFlight - 1);
  world.server.clock.advance(limits.shedAfterMs - 1);
  const fresh = world.ask(2);
  t.deepEqual(await rcodesOf(old), ['SERVFAIL']);
  t.is((await fresh[1])!.rcode, 'SERVFAIL', 'the next oldest has not waited long');
  world.answerAll();
  t.is(countOf(await rcodesOf(others), 'NOERROR'), limits.queriesInFlight - 1);
  t.is((await fresh[0])!.rcode, 'NOERROR');
  t.is(world.told('queriesInFlight').length, 1, 'one line, though it happened twice');
});

test('one client can’t take all places', async (t) => {
  const world = await new World().start(t);
  const greedy = world.ask(limits.queriesInFlightPerClient + 5, { client: '192.0.2.1', transport: 'tcp' });
  const modest = world.ask(1, { client: '192.0.2.2' });
  t.is(world.waiting.length, limits.queriesInFlightPerClient + 1);
  world.answerAll();
  t.deepEqual(countOf(await rcodesOf(greedy), 'SERVFAIL'), 5);
  t.deepEqual(await rcodesOf(modest), ['NOERROR']);
  t.is(await world.reached('queriesInFlightPerClient'), 5);
  const again = world.ask(1, { client: '192.0.2.1' });
  world.answerAll();
  t.deepEqual(await rcodesOf(again), ['NOERROR'], 'when they are answered it may ask again');
});

test('slow queries that were collected for one client are not answered in a burst', async (t) => {
  const world = await new World().start(t);
  const asked = world.ask(500, { client: '192.0.2.1' });
  const overTcp = world.ask(100, { client: '192.0.2.3', transport: 'tcp' });
  const patient = world.ask(limits.oldAnswersPerClient, { client: '192.0.2.2' });
  world.server.clock.advance(limits.oldAnswerMs + 1);
  world.answerAll();
  const rcodes = await rcodesOf(asked);
  t.is(countOf(rcodes, 'NOERROR'), limits.oldAnswersPerClient);
  t.is(countOf(rcodes, 'none'), 500 - limits.oldAnswersPerClient);
  t.is(countOf(await rcodesOf(overTcp), 'NOERROR'), 100, 'over TCP nobody is somebody else');
  t.is(countOf(await rcodesOf(patient), 'NOERROR'), limits.oldAnswersPerClient, 'who waits for a few gets them');
  t.is(await world.reached('oldAnswersPerClient'), 500 - limits.oldAnswersPerClient);
});

test('answers that are not old all leave, however many', async (t) => {
  const world = await new World().start(t);
  const asked = world.ask(500, { client: '192.0.2.1' });
  world.server.clock.advance(limits.oldAnswerMs);
  world.answerAll();
  t.is(countOf(await rcodesOf(asked), 'NOERROR'), 500);
});

test('messages that are no query are answered at a bounded rate over UDP', async (t) => {
  const { server } = await new World().start(t);
  const garbage = Buffer.alloc(12);
  const answered = async (count: number, asking: Asking = {}): Promise<number> => {
    const replies = await Promise.all(Array.from({ length: count }, () => server.send(garbage, asking)));
    return replies.filter((reply) => reply !== undefined).length;
  };
  t.is(await answered(limits.refusalsPerSecond + 50), limits.refusalsPerSecond);
  t.is(await answered(10, { transport: 'tcp' }), 10);
  server.clock.advance(1000);
  t.is(await answered(10), 10);
  t.regex(await server.metrics.text(''), /^malformed_queries_total{rcode="dropped"} 50$/m);
  t.is(server.log.filter(({ line }) => line.includes('the limit refusalsPerSecond is reached')).length, 1);
});

test('how many wait is known', async (t) => {
  const world = await new World().start(t);
  const asked = world.ask(3);
  t.regex(await world.server.metrics.text(''), /^queries_in_flight 3$/m);
  world.answerAll();
  await Promise.all(asked);
  t.regex(await world.server.metrics.text(''), /^queries_in_flight 0$/m);
});
