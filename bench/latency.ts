/** How long an answer from the cache takes at a steady rate, beside what the bare socket takes. */
import { Figures, type Figure } from './figure.js';
import { isResponse } from './message.js';
import { nameOfNumber } from './names.js';
import { cachingForwarder, floor, upstream } from './servers.js';
import type { Subject } from './subject.js';
import { fewNames, type Workbench } from './workbench.js';

const rate = 5000;
const limitMs = 2;

export async function measureLatency(bench: Workbench): Promise<Figure[]> {
  const forwardedTo = await bench.start(upstream);
  const subjects = { echo: await bench.start(floor), cached: await bench.start(cachingForwarder, forwardedTo.port) };
  const file = bench.queries(0, fewNames);
  const ask = ({ port }: Subject, seconds: number) => bench.generate({ port, file, seconds, inFlight: 64, sockets: 8, rate });
  for (const subject of Object.values(subjects)) {
    await subject.waitForAnswer(nameOfNumber(0), isResponse);
    // Enough for every name, and for the compiler.
    await ask(subject, (2 * fewNames) / rate);
  }
  const figures = new Figures();
  for (let round = 0; round < bench.rounds; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      const { p50, p99 } = (await ask(subject, bench.quick ? 1 : 4)).latency!;
      figures.add(`${name}, ${rate} queries/s: half of the answers within`, p50, 'ms');
      figures.add(`${name}, ${rate} queries/s: 99 % of the answers within`, p99, 'ms', name === 'cached' ? limitMs : undefined);
    }
    bench.progress(`latency, round ${round + 1} of ${bench.rounds}`);
  }
  await Promise.all([forwardedTo, ...Object.values(subjects)].map((subject) => subject.stop()));
  return figures.all;
}
