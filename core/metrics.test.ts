import test from 'ava';
import fc from 'fast-check';
import { limits } from './limits.js';
import { addReadings, durationBounds, lastingReadings, Metrics, metricsContentType } from './metrics.js';

/** The samples of a page of metrics: `name{label="value"}` → value. */
function samplesOf(text: string): Map<string, number> {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => /^(.+) (\S+)$/.exec(line) ?? []);
  return new Map(samples.map(([, name = '', value]) => [name, Number(value)]));
}

test('a counter counts for each set of label values', async (t) => {
  const metrics = new Metrics();
  const hits = metrics.counter('cache_hits_total', 'Answers from the cache.', ['server', 'type']);
  const success = hits.child({ server: 'dns://:53', type: 'success' });
  success.inc();
  success.n += 2;
  hits.child({ server: 'dns://:53', type: 'denial' }).inc();
  t.is(await metrics.text('vpndns'), [
    '# HELP vpndns_cache_hits_total Answers from the cache.',
    '# TYPE vpndns_cache_hits_total counter',
    'vpndns_cache_hits_total{server="dns://:53",type="success"} 3',
    'vpndns_cache_hits_total{server="dns://:53",type="denial"} 1',
    '',
  ].join('\n'));
});

test('the namespace is chosen when the page is read', async (t) => {
  const metrics = new Metrics();
  metrics.counter('panics_total', 'x');
  t.true(samplesOf(await metrics.text('coredns')).has('coredns_panics_total'));
  t.true(samplesOf(await metrics.text('')).has('panics_total'));
});

test('the order in which labels are given does not matter', (t) => {
  const family = new Metrics().counter('a_total', 'x', ['from', 'to']);
  t.is(family.child({ from: 'a', to: 'b' }), family.child({ to: 'b', from: 'a' }));
  t.not(family.child({ from: 'a', to: 'b' }), family.child({ from: 'b', to: 'a' }));
});

test('a metric without labels shows as 0 before anything happens', async (t) => {
  const metrics = new Metrics();
  metrics.counter('reload_failed_total', 'x');
  metrics.counter('labelled_total', 'x', ['list']);
  t.deepEqual([...samplesOf(await metrics.text('vpndns'))], [['vpndns_reload_failed_total', 0]]);
});

test('a second generation finds the counters of the first', (t) => {
  const metrics = new Metrics();
  metrics.counter('a_total', 'x', ['list']).child({ list: 'ads' }).inc();
  t.is(metrics.counter('a_total', 'x', ['list']).child({ list: 'ads' }).n, 1);
});

test('one name can not mean two things', (t) => {
  const metrics = new Metrics();
  metrics.counter('a_total', 'x', ['list']);
  metrics.histogram('b_seconds', 'x', [1, 2]);
  t.throws(() => metrics.counter('a_total', 'x', ['zone']), { message: "metric a_total is counter {list} counted, and can't be counter {zone} counted too" });
  t.throws(() => metrics.gauge('a_total', 'x', ['list']), { message: /^metric a_total is/ });
  t.throws(() => metrics.observedCounter('a_total', 'x', ['list']), { message: /^metric a_total is/ });
  t.throws(() => metrics.histogram('b_seconds', 'x', [1, 3]), { message: /^metric b_seconds is/ });
});

test('names that Prometheus refuses are refused here', (t) => {
  const metrics = new Metrics();
  for (const name of ['', '1a', 'a-b', 'a b', 'a{']) t.throws(() => metrics.counter(name, 'x'), { message: /no name of a metric$/ });
  t.throws(() => metrics.histogram('a_seconds', 'x', [1], ['le']), { message: /no name of a metric$/ });
  t.throws(() => metrics.histogram('a_seconds', 'x', [1, 1]), { message: /must ascend$/ });
});

test('a gauge is read when the page is', async (t) => {
  const metrics = new Metrics();
  let entries = 1;
  metrics.gauge('cache_entries', 'x', ['zone']).child({ zone: '.' }).watch(() => entries);
  entries = 7;
  t.is(samplesOf(await metrics.text('vpndns')).get('vpndns_cache_entries{zone="."}'), 7);
});

test('a generation that fails to start gives a gauge back to the one before', async (t) => {
  const gauge = new Metrics().gauge('cache_entries', 'x');
  const read = (): number | undefined => gauge.samples('a')[0]?.value;
  const stopFirst = gauge.child({}).watch(() => 1);
  const stopSecond = gauge.child({}).watch(() => 2);
  t.is(read(), 2);
  stopSecond();
  t.is(read(), 1);
  const stopThird = gauge.child({}).watch(() => 3);
  stopFirst();
  stopFirst();
  t.is(read(), 3);
  stopThird();
  t.is(read(), undefined);
});

