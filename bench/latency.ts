/**
 * How long an answer takes at a steady rate: from the cache beside what a bare socket takes, and forwarded beside what the
 * upstream itself takes, asked without a server between, and with a bare relay between.
 */
import { Figures, type Figure } from './figure.js';
import type { Latency } from './load.js';
import { isResponse } from './message.js';
import { nameOfNumber } from './names.js';
import { cachingForwarder, floor, relay, upstream } from './servers.js';
import { fewNames, type Workbench } from './workbench.js';

const rate = 5000;
const limitMs = 2;
/** A forwarded answer comes twice over a socket, so twice what the upstream takes is nothing lost. */
const limitOverUpstream = 2;
/** Numbers from here on are names that nobody has asked for. */
const newNames = 600_000_000;
const warmingNames = 60_000;

export async function measureLatency(bench: Workbench): Promise<Figure[]> {
  const seconds = bench.quick ? 1 : 4;
  const own = await bench.start(upstream);
  const subjects = {
    'echo': await bench.start(floor), 'cached': await bench.start(cachingForwarder, own.port),
    'upstream': own, 'bare relay': await bench.start(relay, own.port), 'forwarded': await bench.start(cachingForwarder, own.port),
  };
  const few = bench.queries(0, fewNames);
  let fresh = newNames;
  const queriesFor = (name: string, count: number): string => (name === 'echo' || name === 'cached' ? few : bench.queries(fresh += count, count));
  for (const [name, subject] of Object.entries(subjects)) {
    await subject.waitForAnswer(nameOfNumber(0), isResponse);
    // Enough for every cache, and for the compiler.
    await bench.generate({ port: subject.port, file: queriesFor(name, warmingNames), inFlight: 64, sockets: 8 });
  }
  const ask = async (name: keyof typeof subjects): Promise<Latency> =>
    (await bench.generate({ port: subjects[name].port, file: queriesFor(name, seconds * rate), seconds, inFlight: 64, sockets: 8, rate })).latency!;
  const figures = new Figures();
  for (let round = 0; round < bench.rounds; round++) {
    const latencies = {
      'echo': await ask('echo'), 'cached': await ask('cached'),
      'upstream': await ask('upstream'), 'bare relay': await ask('bare relay'), 'forwarded': await ask('forwarded'),
    };
    for (const [name, { p50, p99 }] of Object.entries(latencies)) {
      figures.add(`${name}, ${rate} queries/s: half of the answers within`, p50, 'ms');
      figures.add(`${name}, ${rate} queries/s: 99 % of the answers within`, p99, 'ms', name === 'cached' ? limitMs : undefined);
    }
    for (const name of ['bare relay', 'forwarded'] as const) {
      const limit = name === 'forwarded' ? limitOverUpstream : undefined;
      figures.add(`${name}, ${rate} queries/s: 99 % of the answers within, over the upstream's own`, latencies[name].p99 / latencies.upstream.p99, '×', limit);
    }
    bench.progress(`latency, round ${round + 1} of ${bench.rounds}`);
  }
  await Promise.all(Object.values(subjects).map((subject) => subject.stop()));
  return figures.all;
}
