/** Whatever goes wrong, the client is served again, from one site, by the same provider; and so is its DNS. */
import test from 'ava';
import { faults } from '../faults.js';
import type { Lab } from '../lab.js';
import { providerOf, providers } from '../layout.js';
import { measure, type Measurement } from '../measure.js';
import { markdownTable, publish, type Row } from '../outages.js';
import { repetitions, say, standing } from './evidence.js';

/** Medians of fewer are not worth keeping. */
const publishedRepetitions = 5;

let lab: Lab;
const rows: Row[] = [];

test.before(async () => {
  lab = await standing({ lease: false });
});

function tell(name: string, { outageMs, from, served, dnsAt, holders, seen }: Measurement): void {
  say(`${name}: ${outageMs.toFixed(0)} ms without service; ${from} -> ${served}, its DNS at ${dnsAt}`);
  say(`  mended: the route is at ${holders.join(' and ')}; the Internet has seen ${seen.join(', ')}`);
}

for (const fault of faults) {
  test.serial(`the client survives: ${fault.name}`, async (t) => {
    const { name, detectionMs, goalMs, floorMs, moves } = fault;
    const outagesMs: number[] = [];
    for (let i = 0; i < repetitions; i++) {
      const measurement = await measure(lab, fault);
      tell(name, measurement);
      outagesMs.push(measurement.outageMs);
      t.is(measurement.holders.length, 1, 'one site has it in the end');
      t.deepEqual(measurement.seen, [providers[providerOf(1, lab.options)].address], 'nothing went out by another way');
      t.is(measurement.dnsAt, measurement.served, 'DNS follows the VPN');
      t.is(measurement.served !== measurement.from, moves);
    }
    rows.push({ name, detectionMs, goalMs, ...(floorMs === undefined ? {} : { floorMs }), outagesMs });
  });
}

test.after(() => {
  say('');
  for (const line of markdownTable(rows).split('\n')) say(line);
  if (repetitions >= publishedRepetitions && rows.length === faults.length) publish(rows, lab.options);
});