test('a reader that throws costs its own value only', async (t) => {
  const metrics = new Metrics();
  metrics.gauge('broken', 'x').child({}).watch(() => {
    throw new Error('closed');
  });
  metrics.counter('whole_total', 'x');
  t.deepEqual([...samplesOf(await metrics.text('a')).keys()], ['a_broken', 'a_whole_total']);
});

test('a histogram counts each value in every bucket that holds it', async (t) => {
  const metrics = new Metrics();
  const durations = metrics.histogram('b_seconds', 'x', [0.5, 1, 2], ['to']).child({ to: '192.0.2.1:53' });
  for (const seconds of [0.25, 0.5, 0.75, 2, 4]) durations.observe(seconds);
  t.deepEqual([...samplesOf(await metrics.text('a'))], [
    ['a_b_seconds_bucket{to="192.0.2.1:53",le="0.5"}', 2],
    ['a_b_seconds_bucket{to="192.0.2.1:53",le="1"}', 3],
    ['a_b_seconds_bucket{to="192.0.2.1:53",le="2"}', 4],
    ['a_b_seconds_bucket{to="192.0.2.1:53",le="+Inf"}', 5],
    ['a_b_seconds_sum{to="192.0.2.1:53"}', 7.5],
    ['a_b_seconds_count{to="192.0.2.1:53"}', 5],
  ]);
});

test('the buckets of durations are those of CoreDNS', (t) => {
  t.is(durationBounds.length, 16);
  t.is(durationBounds[0], 0.00025);
  t.is(durationBounds.at(-1), 8.192);
});

test('labels are bounded: what comes after counts together', async (t) => {
  const metrics = new Metrics();
  const family = metrics.counter('a_total', 'x', ['zone', 'type']);
  for (let i = 0; i < limits.metricChildren + 10; i++) family.child({ zone: `z${i}`, type: 'A' }).inc();
  t.is(family.child({ zone: 'z0', type: 'A' }).n, 1);
  t.is(family.child({ zone: 'never', type: 'seen' }).n, 10);
  const samples = samplesOf(await metrics.text('a'));
  t.is(samples.size, limits.metricChildren + 1);
  t.is(samples.get('a_a_total{zone="other",type="other"}'), 10);
});

test('no label value can forge a line', async (t) => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: fc.constantFrom('"', '\\', '\n', '}', ' ', 'a', '1') }), async (value) => {
    const metrics = new Metrics();
    metrics.counter('a_total', 'x', ['list']).child({ list: value });
    const lines = (await metrics.text('n')).split('\n');
    t.is(lines.length, 4);
    t.regex(lines[2] ?? '', /^n_a_total\{list="(?:[^"\\]|\\["\\n])*"\} 0$/);
  }), { numRuns: 100 });
});

/** What several workers might count: which of them, into which child, how much. */
const countings = fc.array(fc.record({ worker: fc.nat(3), list: fc.constantFrom('a', 'b', 'c'), seconds: fc.constantFrom(0.25, 0.5, 2) }), { maxLength: 30 });

test('what several workers count adds up to what one would have counted', async (t) => {
  await fc.assert(fc.asyncProperty(countings, async (all) => {
    const count = (metrics: Metrics, mine: typeof all): Metrics => {
      const counter = metrics.counter('a_total', 'x', ['list']);
      const durations = metrics.histogram('a_seconds', 'y', [0.3, 1], ['list']);
      for (const { list, seconds } of mine) {
        counter.child({ list }).inc();
        durations.child({ list }).observe(seconds);
      }
      return metrics;
    };
    const [first, ...others] = [0, 1, 2, 3].map((worker) => count(new Metrics(), all.filter((each) => each.worker === worker)));
    for (const other of others) first!.include(async () => structuredClone(other.readings()));
    const page = async (metrics: Metrics) => [...samplesOf(await metrics.text('n'))].sort();
    t.deepEqual(await page(first!), await page(count(new Metrics(), all)));
  }), { numRuns: 50 });
});

test('of who is no more the counts last, and what was measured does not', (t) => {
  const metrics = new Metrics();
  metrics.counter('a_total', 'x').child({}).inc();
  metrics.gauge('a_entries', 'y').child({}).watch(() => 7);
  const left = lastingReadings(metrics.readings());
  t.deepEqual(left.map(({ name }) => name), ['a_total']);
  t.deepEqual(addReadings([left, metrics.readings()]).map(({ name, samples }) => [name, samples[0]?.value]), [['a_total', 2], ['a_entries', 7]]);
});

test('the page says what it is', (t) => {
  t.is(metricsContentType, 'text/plain; version=0.0.4; charset=utf-8');
});
