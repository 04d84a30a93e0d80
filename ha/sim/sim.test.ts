import test from 'ava';
import { directed } from './directed.js';
import { generate } from './generate.js';
import { mutations } from './mutation-table.js';
import { judge } from './mutations.js';
import { explain } from './report.js';
import { run } from './run.js';
import { search } from './search.js';
import { shrink } from './shrink.js';

test('three hundred schedules break no invariant', (t) => {
  for (let seed = 1; seed <= 300; seed++) {
    const { violation } = run(generate(seed));
    t.is(violation, undefined, violation === undefined ? undefined : explain(generate(seed)));
  }
});

test('the same seed gives the same run', (t) => {
  t.deepEqual(run(generate(7), { trace: true }), run(generate(7), { trace: true }));
});

test('everything that can happen in a small world, to a small depth, is harmless and can end well', (t) => {
  const two = search({ sites: 2, troubles: 2, depth: 6, statesMax: 20_000 });
  t.is(two.broken, undefined);
  t.true(two.depth >= 4);
  t.is(search({ sites: 3, troubles: 1, depth: 3, statesMax: 10_000 }).broken, undefined);
});

test('the thirty schedules of the design are all there', (t) => {
  const names = directed.map(({ name }) => name.slice(0, 3));
  t.is(new Set(names).size, names.length);
  for (let i = 1; i <= 30; i++) t.true(names.includes(`D${String(i).padStart(2, '0')}`), `D${i}`);
});

// All of them: npm run sim -- --mutations.
for (const mutation of mutations.filter((_, i) => i % 9 === 0)) {
  test(`a machine without this rule is found out: ${mutation.rule}`, async (t) => {
    t.not((await judge(mutation, 100)).foundBy, undefined);
  });
}

test('a schedule is made smaller while it still breaks the same invariant', (t) => {
  const schedule = generate(3);
  const needed = schedule.faults[Math.floor(schedule.faults.length / 2)]!;
  const smallest = shrink(schedule, ({ faults }) => (faults.some(({ kind, from }) => kind === needed.kind && from === needed.from) ? needed.from : undefined));
  t.deepEqual(smallest.faults.map(({ kind, from }) => ({ kind, from })), [{ kind: needed.kind, from: needed.from }]);
  t.is(smallest.vpns, 1);
  t.true(smallest.healAt <= schedule.healAt);
});
