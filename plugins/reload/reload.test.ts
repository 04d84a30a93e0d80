import test, { type ExecutionContext } from 'ava';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin } from '../../core/plugin.js';
import { createTestServer, type TestServer } from '../../testing/index.js';

interface World {
  readonly server: TestServer;
  readonly write: (file: string, text: string) => Promise<void>;
  readonly directory: string;
  /** Lets the time to the next look pass, and waits for what comes of it. */
  readonly look: () => Promise<void>;
}

const intervalMs = 2_000;

/** A server whose Corefile imports `part.conf` and `more/*.conf`. */
async function worldWith(t: ExecutionContext, reload = 'reload 2s 0'): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'reload-'));
  const write = (file: string, text: string): Promise<void> => writeFile(join(directory, file), text);
  await write('Corefile', 'the text of the main file');
  await write('part.conf', 'static {\nrecord www.example.org 192.0.2.1\n}\n');
  const server = await createTestServer(`. {\n${reload}\nimport part.conf\nimport *.more\n}`, { file: join(directory, 'Corefile') });
  t.teardown(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });
  const timers = server.clock.pending;
  const look = async (): Promise<void> => {
    server.clock.advance(intervalMs);
    await until(() => server.clock.pending === timers && outcomes(server) === changes(server));
  };
  return { server, write, directory, look };
}

/** Files are read by the system in its own time; the test waits for the outcome, not for a while. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const changes = ({ log }: TestServer): number => log.filter(({ line }) => line.includes('reload: the configuration has changed')).length;
const outcomes = ({ log }: TestServer): number => log.filter(({ line }) => /reloaded; generation|reload failed/.test(line)).length;

test('a look that finds nothing new does nothing', async (t) => {
  const { server, look } = await worldWith(t);
  for (let i = 0; i < 3; i++) await look();
  t.is(server.host.current!.generation, 1);
  t.is(changes(server), 0);
});

test('a change of an imported file is in force after the next look', async (t) => {
  const { server, write, look } = await worldWith(t);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
  await write('part.conf', 'static {\nrecord www.example.org 192.0.2.2\n}\n');
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
  await look();
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.2']);
  await look();
  t.is(server.host.current!.generation, 2);
});

test('the main file is watched, and so are new files that a pattern of imports matches', async (t) => {
  const { server, write, look } = await worldWith(t);
  await write('Corefile', 'another text');
  await look();
  t.is(server.host.current!.generation, 2);
  await write('new.more', 'any\n');
  await look();
  t.is(server.host.current!.generation, 3);
  t.is((await server.ask('www.example.org', 'ANY')).answers.length, 1);
});

test('a mistake leaves the old configuration in force, is told once, and the watch goes on', async (t) => {
  const { server, write, look } = await worldWith(t);
  await write('part.conf', 'statik\n');
  await look();
  await look();
  t.is(changes(server), 1);
  t.regex(server.log.find(({ level }) => level === 'error')!.line, /reload failed, the old configuration goes on:\n {4}.*part\.conf:1:1: .*statik/);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
  t.regex(await server.metrics.text('vpndns'), /^vpndns_reload_failed_total 1$/m);
  await write('part.conf', 'static {\nrecord www.example.org 192.0.2.3\n}\n');
  await look();
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.3']);
});

test('a file that goes away is a change', async (t) => {
  const { server, directory, look } = await worldWith(t);
  await rm(join(directory, 'part.conf'));
  await look();
  t.is(changes(server), 1);
  t.is(server.host.current!.generation, 1);
});

test('a change that happens while other plugins load is seen at the first look', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'reload-'));
  const slow = definePlugin({ name: 'slow', setup: () => ({ load: () => writeFile(join(directory, 'Corefile'), 'edited meanwhile') }) });
  await writeFile(join(directory, 'Corefile'), 'as it was read');
  const server = await createTestServer('. {\nslow\nreload 2s 0\n}', { file: join(directory, 'Corefile'), plugins: [slow] });
  t.teardown(() => server.stop());
  server.clock.advance(intervalMs);
  await until(() => outcomes(server) === 1);
  t.is(server.host.current!.generation, 2);
});

test('the jitter is drawn for each wait', async (t) => {
  const drawn: number[] = [];
  const random = { uint16: () => 0, below: (below: number) => (below === 5000 ? drawn.push(below) * 1000 : 0) };
  const server = await createTestServer('. {\nreload 10s 5s\n}', { runtime: { random } });
  t.teardown(() => server.stop());
  const timers = server.clock.pending;
  server.clock.advance(10_999);
  t.is(server.clock.pending, timers);
  server.clock.advance(1);
  await until(() => drawn.length === 2);
  t.deepEqual(drawn, [5000, 5000]);
});

test('it stands once in the whole process, and jitters by half of its interval at most', async (t) => {
  await t.throwsAsync(createTestServer('a {\nreload\n}\nb {\nreload\n}'), { message: /:5:1: reload: .*once/ });
  await t.throwsAsync(createTestServer('. {\nreload 10s 6s\n}'), { message: /:2:1: reload: the jitter is more than half of the interval \(6 s of 10 s\)/ });
});

test('a stop leaves no timer', async (t) => {
  const server = await createTestServer('. {\nreload\n}');
  await server.stop();
  t.is(server.clock.pending, 0);
});
