import test from 'ava';
import { existsSync, readFileSync } from 'node:fs';
import { diagram, isAllowed, transitions } from './index.js';

test('the table allows what it lists and nothing else', (t) => {
  const statuses = ['Pending', 'Online', 'Replica', 'Failed', 'Offline'] as const;
  const allowed = statuses.flatMap((from) => statuses.filter((to) => isAllowed(from, to)).map((to) => `${from} ${to}`));
  t.deepEqual(allowed.sort(), transitions.map(({ from, to }) => `${from} ${to}`).sort());
  for (const [from, to] of [['Replica', 'Online'], ['Offline', 'Online'], ['Failed', 'Online'], ['Offline', 'Failed'], ['Replica', 'Failed']] as const) {
    t.false(isAllowed(from, to), `${from} ${to}`);
  }
});

test('the diagram has a line for each transition', (t) => {
  t.is(diagram().split('\n').length, transitions.length + 2);
  t.true(diagram().includes('    Online --> Pending: a check failed, its session is restarted'));
});

const readme = new URL('../../../ha/README.md', import.meta.url);

test('the diagram of ha/README.md is that of the table', (t) => {
  t.true(!existsSync(readme) || readFileSync(readme, 'utf8').includes(diagram()));
});
