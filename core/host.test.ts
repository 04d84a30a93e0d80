import test from 'ava';
import { readConfiguration } from './configuration.js';
import { ConfigError, LifecycleError } from './errors.js';
import { PluginHost, type Host, type HostOptions } from './host.js';
import { createLogger } from './log.js';
import { Metrics } from './metrics.js';
import { defineHostPlugin, type AnyPlugin, type HostBlock, type PluginInstance } from './plugin.js';
import { many, text } from './properties.js';
import { systemRuntime } from './runtime.js';
import { TestClock } from '../testing/index.js';

type Step = 'setup' | 'load' | 'start' | 'stop';

/** A host whose plugins note what is done to them, and do wrong where they are told. */
class World {
  readonly events: string[] = [];
  readonly log: string[] = [];
  readonly clock = new TestClock();
  readonly metrics = new Metrics();
  readonly host: PluginHost<HostBlock>;
  /** What happens at `a start`; may throw, or wait. */
  readonly at = new Map<string, () => unknown>();
  /** Fulfilled when the work under way is done. */
  work: Promise<void> = Promise.resolve();
  corefile: string;

  constructor(corefile: string, options: Partial<HostOptions<HostBlock>> = {}, others: readonly AnyPlugin[] = []) {
    this.corefile = corefile;
    const plugins = [...['a', 'b', 'c'].map((name) => this.#plugin(name) as AnyPlugin), ...others];
    this.host = new PluginHost({
      name: 'host', version: 'test', metrics: this.metrics, runtime: { ...systemRuntime(), clock: this.clock, env: {} },
      log: createLogger((line) => this.log.push(line.slice(line.indexOf('[')).trimEnd()), this.clock),
      read: () => readConfiguration(plugins, { file: 'Corefile', text: this.corefile, env: {} }),
      createBlock: ({ addresses, at }, host) => ({ label: addresses.map((word) => word.text).join(), at, host, onFailure: () => undefined }),
      drained: () => this.work,
      ...options,
    });
  }

  #plugin(name: string) {
    return defineHostPlugin({
      name,
      repeatable: true,
      args: many(text(), { min: 0 }),
      setup: ({ args }, { host, block, mistake }) => {
        const note = (step: Step): unknown => {
          this.events.push(`${step} ${name}${host.generation}${block.label === '.' ? '' : ` ${block.label}`}`);
          return this.at.get(`${name} ${step}`)?.();
        };
        if (args.includes('mistake')) throw mistake('this is no good');
        note('setup');
        return { load: () => note('load') as void, start: () => note('start') as void, stop: () => note('stop') as void };
      },
    });
  }

  /** The events since the last look. */
  news(): string[] {
    return this.events.splice(0);
  }
}

const failing = (message: string) => () => {
  throw new Error(message);
};

test('setup, load and start go in the order of the plugins, stop in reverse', async (t) => {
  const world = new World('. {\nc\nb\na\n}');
  await world.host.start();
  t.deepEqual(world.news(), ['setup a1', 'setup b1', 'setup c1', 'load a1', 'load b1', 'load c1', 'start a1', 'start b1', 'start c1']);
  await world.host.stop();
  t.deepEqual(world.news(), ['stop c1', 'stop b1', 'stop a1']);
  t.is(world.host.current, undefined);
});

test('each place of a directive is an instance, block by block', async (t) => {
  const world = new World('x {\nb\na\na\n}\ny {\na\n}');
  await world.host.start();
  t.deepEqual(world.news().slice(0, 4), ['setup a1 x', 'setup a1 x', 'setup b1 x', 'setup a1 y']);
  t.deepEqual(world.host.current!.seats.map(({ definition, block }) => `${definition.name} ${block.label}`), ['a x', 'a x', 'b x', 'a y']);
});

test('every step is waited for before the next', async (t) => {
  const world = new World('. {\na\nb\n}');
  world.at.set('a start', () => new Promise<void>((resolve) => setImmediate(() => (world.events.push('a is up'), resolve()))));
  await world.host.start();
  t.deepEqual(world.news().slice(4), ['start a1', 'a is up', 'start b1']);
});

test('a reload sets the new generation up and starts it before it stops the old one', async (t) => {
  const world = new World('. {\na\nb\n}');
  await world.host.start();
  world.news();
  world.corefile = '. {\nb\nc\n}';
  t.deepEqual(await world.host.reload(), { generation: 2, errors: [] });
  t.deepEqual(world.news(), ['setup b2', 'setup c2', 'load b2', 'load c2', 'start b2', 'start c2', 'stop b1', 'stop a1']);
  t.true(world.log.includes('[INFO] reloaded; generation 2'));
});

test('mistakes of setup are reported together, nothing starts, and the old generation goes on', async (t) => {
  const world = new World('. {\na\n}');
  await world.host.start();
  const old = world.host.current;
  world.news();
  world.corefile = '. {\na mistake\nb\n}\ny {\n c mistake\n}';
  const { generation, errors } = await world.host.reload();
  t.is(generation, 1);
  t.deepEqual(errors, ['Corefile:2:1: a: this is no good', 'Corefile:6:2: c: this is no good']);
  t.is(world.host.current, old);
  t.deepEqual(world.news(), ['setup b2']);
  t.regex(await world.metrics.text(''), /^reload_failed_total 1$/m);
});

for (const step of ['load', 'start'] as const) {
  test(`when a ${step} fails, what has begun is stopped in reverse, and every error is reported`, async (t) => {
    const world = new World('. {\na\n}');
    await world.host.start();
    const old = world.host.current;
    world.news();
    world.corefile = '. {\na\nb\nc\n}';
    world.at.set(`b ${step}`, failing('no file'));
    world.at.set('b stop', failing('half open'));
    world.at.set('a stop', failing('stuck'));
    const { generation, errors } = await world.host.reload();
    t.deepEqual(errors, ['b: no file', 'b: half open', 'a: stuck']);
    t.is(generation, 1);
    t.is(world.host.current, old);
    const stops = world.news().filter((event) => event.startsWith('stop'));
    t.deepEqual(stops, ['stop c2', 'stop b2', 'stop a2']);
    world.at.clear();
    t.deepEqual(await world.host.reload(), { generation: 2, errors: [] });
  });
}

test('every load is tried, so that every file that can not be read is named', async (t) => {
  const world = new World('. {\na\nb\nc\n}');
  world.at.set('a load', failing('no file'));
  world.at.set('c load', failing('no list'));
  const error = await t.throwsAsync(world.host.start(), { instanceOf: LifecycleError });
  t.deepEqual((error as LifecycleError).errors.map(({ message }) => message), ['a: no file', 'c: no list']);
});

test('mistakes of words and those that only setup finds are reported together, from the top', async (t) => {
  const world = new World('. {\n nowhere\n a\n b\n}');
  world.at.set('a setup', () => { throw new ConfigError([{ at: { file: 'Corefile', line: 3, column: 2 }, directive: 'a', problem: 'this is no good' }]); });
  const error = await t.throwsAsync(world.host.start(), { instanceOf: ConfigError });
  t.deepEqual((error as ConfigError).mistakes.map(({ at, problem }) => `${at.line} ${problem.split(';')[0]}`), [
    "2 there is no directive 'nowhere'", '3 this is no good',
  ]);
});

test('a start that fails leaves nothing behind', async (t) => {
  const world = new World('. {\na\nb\n}');
  world.at.set('b start', failing('no port'));
  const error = await t.throwsAsync(world.host.start(), { instanceOf: LifecycleError });
  t.deepEqual((error as LifecycleError).errors.map(({ message }) => message), ['b: no port']);
  t.is(world.host.current, undefined);
  t.is(world.clock.pending, 0);
});

test('a setup that breaks is told with the plugin’s name', async (t) => {
  const world = new World('. {\na\nb\n}');
  world.at.set('b setup', failing('oops'));
  await t.throwsAsync(world.host.start(), { message: 'b: oops' });
});

test('reloads that are asked for while one runs share the next', async (t) => {
  const world = new World('. {\na\n}');
  await world.host.start();
  const first = world.host.reload();
  const others = [world.host.reload(), world.host.reload(), world.host.current!.reload()];
  t.is((await first).generation, 2);
  t.deepEqual((await Promise.all(others)).map(({ generation }) => generation), [3, 3, 3]);
  t.is((await world.host.reload()).generation, 4);
});

test('what is kept outlives its generation, and ends when nobody wants it', async (t) => {
  const closed: string[] = [];
  const keeper = defineHostPlugin({
    name: 'keeper',
    args: many(text()),
    setup: ({ args }, { host }) => ({ start: () => args.forEach((key) => host.keep(key, () => ({ close: () => void closed.push(key) }))) }),
  });
  const world = new World('. {\nkeeper x y\n}', {}, [keeper as AnyPlugin]);
  await world.host.start();
  world.corefile = '. {\nkeeper y z\n}';
  await world.host.reload();
  t.deepEqual(closed, ['x']);
  await world.host.stop();
  t.deepEqual(closed, ['x', 'z', 'y']);
});

test('callbacks of a swap run when the new generation is the current one, before the old one stops', async (t) => {
  const swaps: string[] = [];
  const swapper = defineHostPlugin({
    name: 'swapper',
    setup: (_options, { host }) => ({
      start: () => host.onSwap(() => swaps.push(`swap ${host.generation} ${world.host.current?.generation}`)),
      stop: () => void swaps.push(`stop ${host.generation}`),
    }),
  });
  const world: World = new World('. {\nswapper\n}', {}, [swapper as AnyPlugin]);
  await world.host.start();
  await world.host.reload();
  t.deepEqual(swaps, ['swap 1 1', 'swap 2 2', 'stop 1']);
});

/** Lets everything happen that needs no time to pass. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a stop takes no more work, waits for what is under way, and then stops the plugins', async (t) => {
  const events: string[] = [];
  const world = new World('. {\na\n}', { complete: (): PluginInstance => ({ start: () => void events.push('open'), stop: () => void events.push('closed') }) });
  await world.host.start();
  world.news();
  let done: () => void = () => undefined;
  world.work = new Promise((resolve) => (done = resolve));
  const stopped = world.host.stop();
  await settle();
  t.deepEqual(events, ['open', 'closed']);
  t.deepEqual(world.news(), []);
  done();
  await stopped;
  t.deepEqual(world.news(), ['stop a1']);
});

test('a reload waits for the old generation’s work as well, with the new one in force', async (t) => {
  const world = new World('. {\na\n}');
  await world.host.start();
  world.news();
  let done: () => void = () => undefined;
  world.work = new Promise((resolve) => (done = resolve));
  const reloaded = world.host.reload();
  await settle();
  t.is(world.host.current!.generation, 2);
  t.false(world.news().includes('stop a1'));
  done();
  await reloaded;
  t.deepEqual(world.news(), ['stop a1']);
});

test('lame ducks walk before a stop, all at once, and what goes wrong with one is logged', async (t) => {
  const events: string[] = [];
  const duck = defineHostPlugin({
    name: 'duck',
    repeatable: true,
    args: many(text()),
    setup: ({ args }) => ({
      lameduck: async () => {
        events.push(`walks ${args}`);
        await settle();
        if (args.includes('lost')) throw new Error('lost its way');
        events.push(`is home ${args}`);
      },
      stop: () => void events.push(`stop ${args}`),
    }),
  });
  const world = new World('. {\nduck one\nduck lost\n}', {}, [duck as AnyPlugin]);
  await world.host.start();
  await Promise.all([world.host.stop(), world.host.stop()]);
  t.deepEqual(events, ['walks one', 'walks lost', 'is home one', 'stop lost', 'stop one']);
  t.true(world.log.includes('[ERROR] before stopping: lost its way'));
});

test('what instances share belongs to one generation; where they listen is told once', async (t) => {
  const shared: object[] = [];
  const sharer = defineHostPlugin({
    name: 'sharer',
    repeatable: true,
    setup: (_options, { host }) => {
      shared.push(host.share('table', () => ({})));
      return { listeners: () => ['http 127.0.0.1:8080'] };
    },
  });
  const own = (): PluginInstance => ({ listeners: () => ['dns 127.0.0.1:53'] });
  const world = new World('. {\nsharer\nsharer\n}', { complete: own }, [sharer as AnyPlugin]);
  await world.host.start();
  t.deepEqual(world.host.current!.listeners(), ['dns 127.0.0.1:53', 'http 127.0.0.1:8080']);
  await world.host.reload();
  t.is(shared[0], shared[1]);
  t.is(shared[2], shared[3]);
  t.not(shared[0], shared[2]);
});

test('the host’s own instance starts last and stops first', async (t) => {
  const world = new World('. {\na\n}', {
    complete: (blocks, host): PluginInstance => {
      world.events.push(`complete ${blocks.length} ${host.seats.length}`);
      return { start: () => void world.events.push('open'), stop: () => void world.events.push('close') };
    },
  });
  await world.host.start();
  await world.host.stop();
  t.deepEqual(world.news(), ['setup a1', 'complete 1 1', 'load a1', 'start a1', 'open', 'close', 'stop a1']);
});

test('what goes wrong in a stop is logged, and the rest is stopped all the same', async (t) => {
  const world = new World('. {\na\nb\n}');
  await world.host.start();
  world.news();
  world.at.set('b stop', failing('stuck'));
  await world.host.stop();
  t.deepEqual(world.news(), ['stop b1', 'stop a1']);
  t.true(world.log.includes('[ERROR] while stopping: b: stuck'));
});

test('a stop waits for a reload, and no reload comes after it', async (t) => {
  const world = new World('. {\na\n}');
  await world.host.start();
  world.news();
  const reloaded = world.host.reload();
  const queued = world.host.reload();
  await world.host.stop();
  t.is((await reloaded).generation, 2);
  t.deepEqual((await queued).errors, ['the host is stopping']);
  t.deepEqual((await world.host.reload()).errors, ['the host is stopping']);
  t.deepEqual(world.news().slice(-2), ['stop a1', 'stop a2']);
  t.is(world.host.current, undefined);
});

test('a stop in the middle of a start leaves nothing running', async (t) => {
  const world = new World('. {\na\nb\n}');
  let goOn: () => void = () => undefined;
  world.at.set('a start', () => new Promise<void>((resolve) => (goOn = resolve)));
  const started = world.host.start();
  await settle();
  const stopped = world.host.stop();
  await settle();
  goOn();
  await Promise.all([started, stopped]);
  t.is(world.host.current, undefined);
  t.deepEqual(world.news().slice(-2), ['stop b1', 'stop a1']);
});

test('a check sets up and opens nothing; an examination loads, looks and lets go', async (t) => {
  const world = new World('. {\na\n}');
  t.is((await world.host.check()).seats.length, 1);
  t.deepEqual(world.news(), ['setup a1']);
  t.is(await world.host.examine(async (host: Host) => (world.events.push('look'), host.blocks.length)), 1);
  t.deepEqual(world.news(), ['setup a1', 'load a1', 'look', 'stop a1']);
  world.at.set('a load', failing('no file'));
  await t.throwsAsync(world.host.examine(async () => undefined), { message: 'a: no file' });
  t.is(world.host.current, undefined);
});

test('what is prepared serves when it is told to, or goes without a trace', async (t) => {
  const world = new World('. {\na\n}');
  await (await world.host.prepare()).takeOver();
  t.is(world.host.current?.generation, 1);
  world.corefile = '. {\nb\n}';
  const given = await world.host.prepare();
  t.is(world.host.current!.generation, 1);
  await given.abandon();
  const taken = await world.host.prepare();
  t.deepEqual(world.news(), ['setup a1', 'load a1', 'start a1', 'setup b2', 'load b2', 'start b2', 'stop b2', 'setup b2', 'load b2', 'start b2']);
  const done = taken.takeOver();
  t.is(world.host.current?.generation, 2);
  await done;
  t.deepEqual(world.news(), ['stop a1']);
  await world.host.stop();
});

test('a reload may be somebody else’s to carry out', async (t) => {
  const report = { generation: 7, errors: ['no'] };
  const world = new World('. {\na\n}', { reload: async () => report });
  await world.host.start();
  t.is(await world.host.current!.reload(), report);
  await world.host.stop();
});

test('a host knows who is not ready, and why', async (t) => {
  let mood: string | undefined = 'loading';
  const moody = defineHostPlugin({
    name: 'moody',
    repeatable: true,
    args: many(text(), { min: 0 }),
    setup: ({ args }) => ({ unready: () => (args.includes('always') ? undefined : mood) }),
  });
  const world = new World('. {\nmoody\nmoody always\n}', {}, [moody as AnyPlugin]);
  await world.host.start();
  t.deepEqual(world.host.current!.unready(), [{ plugin: 'moody', reason: 'loading' }]);
  mood = undefined;
  t.deepEqual(world.host.current!.unready(), []);
});
