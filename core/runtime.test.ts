import test from 'ava';
import { systemRandom, systemRuntime } from './runtime.js';

/** Pearson's statistic of counts that should all be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** How often each of `buckets` values came in so many draws. */
function countsOf(draw: () => number, buckets: number, draws: number): number[] {
  const counts = Array<number>(buckets).fill(0);
  for (let i = 0; i < draws; i++) counts[draw()]!++;
  return counts;
}

// With 255 degrees of freedom the statistic passes 420 once in 10^9 runs.
test('an id is a uniform number of 16 bits, in both its octets', (t) => {
  const { uint16 } = systemRandom();
  t.true(chiSquare(countsOf(() => uint16() >> 8, 256, 100_000)) < 420);
  t.true(chiSquare(countsOf(() => uint16() & 255, 256, 100_000)) < 420);
});

test('a number below a bound is uniform, also where the bound is no power of two', (t) => {
  const { below } = systemRandom();
  for (const bound of [2, 10, 200]) t.true(chiSquare(countsOf(() => below(bound), bound, 100_000)) < 420, String(bound));
  // Without rejection the lower half of these would come twice as often as the upper one.
  const bound = 3 * 2 ** 30;
  t.true(chiSquare(countsOf(() => Math.floor(below(bound) / 2 ** 30), 3, 30_000)) < 60);
});

test('it is a whole number below the bound, whatever the bound', (t) => {
  const { below } = systemRandom();
  for (const bound of [1, 2, 3, 2 ** 31, 2 ** 32 - 1, 2 ** 32]) {
    for (let i = 0; i < 1000; i++) {
      const number = below(bound);
      t.true(Number.isInteger(number) && number >= 0 && number < bound, `${number} of ${bound}`);
    }
  }
});

test('two sources have nothing in common', (t) => {
  const [a, b] = [systemRandom(), systemRandom()];
  const draw = ({ below }: typeof a): number[] => Array.from({ length: 8 }, () => below(2 ** 32));
  t.notDeepEqual(draw(a), draw(b));
});

test('the clock never goes back, and its timers can be taken back', async (t) => {
  const { clock } = systemRuntime();
  const rung: string[] = [];
  const before = clock.now();
  clock.cancel(clock.after(0, () => rung.push('cancelled')));
  clock.cancel(clock.every(1, () => rung.push('cancelled')));
  clock.cancel(undefined);
  // The clock's timers do not keep a process alive; this one does.
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => void clock.after(1, resolve));
  clearInterval(alive);
  rung.push('after');
  t.deepEqual(rung, ['after']);
  t.true(clock.now() > before);
});
