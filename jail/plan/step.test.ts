import test from 'ava';
import { programsOf, stepsFor, stepsOf, wavesOf, type Plan, type Step } from './step.js';

const step = (part: string, title: string): Step => ({ part, title, test: [{ argv: ['look'] }], make: [{ argv: ['do'] }], undo: [{ argv: ['undo'] }] });
const plan: Plan = {
  site: 'here', sideBySide: true,
  steps: ['host 1', 'host 2', 'router 3', 'dns 4', 'dns 5', 'vpn 6', 'router 7', 'host 8', 'vpn 9'].map((title) => step(title.split(' ')[0]!, title)),
};
const titles = (steps: readonly Step[]): string => steps.map(({ title }) => title).join(', ');

test('containers are made side by side; the host by itself; whoever comes again waits for all before', (t) => {
  t.deepEqual(wavesOf(plan, plan.steps).map((wave) => wave.map(titles)), [
    ['host 1, host 2'], ['router 3', 'dns 4, dns 5', 'vpn 6'], ['router 7'], ['host 8'], ['vpn 9'],
  ]);
});

test('where containers are not said to be independent, all steps are made one after the other', (t) => {
  t.deepEqual(wavesOf({ site: 'here', steps: plan.steps }, plan.steps).map((wave) => wave.map(titles)), [[titles(plan.steps)]]);
});

test('a container’s steps are its own, or those of the host besides', (t) => {
  t.is(titles(stepsOf(plan, 'dns')), 'dns 4, dns 5');
  t.is(titles(stepsFor(plan, 'dns')), 'host 1, host 2, dns 4, dns 5, host 8');
  t.is(stepsOf(plan), plan.steps);
  t.is(stepsFor(plan), plan.steps);
});

test('the programs of a plan are those that its commands run, and those that they need besides', (t) => {
  const all = { ...step('host', 'x'), purge: [{ argv: ['purge'] }], tell: { argv: ['tell'] }, needs: ['more', 'do'] } as const;
  t.deepEqual(programsOf([all]), ['do', 'look', 'more', 'purge', 'tell', 'undo']);
});
