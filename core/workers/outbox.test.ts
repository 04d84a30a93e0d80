import test from 'ava';
import { limits } from '../limits.js';
import { Outbox } from './outbox.js';

test('what comes while a delivery is under way is delivered together, in order', async (t) => {
  const deliveries: (readonly unknown[])[] = [];
  const outbox = new Outbox(async (items) => void deliveries.push(items));
  for (const item of ['a', 'b', 'c']) outbox.add(item);
  await outbox.empty();
  outbox.add('d');
  await outbox.empty();
  t.deepEqual(deliveries, [['a'], ['b', 'c'], ['d']]);
});

test('beyond its bound items are counted, and forgotten', async (t) => {
  const deliveries: { readonly count: number; readonly missed: number }[] = [];
  const outbox = new Outbox(async ({ length: count }, missed) => void deliveries.push({ count, missed }));
  for (let i = 0; i < limits.workerTold + 5; i++) outbox.add(i);
  await outbox.empty();
  t.is(deliveries.reduce((sum, { count, missed }) => sum + count + missed, 0), limits.workerTold + 5);
  t.true(deliveries.every(({ count }) => count <= limits.workerTold));
  t.true(deliveries.some(({ missed }) => missed > 0));
});

test('without anybody to tell it to, it is lost, and later items are tried again', async (t) => {
  const tried: unknown[] = [];
  const outbox = new Outbox(async (items) => {
    tried.push(...items);
    throw new Error('it is gone');
  });
  outbox.add('a');
  await outbox.empty();
  outbox.add('b');
  await outbox.empty();
  t.deepEqual(tried, ['a', 'b']);
});
