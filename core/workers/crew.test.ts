/** Several workers, here as hosts in one thread: what they do together. Real threads and sockets: `test/workers.test.ts`. */
import test, { type ExecutionContext } from 'ava';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { createTestServer, TestClock, type TestServer } from '../../testing/index.js';
import { limits } from '../limits.js';
import { createLogger } from '../log.js';
import { Metrics } from '../metrics.js';
import { ApiError, definePlugin, sharedCall, type AnyPlugin, type PluginInstance } from '../plugin.js';
import { integer, one } from '../properties.js';
import { createReply } from '../reply.js';
import { Crew } from './crew.js';
import { topicOf } from './workers.js';

const rumour = topicOf<string>('rumour');
const truth = topicOf<string>('truth');

/** What a test sees of every instance of the plugin `talk`, in whichever worker. */
interface World {
  readonly plugin: AnyPlugin;
  /** Instances by worker: 0 is the first, all others are 1. */
  readonly events: string[];
  readonly heard: string[];
  readonly tell: ((word: string) => void)[];
  publish: (word: string) => Promise<void>;
  broken: 'setup' | 'start' | 'none';
}

/** A plugin that answers with a number, counts, talks, and may fail in another worker than the first. */
function worldOf(): World {
  const world: World = { plugin: undefined as never, events: [], heard: [], tell: [], publish: () => Promise.resolve(), broken: 'none' };
  const plugin = definePlugin({
    name: 'talk',
    args: one(integer()),
    api: [
      sharedCall<PluginInstance, { readonly isFirst: boolean }>({
        method: 'GET', path: '/talk/:word', summary: 'who is there',
        ask([instance], { params }) {
          if (params['word'] === 'nonsense') throw new ApiError(400, 'word: nonsense');
          return { isFirst: (instance as unknown as { readonly isFirst: boolean }).isFirst };
        },
        reply: (parts, { params }) => ({ message: params['word']!, data: parts.map(({ isFirst }) => isFirst) }),
      }),
    ],
    setup({ args }, { block, host, mistake }) {
      const { workers } = host;
      const { isFirst } = workers;
      if (!isFirst && world.broken === 'setup') throw mistake('it is broken here');
      const asked = host.metrics.counter('talk_total', 'Questions.').child({});
      block.hooks.query.tap('talk', () => {
        asked.inc();
        return createReply(args % 16, 'talk');
      });
      let end = (): void => undefined;
      const start = (): void => {
        if (!isFirst && world.broken === 'start') throw new Error('it is broken here');
        world.events.push(`start ${args} ${isFirst}`);
        if (workers.isFirst) {
          end = workers.hear(rumour, (words, missed) => world.heard.push(...words, ...(missed > 0 ? [`${missed} missed`] : [])));
          world.publish = (word) => workers.publish(truth, () => word);
        } else {
          end = workers.follow(truth, (word) => world.events.push(`true: ${word}`));
          world.tell.push((word) => workers.tell(rumour, word));
        }
      };
      const stop = (): void => {
        end();
        world.events.push(`stop ${args} ${isFirst}`);
      };
      return { start, stop, isFirst, unready: () => (isFirst ? undefined : 'it talks too much') } as PluginInstance;
    },
  });
  return Object.assign(world, { plugin });
}

async function serve(t: ExecutionContext, world: World, corefile: string): Promise<TestServer> {
  const server = await createTestServer(corefile, { plugins: [world.plugin] });
  t.teardown(() => server.stop());
  return server;
}

const corefile = (workers: number, number = 1): string => `. {\n workers ${workers}\n talk ${number}\n}`;

