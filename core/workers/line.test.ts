import test, { type ExecutionContext } from 'ava';
import { MessageChannel } from 'node:worker_threads';
import { TestClock } from '../../testing/clock.js';
import { OperationalError } from '../errors.js';
import { ApiError } from '../plugin.js';
import { Line } from './line.js';

interface Sums {
  sum: { question: readonly number[]; answer: number };
  fail: { question: Error; answer: void };
  never: { question: void; answer: void };
  copy: { question: void; answer: unknown };
}
interface Nothing {}

/** A line whose other end adds up. */
function world(t: ExecutionContext) {
  const clock = new TestClock();
  const { port1, port2 } = new MessageChannel();
  t.teardown(() => port1.close());
  const asker = new Line<Sums, Nothing>(port1, clock, {});
  const thrown: { error: Error } = { error: new Error('none') };
  new Line<Nothing, Sums>(port2, clock, {
    sum: async (numbers) => numbers.reduce((sum, each) => sum + each, 0),
    fail: () => {
      throw thrown.error;
    },
    never: () => new Promise(() => undefined),
    copy: () => () => undefined,
  });
  return { clock, asker, thrown };
}

test('a question gets its own answer, however many are asked at once', async (t) => {
  const { asker } = world(t);
  t.deepEqual(await Promise.all([asker.ask('sum', [1, 2]), asker.ask('sum', []), asker.ask('sum', [5])]), [3, 0, 5]);
});

test('what is thrown at the other end is thrown at this one, and an ApiError keeps its status', async (t) => {
  const { asker, thrown } = world(t);
  thrown.error = new TypeError('no such thing');
  await t.throwsAsync(asker.ask('fail', new Error()), { instanceOf: OperationalError, message: 'no such thing' });
  thrown.error = new ApiError(400, 'limit: nonsense');
  t.is((await t.throwsAsync(asker.ask('fail', new Error()), { instanceOf: ApiError, message: 'limit: nonsense' })).status, 400);
});

test('what is no plain data does not cross, and whoever waits for it is told', async (t) => {
  const { asker } = world(t);
  await t.throwsAsync(asker.ask('copy', undefined), { instanceOf: OperationalError, message: /could not be cloned/ });
  await t.throwsAsync(asker.ask('sum', [() => 1] as unknown as number[]), { any: true, name: 'DataCloneError' });
});

test('who does not answer in time has failed', async (t) => {
  const { asker, clock } = world(t);
  const asked = asker.ask('never', undefined, 5_000);
  clock.advance(5_000);
  await t.throwsAsync(asked, { instanceOf: OperationalError, message: 'it did not answer within 5 s' });
  await asker.ask('sum', [1], 5_000);
  t.is(clock.pending, 0);
});

test('at the end of a line all questions fail, and so does whatever is asked later', async (t) => {
  const { asker, clock } = world(t);
  const asked = [asker.ask('never', undefined), asker.ask('never', undefined, 1000)];
  asker.end('it ended: killed');
  for (const each of asked) await t.throwsAsync(each, { message: 'it ended: killed' });
  await t.throwsAsync(asker.ask('sum', []), { message: 'it ended: killed' });
  t.is(clock.pending, 0);
});
