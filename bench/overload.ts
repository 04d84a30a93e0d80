/** What a server still answers when it is asked twice as much as it can: it must shed the rest, not collapse under it. */
import { Figures, type Figure } from './figure.js';
import { isResponse } from './message.js';
import { nameOfNumber } from './names.js';
import { cachingForwarder, upstream } from './servers.js';
import { fewNames, type Workbench } from './workbench.js';

const times = 2;
/** Percent of its capacity that a server may lose. */
const limit = 30;
/** More than ever wait: the load goes on whatever the server does. */
const unbounded = 60_000;
/** Numbers from here on are names that nobody has asked for. */
const newNames = 300_000_000;
const sockets = 8;

export async function measureOverload(bench: Workbench): Promise<Figure[]> {
  const forwardedTo = await bench.start(upstream);
  const subject = await bench.start(cachingForwarder, forwardedTo.port);
  await subject.waitForAnswer(nameOfNumber(0), isResponse);
  const { port } = subject;
  const seconds = bench.quick ? 2 : 5;
  let asked = newNames;
  /** A file of names: always the same ones, or ones that nobody has asked for. */
  const names = { cached: () => bench.queries(0, fewNames), forwarded: (count: number) => bench.queries((asked += count) - count, count) };
  const figures = new Figures();
  for (const [path, file] of Object.entries(names)) {
    const capacityOf = async (): Promise<number> => {
      const { answered, failed, seconds: taken } = await bench.generate({ port, file: file(200_000), seconds, inFlight: 64, sockets });
      return (answered - failed) / taken;
    };
    await capacityOf();
    for (let round = 0; round < bench.rounds; round++) {
      const capacity = await capacityOf();
      const rate = Math.round(times * capacity);
      const { sent, answered, failed } = await bench.generate({ port, file: file(rate * seconds), seconds, inFlight: unbounded, sockets, rate, untimed: true });
      // What was sent to the last moment is answered behind it; what has waited for two seconds counts as lost.
      const goodput = (answered - failed) / seconds;
      figures.add(`${path}, asked twice what it can: part of its capacity that is lost`, Math.max(0, 100 * (1 - goodput / capacity)), '%', limit);
      bench.progress(`overload, ${path}: can ${capacity.toFixed(0)}/s, got ${(sent / seconds).toFixed(0)}/s, answered ${goodput.toFixed(0)}/s (${failed} failed)`);
    }
  }
  await Promise.all([subject.stop(), forwardedTo.stop()]);
  return figures.all;
}
