/** The faults of reliability.md section 3.4: what each does, and what must hold. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import packet from 'dns-packet';
import { encodeQuestion, TestRandom, wireMessage, type Behaviour } from '../../testing/index.js';
import { Server } from './server.js';
import { answering, pause, type Stage, type StageOptions } from './stage.js';

export interface FaultCase extends StageOptions {
  readonly id: string;
  readonly what: string;
  /** Does it, for so many milliseconds, and sets right what it has done. */
  act(stage: Stage, ms: number): Promise<void>;
  /** Of a hundred queries for names of upstreams: so many are answered while it lasts, at least. */
  readonly answered: number;
  /** Milliseconds from its end until everything is answered again, at most. */
  readonly recoveryMs: number;
  /** Whether the process itself is stopped, so that even its own names are not answered for a while. */
  readonly stopsServer?: boolean;
}

const silent: Behaviour = () => undefined;
const answers = (rcode: number): Behaviour => (query) => wireMessage({ id: query.id, flags: 0x8180 | rcode, questions: [query.question] });

/** The upstreams do something else for a while. */
const behaving = (behaviour: Behaviour, which?: readonly number[]): FaultCase['act'] => async (stage, ms) => {
  stage.behave(behaviour, which);
  await pause(ms);
  stage.behave(answering, which);
};

/** The ports of upstreams are closed for a while. */
const closing = (...which: readonly number[]): FaultCase['act'] => async (stage, ms) => {
  for (const i of which) await stage.down(i);
  await pause(ms);
  for (const i of which) await stage.up(i);
};

/** Loses so many of a hundred, delays the others, and sends some twice. */
function lossy(percent: number): Behaviour {
  const random = new TestRandom(percent);
  return async (query) => {
    if (random.below(100) < percent) return undefined;
    await pause(50 + random.below(750));
    if (random.below(10) === 0) query.send((await answering(query))!);
    return answering(query);
  };
}

/** Does something again and again. */
async function repeat(ms: number, intervalMs: number, act: (n: number) => void | Promise<void>): Promise<void> {
  const ends = performance.now() + ms;
  for (let n = 0; performance.now() < ends; n++) {
    await act(n);
    await pause(intervalMs);
  }
}

/** Contents of a list that are none, or odd; what can't be written is done by a function. */
const oddLists: readonly (string | Buffer | ((path: string) => void))[] = [
  '', '\n\n', 'a.test\r\nb.test\r\n', '\ufeffc.test\n', Buffer.alloc(100_000, 0), Buffer.alloc(100_000, 0xff), `${'x'.repeat(1_000_000)}\n`,
  'no name at all !!\n'.repeat(1_000), (path) => mkdirSync(path), (path) => symlinkSync(path, path), () => undefined,
];

/** Steps of the wall clock, as an administrator or a time server makes them. */
const steppingClock = 'data:text/javascript,' + encodeURIComponent(`
  const now = Date.now;
  const steps = [-3600e3, 7200e3, 315360000e3, -315360000e3];
  let offset = 0;
  Date.now = () => now() + offset;
  process.on('SIGUSR2', () => { offset += steps.shift() ?? 0; });
`);

/** A plugin that fails in every way, for some names, while it is told to. */
const badPlugin = `import { definePlugin } from '${new URL('../../core/index.js', import.meta.url).href}';
let isBad = false;
process.on('SIGUSR2', () => { isBad = !isBad; });
export default definePlugin({
  name: 'bad',
  setup: (_options, { block }) => block.hooks.resolve.tap('bad', (query, callback) => {
    const number = isBad ? Number(/^n(\\d+)\\./.exec(query.text)?.[1]) % 10 : 9;
    if (number === 0) throw new Error('thrown');
    if (number === 1) return;
    if (number === 2) return void callback(), callback();
    if (number === 3) return void Promise.reject(new Error('rejected')).catch(() => callback());
    callback();
  }) ?? {},
});
`;

