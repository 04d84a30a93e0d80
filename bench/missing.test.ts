import test from 'ava';
import { adviceFor, missingOf } from './missing.js';

test('what is there is not asked for', (t) => {
  t.deepEqual(adviceFor(missingOf(true, () => true)), []);
});

test('what is missing is named, with what that means and how to get it', (t) => {
  const advice = adviceFor(missingOf(true, (program) => !['dnsperf', 'unbound', 'coredns'].includes(program)));
  t.deepEqual(advice.map((line) => line.split(' ')[0]), ['dnsperf', 'unbound', 'coredns', 'to']);
  t.regex(advice[2]!, /no Debian package/);
  t.is(advice.at(-1), 'to install what is missing: sudo apt-get install dnsperf unbound');
});

test('without peers only the generator is missed', (t) => {
  t.deepEqual(missingOf(false, () => false).map(({ program }) => program), ['dnsperf']);
});
