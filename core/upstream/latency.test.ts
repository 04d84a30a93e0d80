import test from 'ava';
import { Latencies } from './latency.js';

test('a percentile is what that part of the last latencies did not exceed', (t) => {
  const latencies = new Latencies();
  t.is(latencies.percentile(0.5), undefined);
  for (let ms = 1; ms <= 100; ms++) latencies.add(ms);
  t.is(latencies.percentile(0.5), 50);
  t.is(latencies.percentile(0.99), 99);
  t.is(latencies.percentile(1), 100);
  for (let i = 0; i < 1000; i++) latencies.add(7);
  t.is(latencies.percentile(0.99), 7, 'old ones are forgotten');
});
