import test, { type ExecutionContext } from 'ava';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createLogger } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import { systemRuntime } from '../core/runtime.js';
import { beginThread, Crew } from '../core/workers/index.js';
import { closedPort, decodeAnswer, encodeQuestion } from '../testing/index.js';
import { relayLog } from './hosts.js';

interface World {
  readonly port: number;
  readonly log: string[];
  readonly crew: Crew;
  readonly metrics: Metrics;
}

/** A port that is free for UDP and for TCP on 127.0.0.1, at this moment. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(await closedPort(), '127.0.0.1');
    const { port } = await once(server, 'listening').then(() => server.address() as AddressInfo, () => ({ port: undefined }));
    server.close();
    if (port !== undefined) return port;
  }
}

/**
 * A crew whose other worker is a real thread. It alone opens the port, so that any Node.js can run it: the configuration says nothing of
 * workers, and the first of them serves nothing.
 */
async function worldOf(t: ExecutionContext, directives: string): Promise<World> {
  const { clock } = systemRuntime();
  const log: string[] = [];
  const metrics = new Metrics();
  const port = await freePort();
  const crew = new Crew({
    clock, metrics, log: createLogger((line) => log.push(line), clock), reload: async () => ({ generation: 1, errors: [] }),
    spawn: (index) => beginThread(new URL('./worker.js', import.meta.url), `worker ${index}`, { common: { conf: 'Corefile', port, quiet: false } }),
  });
  relayLog(crew, (line) => log.push(line), createLogger((line) => log.push(line), clock));
  const text = `. {\nbind 127.0.0.1\n${directives}\n}\n`;
  const lead = await crew.prepare(2, { file: 'Corefile', texts: new Map([['Corefile', text]]), matches: new Map() });
  lead.takeOver();
  await crew.settled();
  t.teardown(async () => {
    lead.stop();
    await crew.settled();
  });
  return { port, log, crew, metrics };
}

async function ask(port: number, name: string): Promise<readonly string[]> {
  const socket = createSocket('udp4');
  socket.send(encodeQuestion(name, 'A', 1, {}), port, '127.0.0.1');
  const [message] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return decodeAnswer(message).answers;
}

test('a thread serves a configuration that it was told, and its log and its counts come to the first', async (t) => {
  const { port, log, metrics } = await worldOf(t, 'static {\nrecord www.example.org 192.0.2.1\n}\nlog\nprometheus');
  t.deepEqual(await ask(port, 'www.example.org'), ['www.example.org 1 A 192.0.2.1']);
  while (!log.some((line) => line.includes('A IN www.example.org.'))) await new Promise((resolve) => setImmediate(resolve));
  t.regex(await metrics.text('vpndns'), /^vpndns_dns_responses_total\{[^}]*rcode="NOERROR",plugin="static"\} 1$/m);
});

test('a mistake in it is told with its place, and the thread is gone', async (t) => {
  await t.throwsAsync(worldOf(t, 'statik'), { message: /^worker 1: Corefile:3:1: .*statik/ });
});

test('what it can not open is told, and it goes on with what it has', async (t) => {
  const { port, crew } = await worldOf(t, 'whoami');
  const taken = `. {\nbind 127.0.0.1\nwhoami\n}\n.:${port + 1} {\nbind 192.0.2.99\n}\n`;
  await t.throwsAsync(crew.prepare(2, { file: 'Corefile', texts: new Map([['Corefile', taken]]), matches: new Map() }), {
    message: /^worker 1: cannot listen on udp 192\.0\.2\.99:\d+: this host has no such address$/,
  });
  t.true((await ask(port, 'x.example')) !== undefined);
});
