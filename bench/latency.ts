/**
 * How long an answer takes at a steady rate: from the cache beside what a bare socket takes, and forwarded beside what the
 * upstream itself takes, asked without a server between, and with a bare relay between.
 */
import { Figures, type Figure } from './figure.js';
import type { Latency } from './load.js';
import { isResponse } from './message.js';
import { nameOfNumber } from './names.js';
import { cachingForwarder, floor, relay, upstream } from './servers.js';
import type { Subject } from './subject.js';
import { fewNames, type Workbench } from './workbench.js';

const rate = 5000;
const limitMs = 2;
/** A forwarded answer comes twice over a socket, so twice what the upstream takes is nothing lost. */
const limitOverUpstream = 2;
/** Numbers from here on are names that nobody has asked for. */
const newNames = 600_000_000;

export async function measureLatency(bench: Workbench): Promise<Figure[]> {
  const seconds = bench.quick ? 1 : 4;
  const own = await bench.start(upstream);
  const [echo, bare, vpndns] = [await bench.start(floor), await bench.start(relay, own.port), await bench.start(cachingForwarder, own.port)];
  for (const subject of [own, echo, bare, vpndns]) await subject.waitForAnswer(nameOfNumber(0), isResponse);
  const ask = async ({ port }: Subject, file: string): Promise<Latency> =>
    (await bench.generate({ port, file, seconds, inFlight: 64, sockets: 8, rate })).latency!;
  const few = bench.queries(0, fewNames);
  let fresh = newNames;
  /** As many names as are asked for in a round, so that none is asked for twice. */
  const newOnes = (): string => bench.queries(fresh += seconds * rate, seconds * rate);
  const figures = new Figures();
  // The first round is for the caches, and for the compiler.
  for (let round = -1; round < bench.rounds; round++) {
    const latencies = {
      'echo': await ask(echo, few), 'cached': await ask(vpndns, few),
      'upstream': await ask(own, newOnes()), 'bare relay': await ask(bare, newOnes()), 'forwarded': await ask(vpndns, newOnes()),
    };
    if (round < 0) continue;
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
  await Promise.all([own, echo, bare, vpndns].map((subject) => subject.stop()));
  return figures.all;
}
