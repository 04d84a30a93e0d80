/** `workers` with real threads and sockets, which need Node.js 22.12: on an older one these tests say so and pass. */
import test, { type ExecutionContext } from 'ava';
import packet from 'dns-packet';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { frame } from '../../core/wire/frame.js';
import { countOf } from '../../plugins/workers/workers.js';
import { directoryOf, freePort, until } from './process.js';
import { runVpndns, startVpndns, type Vpndns } from './vpndns.js';

const machine = { nodeVersion: process.versions.node, parallelism: availableParallelism() };

/** Whether two workers can run here; if not the test says why, and passes. */
function canRun(t: ExecutionContext): boolean {
  try {
    countOf(2, machine);
    return true;
  } catch (error) {
    t.log(`not tested: ${(error as Error).message}`);
    t.pass();
    return false;
  }
}

const question = (name: string): Buffer =>
  packet.encode({ type: 'query', id: 1, flags: packet.RECURSION_DESIRED, questions: [{ type: 'TXT', name }] });

const textOf = (message: Buffer): string => String((packet.decode(message).answers?.[0] as { readonly data?: unknown } | undefined)?.data);

/** Asks over UDP from a port of its own; `undefined` when no answer comes. */
async function ask(port: number, name = 'who.example', patienceMs = 10_000): Promise<string | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.send(question(name), port, '127.0.0.1');
    const [message] = (await once(socket, 'message', { signal: AbortSignal.timeout(patienceMs) })) as [Buffer];
    return textOf(message);
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

async function askTcp(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(frame(question('who.example')));
  const [message] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return textOf(message.subarray(2));
}

/** An external plugin: it tells which thread answers, takes its time for `slow.example`, and lets another thread than the first die of `die.example`. */
const plugin = `
import { threadId } from 'node:worker_threads';
import { createReply, definePlugin, flag, recordBody, textOfName } from '${new URL('../../core/index.js', import.meta.url).href}';

const word = Buffer.from(String(threadId));
const reply = createReply(0, 'thread', { answers: 1, body: recordBody(16, 0, Buffer.concat([Buffer.of(word.length), word])) });

export default definePlugin({
  name: 'thread',
  properties: { fails: flag() },
  setup({ fails }, { block, log }) {
    block.hooks.query.tap('thread', ({ name }) => {
      if (textOfName(name) === 'die.example' && threadId !== 0) setImmediate(() => { throw new Error('it had to be'); });
      return textOfName(name) === 'slow.example' ? undefined : reply;
    });
    block.hooks.resolve.tap('thread', (_query, callback) => {
      log.info('begins');
      setTimeout(() => callback(reply), 2_000);
    });
    return { start() { if (fails && threadId !== 0) throw new Error('not in this thread'); } };
  },
});
`;

/** A server with that plugin. */
async function serve(t: ExecutionContext, directives: string): Promise<Vpndns & { configureWith(more: string): void }> {
  const module = join(directoryOf(t), 'thread.mjs');
  writeFileSync(module, plugin);
  const corefile = (lines: string): string => `plugin ${module}\n. {\n  bind 127.0.0.1\n  ${lines}\n}\n`;
  const server = await startVpndns(t, corefile(directives));
  return Object.assign(server, { configureWith: (lines: string) => server.configure(corefile(lines)) });
}

const askers = 40;

/** The threads that answer, asked from many ports. */
async function threads(ask: () => Promise<string | undefined>): Promise<(string | undefined)[]> {
  const answers = await Promise.all(Array.from({ length: askers }, ask));
  return [...new Set(answers)].sort();
}

test('two threads answer, over UDP and over TCP', async (t) => {
  if (!canRun(t)) return;
  const { port, output } = await serve(t, 'workers 2\n  thread');
  t.regex(output, /with 2 workers/);
  const found = await threads(() => ask(port));
  t.is(found.length, 2);
  t.true(found.includes('0') && !found.includes(undefined));
  t.deepEqual(await threads(() => askTcp(port)), found);
});

test('a thread that dies is replaced and counted, and the other goes on meanwhile', async (t) => {
  if (!canRun(t)) return;
  const web = await freePort();
  const server = await serve(t, `workers 2\n  thread\n  prometheus 127.0.0.1:${web}\n  ready 127.0.0.1:${web}`);
  const [, other] = await threads(() => ask(server.port));
  while (!server.output.includes('worker 1 ended')) await ask(server.port, 'die.example', 100);
  t.regex(server.output, /\[ERROR\] workers: worker 1 ended: Error: it had to be; the others go on/);
  t.true((await threads(() => ask(server.port))).every((thread) => thread !== undefined && thread !== other));
  await server.prints(/worker 1 serves again/);
  await until(async () => (await threads(() => ask(server.port))).length === 2, () => 'two threads');
  const text = await (await fetch(`http://127.0.0.1:${web}/metrics`)).text();
  t.regex(text, /^vpndns_worker_restarts_total 1$/m);
  t.regex(text, /^vpndns_workers 2$/m);
  t.is((await fetch(`http://127.0.0.1:${web}/ready`)).status, 200);
});

test('a stop lets every thread answer what is under way', async (t) => {
  if (!canRun(t)) return;
  const server = await serve(t, 'workers 2\n  thread');
  const answers = threads(() => ask(server.port, 'slow.example'));
  await server.until(() => server.output.match(/thread: begins/g)?.length === askers, 'all are under way');
  server.signal('SIGTERM');
  const found = await answers;
  t.is(found.length, 2);
  t.false(found.includes(undefined));
  t.is(await server.ended(), 0);
  t.regex(server.output, /stopped\n$/);
});

test('a reload loses no query, and what fails in one thread changes nothing in any', async (t) => {
  if (!canRun(t)) return;
  const server = await serve(t, 'workers 2\n  thread');
  for (const [lines, outcome] of [['thread\n  any', /generation 2/], ['thread {\n    fails\n  }', /worker 1: thread: not in this thread/]] as const) {
    server.configureWith(`workers 2\n  ${lines}`);
    server.signal('SIGHUP');
    while (!outcome.test(server.output)) t.false((await threads(() => ask(server.port))).includes(undefined));
  }
  t.is((await threads(() => ask(server.port))).length, 2);
});

test('a port that somebody has is an error, though threads could share it', async (t) => {
  if (!canRun(t)) return;
  const { port } = await serve(t, 'workers 2\n  thread');
  const { code, stderr } = await runVpndns(t, '. {\n  bind 127.0.0.1\n  workers 2\n  whoami\n}\n', port);
  t.is(code, 1);
  t.regex(stderr, /cannot listen on udp 127\.0\.0\.1:\d+: the port is in use/);
});

test('a server that began with one worker says that more need a restart', async (t) => {
  if (!canRun(t)) return;
  const server = await serve(t, 'thread');
  server.configureWith('workers 2\n  thread');
  server.signal('SIGHUP');
  await server.prints(/one worker holds the ports alone; restart the server for more workers/);
  t.deepEqual(await threads(() => ask(server.port)), ['0']);
});

test('what the machine or Node.js can not give is refused before anything opens', async (t) => {
  const { code, stderr } = await runVpndns(t, '. {\n  bind 127.0.0.1\n  workers 100000\n}\n', await freePort());
  t.is(code, 1);
  t.regex(stderr, /Corefile:3:3: workers: 100000 workers are more than this machine can run at one time/);
});
