import test from 'ava';
import { changeOf, earlierOf, figureThen, reportFrom, speedThen, type SavedReport } from './compare.js';

const report = (at: string, node: string): SavedReport => ({
  at, node, machine: '', notes: [], rounds: 3,
  speeds: [{ path: 'cached', server: 'vpndns', cpu: [10, 11, 12], ratio: [1.1, 1.3, 1.2], rate: [1, 2, 3] }],
  figures: [{ what: 'empty server: resident memory', unit: 'MiB', values: [70, 90, 80] }],
});

test('the last time is that of the latest run with the same Node.js', (t) => {
  const [first, second] = [report('2026-01-01T00:00:00Z', '20.19.0'), report('2026-02-01T00:00:00Z', '20.20.2')];
  const other = report('2026-03-01T00:00:00Z', '24.1.0');
  t.deepEqual(earlierOf([first, other, second], '20.20.2'), [second, first]);
  t.deepEqual(earlierOf([first, second], '24.0.0'), []);
});

test('medians are compared, of the same path and server or the same figure, with the run that has it', (t) => {
  const [short, then] = [{ ...report('2026-02-01T00:00:00Z', '20.19.0'), speeds: [], figures: [] }, report('2026-01-01T00:00:00Z', '20.19.0')];
  const [speed, figure] = [then.speeds[0]!, then.figures[0]!];
  t.is(speedThen([short, then], speed), 1.2);
  t.is(speedThen([short, then], { ...speed, server: 'unbound' }), undefined);
  t.is(figureThen([short, then], figure), 80);
  t.is(figureThen([short, then], { ...figure, what: 'something new' }), undefined);
  t.is(figureThen([], figure), undefined);
});

test('a change is told in percent', (t) => {
  t.is(changeOf(1.32, 1.2), '+10 %');
  t.is(changeOf(0.9, 1.2), '−25 %');
  t.is(changeOf(1.2, 1.2001), '=');
  t.is(changeOf(5, 0), '');
});

test('what can not be read is no run to compare with', (t) => {
  const text = JSON.stringify(report('2026-01-01T00:00:00Z', '20.19.0'));
  t.is(reportFrom(text)?.node, '20.19.0');
  t.is(reportFrom(text.slice(0, -5)), undefined);
  t.is(reportFrom('{"date":"2026-01-01","speeds":[],"figures":[]}'), undefined);
});