export const faultCases: readonly FaultCase[] = [
  { id: 'F1', what: 'the first of two upstreams is gone', act: closing(0), answered: 100, recoveryMs: 0 },
  { id: 'F2', what: 'the first of two upstreams is silent', act: behaving(silent, [0]), answered: 80, recoveryMs: 0 },
  { id: 'F3', what: 'the first says SERVFAIL to everything', act: behaving(answers(2), [0]), answered: 0, recoveryMs: 8_000 },
  { id: 'F4', what: 'both are gone, and answers may be stale', cache: 'serve_stale 1h', act: closing(0, 1), answered: 100, recoveryMs: 0 },
  { id: 'F4', what: 'both are gone, and answers may not be stale', act: closing(0, 1), answered: 0, recoveryMs: 8_000 },
  { id: 'F5', what: '1 % loss, 50-800 ms delay, duplicates', act: behaving(lossy(1)), answered: 100, recoveryMs: 1_000 },
  { id: 'F5', what: '30 % loss, 50-800 ms delay, duplicates', act: behaving(lossy(30)), answered: 80, recoveryMs: 8_000 },
  {
    id: 'F6', what: 'both ports are closed for a moment, again and again', answered: 0, recoveryMs: 8_000,
    act: (stage, ms) => repeat(ms, 500, () => closing(0, 1)(stage, 500)),
  },
  {
    id: 'F7', what: 'upstreams answer over TCP only, and say so', answered: 100, recoveryMs: 0,
    act: behaving((query) => (query.transport === 'tcp' ? answering(query) : query.answer({ flags: packet.TRUNCATED_RESPONSE }))),
  },
  {
    id: 'F8', what: 'both upstreams are silent every other second', answered: 40, recoveryMs: 8_000,
    act: (stage, ms) => repeat(ms, 1_000, (n) => stage.behave(n % 2 === 0 ? silent : answering)).then(() => stage.behave(answering)),
  },
  {
    id: 'F9', what: '64 file descriptors, and silent upstreams', answered: 0, recoveryMs: 8_000,
    async act(stage, ms) {
      stage.server.limitDescriptors(64);
      await behaving(silent)(stage, ms);
      stage.server.limitDescriptors(1_024);
    },
  },
  {
    id: 'F10', what: 'a heap of 64 MB, and new names without end', nodeOptions: ['--max-old-space-size=64'], answered: 95, recoveryMs: 8_000,
    async act(stage, ms) {
      const socket = createSocket('udp4');
      let count = 0;
      await repeat(ms, 5, () => {
        for (let n = 0; n < 20; n++) socket.send(encodeQuestion(`x${count++}.example`, 'A', count & 0xffff, {}), stage.options.port, '127.0.0.1');
      });
      socket.close();
    },
  },
  {
    id: 'F11', what: 'nobody reads the log of all queries', directives: 'log', answered: 100, recoveryMs: 0,
    async act({ server }, ms) {
      server.readOutput(false);
      await pause(ms);
      server.readOutput(true);
    },
  },
  {
    id: 'F12', what: 'a list becomes empty, binary, a directory, a link to itself …, and is reloaded', answered: 100, recoveryMs: 0,
    directives: 'blocklist {\nfile list.txt\n}', files: { 'list.txt': 'ads.test\n' },
    async act(stage, ms) {
      const path = join(stage.directory, 'list.txt');
      for (const odd of [...oddLists, 'ads.test\n']) {
        rmSync(path, { recursive: true, force: true });
        if (typeof odd === 'function') odd(path);
        else stage.write('list.txt', odd);
        stage.server.signal('SIGHUP');
        await pause(ms / (oddLists.length + 1));
      }
    },
  },
  {
    id: 'F13', what: 'the wall clock goes back an hour, on two, on ten years, and back', nodeOptions: ['--import', steppingClock],
    act: ({ server }, ms) => repeat(ms, ms / 4, () => server.signal('SIGUSR2')), answered: 100, recoveryMs: 0,
  },
  {
    id: 'F14', what: 'the process is stopped (SIGSTOP) and goes on', stopsServer: true, answered: 0, recoveryMs: 1_000,
    async act({ server }, ms) {
      server.signal('SIGSTOP');
      await pause(ms);
      server.signal('SIGCONT');
    },
  },
  {
    id: 'F15', what: 'the process is killed and started, again and again', stopsServer: true, answered: 0, recoveryMs: 1_000,
    act: ({ server }, ms) => repeat(ms, 300, async () => {
      await server.kill();
      await server.start();
    }),
  },
  {
    id: 'F16', what: 'another server is started on the same port', answered: 100, recoveryMs: 0,
    async act({ options }, ms) {
      const other = new Server(options);
      const said = await other.start().then(() => 'it started', (error: unknown) => String(error));
      await other.kill();
      if (!/port is in use/.test(said)) throw new Error(`the second server did not say that the port is in use: ${said}`);
      await pause(ms);
    },
  },
  { id: 'F18', what: 'ten reloads a second', act: ({ server }, ms) => repeat(ms, 100, () => server.signal('SIGHUP')), answered: 100, recoveryMs: 0 },
  {
    id: 'F19', what: 'a plugin throws, never answers, answers twice, rejects', head: 'plugin ./bad.js before forward', directives: 'bad',
    files: { 'bad.js': badPlugin }, answered: 75, recoveryMs: 16_000,
    async act({ server }, ms) {
      server.signal('SIGUSR2');
      await pause(ms);
      server.signal('SIGUSR2');
    },
  },
];