/** Waits until something has come about; the test's own time limit is the bound. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

const codes = async (server: TestServer, ...workers: number[]): Promise<number[]> =>
  Promise.all(workers.map(async (worker) => (await server.ask('a.example', 'A', { ...(worker > 0 && { worker }) })).bytes.readUInt8(3) & 15));

test('one worker begins no other', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, '. {\n talk 1\n}');
  t.deepEqual(world.events, ['start 1 true']);
  await t.throwsAsync(codes(server, 1));
});

test('all workers answer, and their counters add up', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(3));
  t.deepEqual(await codes(server, 0, 1, 2, 1), [1, 1, 1, 1]);
  t.deepEqual(world.events, ['start 1 true', 'start 1 false', 'start 1 false']);
  const text = await server.metrics.text('vpndns');
  t.regex(text, /^vpndns_talk_total 4$/m);
  t.regex(text, /^vpndns_workers 3$/m);
  t.regex(text, /^vpndns_worker_restarts_total 0$/m);
});

test('a stop stops all', async (t) => {
  const world = worldOf();
  const server = await createTestServer(corefile(2), { plugins: [world.plugin] });
  world.events.length = 0;
  await server.stop();
  t.deepEqual(world.events.sort(), ['stop 1 false', 'stop 1 true']);
  t.is(server.clock.pending, 0);
});

test('a reload is in force everywhere', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(3));
  t.deepEqual(await server.reload(corefile(3, 2)), { generation: 2, errors: [] });
  await until(() => world.events.filter((event) => event.startsWith('stop 1')).length === 3);
  t.deepEqual(await codes(server, 0, 1, 2), [2, 2, 2]);
});

for (const broken of ['setup', 'start'] as const) {
  test(`a configuration that fails in one worker, in its ${broken}, changes nothing in any`, async (t) => {
    const world = worldOf();
    const server = await serve(t, world, corefile(3));
    world.broken = broken;
    const { errors } = await server.reload(corefile(3, 2));
    t.is(errors.length, 2);
    for (const error of errors) t.regex(error, /^worker [12]: .*talk: .*it is broken here$/);
    t.deepEqual(await codes(server, 0, 1, 2), [1, 1, 1]);
    world.broken = 'none';
    t.deepEqual((await server.reload(corefile(3, 3))).errors, []);
    t.deepEqual(await codes(server, 0, 1, 2), [3, 3, 3]);
  });
}

test('a start that fails in one worker leaves nothing behind', async (t) => {
  const world = worldOf();
  world.broken = 'start';
  await t.throwsAsync(serve(t, world, corefile(2)), { message: /worker 1: talk: it is broken here/ });
  t.deepEqual(world.events.sort(), ['start 1 true', 'stop 1 false', 'stop 1 true']);
});

test('a mistake that the first worker finds never reaches the others', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(2));
  t.regex((await server.reload('. {\n workers 2\n tlak\n}')).errors[0]!, /tlak/);
  t.deepEqual(await codes(server, 0, 1), [1, 1]);
});

test('the number of workers changes with a reload', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(1));
  for (const [count, number] of [[3, 2], [2, 3], [1, 4], [2, 5]] as const) {
    t.deepEqual((await server.reload(corefile(count, number))).errors, []);
    const workers = Array.from({ length: count }, (_, i) => i);
    await until(() => world.events.filter((event) => event.startsWith(`stop ${number - 1}`)).length > 0);
    t.deepEqual(await codes(server, ...workers), workers.map(() => number));
    t.regex(await server.metrics.text('vpndns'), new RegExp(`^vpndns_workers ${count}$`, 'm'));
  }
});

test('what a worker counted stays counted when it is gone', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(2));
  await codes(server, 0, 1, 1);
  await server.reload(corefile(1));
  await until(() => world.events.includes('stop 1 false'));
  await nextTurn();
  t.regex(await server.metrics.text('vpndns'), /^vpndns_talk_total 3$/m);
});

test('a worker that dies is counted and replaced, and the others go on meanwhile', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(3));
  await codes(server, 1);
  await server.metrics.text('vpndns');
  await server.kill(1, 'out of memory');
  await until(() => server.log.some(({ line }) => line.includes('worker 1 ended')));
  t.regex(server.log.at(-1)!.line, /\[ERROR\] workers: worker 1 ended: out of memory; the others go on, and another takes its place in 0\.1 s/);
  t.deepEqual(await codes(server, 0, 2), [1, 1]);
  const { workers } = server.host.current!;
  t.deepEqual(workers.isFirst && (await workers.unready())[0], { plugin: 'workers', reason: 'worker 1 has ended and will be replaced' });
  server.clock.advance(limits.workerRestartMs);
  await until(() => server.log.some(({ line }) => line.includes('worker 1 serves again')));
  t.deepEqual(await codes(server, 1), [1]);
  const text = await server.metrics.text('vpndns');
  t.regex(text, /^vpndns_worker_restarts_total 1$/m);
  t.regex(text, /^vpndns_talk_total 4$/m);
});

test('one that dies again and again is replaced after twice as long each time', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(2));
  for (const delay of ['0.1', '0.2', '0.4']) {
    await server.kill(1);
    await until(() => server.log.some(({ line }) => line.includes(`its place in ${delay} s`)));
    server.clock.advance(Number(delay) * 1000);
    const again = (): number => server.log.filter(({ line }) => line.includes('serves again')).length;
    await until(() => again() === Math.log2(Number(delay) * 10) + 1);
  }
  server.clock.advance(limits.workerRestartMostMs + 1);
  server.log.length = 0;
  await server.kill(1);
  await until(() => server.log.some(({ line }) => line.includes('worker 1 ended')));
  t.regex(server.log.at(-1)!.line, /its place in 0\.1 s/);
});

test('one that can not be set up again is tried again later', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(2));
  world.broken = 'setup';
  await server.kill(1);
  await until(() => server.log.some(({ line }) => line.includes('in 0.1 s')));
  server.clock.advance(100);
  await until(() => server.log.some(({ line }) => line.includes('in 0.2 s')));
  world.broken = 'none';
  server.clock.advance(200);
  await until(() => server.log.some(({ line }) => line.includes('serves again')));
  t.deepEqual(await codes(server, 0, 1), [1, 1]);
});

test('a reload replaces one that died, and needs no other', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(2));
  await server.kill(1);
  await until(() => server.log.some(({ line }) => line.includes('in 0.1 s')));
  t.deepEqual((await server.reload(corefile(2, 2))).errors, []);
  t.deepEqual(await codes(server, 0, 1), [2, 2]);
  const events = world.events.length;
  server.clock.advance(1000);
  await nextTurn();
  t.is(world.events.length, events);
});

test('what is published reaches all, and who begins later as well', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(3));
  await world.publish('the earth is round');
  t.is(world.events.filter((event) => event === 'true: the earth is round').length, 2);
  world.events.length = 0;
  await server.kill(2);
  await until(() => server.log.some(({ line }) => line.includes('in 0.1 s')));
  server.clock.advance(100);
  await until(() => server.log.some(({ line }) => line.includes('serves again')));
  t.true(world.events.includes('true: the earth is round'));
});

test('what workers tell is heard, in the order of each', async (t) => {
  const world = worldOf();
  await serve(t, world, corefile(2));
  for (const word of ['a', 'b', 'c']) world.tell[0]!(word);
  await until(() => world.heard.length === 3);
  t.deepEqual(world.heard, ['a', 'b', 'c']);
});

test('a call that concerns all is carried out in all; a mistake of its caller is told once', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(3));
  t.deepEqual(await server.call('GET', '/talk/hello'), { message: 'hello', data: [true, false, false] });
  await t.throwsAsync(async () => server.call('GET', '/talk/nonsense'), { instanceOf: ApiError, message: 'word: nonsense' });
});

test('a worker that does not answer is not ready, holds up nobody for long, and is left out of calls', async (t) => {
  const clock = new TestClock();
  const log: string[] = [];
  const { port1: port, port2 } = new MessageChannel();
  t.teardown(() => port.close());
  let gone: (reason: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (gone = resolve));
  // It serves, and then falls silent.
  port2.on('message', ({ id, topic }: { readonly id: number; readonly topic: string }) => {
    if (topic === 'prepare' || topic === 'takeOver') port2.postMessage({ kind: 'answer', id, answer: undefined });
  });
  const crew = new Crew({
    clock, metrics: new Metrics(), log: createLogger((line) => log.push(line), clock), reload: async () => ({ generation: 1, errors: [] }),
    spawn: () => ({ port, ended, terminate: () => gone('terminated') }),
  });
  const lead = await crew.prepare(2, { file: 'Corefile', texts: new Map(), matches: new Map() });
  lead.takeOver();
  await crew.settled();
  const asked = [crew.unready(), crew.ask({ method: 'GET', path: '/', params: {}, query: {} }), crew.publish(truth, () => 'it hangs')] as const;
  clock.advance(limits.workerAnswerMs);
  t.deepEqual(await asked[0], [{ plugin: 'workers', reason: 'worker 1 does not answer' }]);
  t.deepEqual(await asked[1], []);
  await asked[2];
  t.regex(log.at(-1)!, /\[WARNING\] worker 1: it did not answer within 5 s/);
  lead.stop();
  await nextTurn();
  clock.advance(limits.workerStopMs);
  await crew.settled();
  t.is(clock.pending, 0);
});

test('whoever is not ready in another worker keeps the whole from being ready', async (t) => {
  const world = worldOf();
  const server = await serve(t, world, corefile(2));
  const { workers } = server.host.current!;
  t.deepEqual(workers.isFirst && (await workers.unready()), [{ plugin: 'talk', reason: 'it talks too much' }]);
});
