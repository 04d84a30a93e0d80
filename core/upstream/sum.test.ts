import test from 'ava';
import { addReports } from './sum.js';
import type { UpstreamStatus } from './upstream.js';

const server = (address: string, parts: Partial<UpstreamStatus> = {}): UpstreamStatus =>
  ({ address, healthy: true, fails: 0, in_flight: 0, queries: 0, answers: 0, foreign: 0, ...parts });
const group = (id: string, ...servers: UpstreamStatus[]) => ({ id, plugin: 'forward', servers });

test('one worker’s report stays as it is, each group once', (t) => {
  const [a, b] = [group('a', server('192.0.2.1:53')), group('b', server('192.0.2.2:53', { p50_ms: 1, p99_ms: 2 }))];
  t.deepEqual(addReports([[a, b, a]]), [a, b]);
});

test('counts add up; of health and latency the worst counts', (t) => {
  const first = server('192.0.2.1:53', { in_flight: 1, queries: 10, answers: 9, foreign: 1, p50_ms: 4, p99_ms: 8 });
  const second = server('192.0.2.1:53', { healthy: false, fails: 3, in_flight: 2, queries: 20, answers: 18, p50_ms: 5, p99_ms: 6 });
  t.deepEqual(addReports([[group('a', first)], [group('a', second)]]), [group('a', server('192.0.2.1:53', {
    healthy: false, fails: 3, in_flight: 3, queries: 30, answers: 27, foreign: 1, p50_ms: 5, p99_ms: 8,
  }))]);
});

test('a latency that one worker has not measured is the other’s', (t) => {
  const measured = group('a', server('192.0.2.1:53', { p50_ms: 1, p99_ms: 2 }));
  const fresh = group('a', server('192.0.2.1:53'));
  t.deepEqual(addReports([[measured], [fresh]]), [measured]);
  t.deepEqual(addReports([[fresh], [measured]]), [measured]);
});

test('a group that only some workers use is there too', (t) => {
  const [a, b] = [group('a', server('192.0.2.1:53')), group('b', server('192.0.2.2:53'))];
  t.deepEqual(addReports([[a], [b]]), [a, b]);
});
