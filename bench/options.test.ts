import test from 'ava';
import { readOptions } from './options.js';

test('without options everything is measured, five times, with the Node.js at hand', (t) => {
  const { figures, paths, ...rest } = readOptions([]);
  t.deepEqual(rest, { quick: false, rounds: 5, nodes: [], withPeers: true, whole: true });
  t.is(paths.length, 4);
  t.true(figures.includes('overload') && figures.includes('workers'));
});

test('a short look leaves out what takes long, unless it is asked for', (t) => {
  t.deepEqual(readOptions(['--quick']).figures, ['latency', 'start', 'lists']);
  t.false(readOptions(['--quick']).whole);
  const { figures, paths, whole } = readOptions(['--quick', '--only', 'reload,cached']);
  t.deepEqual({ figures, paths, whole }, { figures: ['reload'], paths: ['cached'], whole: false });
});

test('versions of Node.js are numbers, whole or in part', (t) => {
  t.deepEqual(readOptions(['--node', '20,24.1.0']).nodes, ['20', '24.1.0']);
  for (const wrong of ['latest', '24;ls', '', '20,', '1.2.3.4']) {
    t.throws(() => readOptions(['--node', wrong]), { instanceOf: RangeError, message: /^--node: / });
  }
});

test('what can not be meant is refused, with the reason', (t) => {
  t.throws(() => readOptions(['--fast']), { instanceOf: RangeError, message: /'--fast'[^]*npm run bench -- \[OPTION/ });
  t.throws(() => readOptions(['more']), { instanceOf: RangeError, message: /'more'/ });
  t.throws(() => readOptions(['--only', 'cached,speed']), { instanceOf: RangeError, message: /^--only: 'speed' is none of cached, / });
  for (const rounds of ['0', '101', '1.5', 'x']) t.throws(() => readOptions(['--rounds', rounds]), { message: new RegExp(`'${rounds}' is no number`) });
});
