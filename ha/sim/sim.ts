import { generate } from './generate.js';
import { run } from './run.js';
import { describe } from './world.js';
const first = Number(process.argv[2] ?? 1), count = Number(process.argv[3] ?? 100), verbose = process.argv[4] === 'v';
const t0 = Date.now();
let steps = 0; const found = new Map<string, number[]>(); const rec: number[] = [];
for (let seed = first; seed < first + count; seed++) {
  const o = run(generate(seed), { trace: verbose });
  steps += o.steps;
  if (o.recoveredMs !== undefined) rec.push(o.recoveredMs);
  if (o.violation) {
    const k = o.violation.invariant; found.set(k, [...(found.get(k) ?? []), seed]);
    if (verbose) { const s = generate(seed); console.log({ ...s, faults: s.faults.map(describe) }); console.log(o.lines.join('\n')); console.log(o.violation); }
  }
}
rec.sort((a, b) => a - b);
const ms = Date.now() - t0;
console.log({ ms, perMinute: Math.round(count / ms * 60000), steps, usPerStep: ms * 1000 / steps, median: rec[rec.length >> 1], worst: rec.at(-1) });
for (const [k, seeds] of found) console.log(k, seeds.length, seeds.slice(0, 15).join(' '));
