import test from 'ava';
import { Pool } from './keep.js';

/** A pool and a factory of resources that tell when they close. */
function world() {
  const pool = new Pool();
  const closed: string[] = [];
  const make = (name: string) => () => ({ name, close: () => void closed.push(name) });
  return { pool, closed, make };
}

test('the same key gives the same resource, to one generation and to the next', async (t) => {
  const { pool, closed, make } = world();
  const [first, second] = [pool.lease(), pool.lease()];
  const socket = first.keep('socket', make('a'));
  t.is(first.keep('socket', make('b')), socket);
  t.is(second.keep('socket', make('c')), socket);
  await first.release();
  t.deepEqual(closed, []);
  await second.release();
  t.deepEqual(closed, ['a']);
  t.is(pool.size, 0);
});

test('what nobody else holds is closed, the last one first', async (t) => {
  const { pool, closed, make } = world();
  const [first, second] = [pool.lease(), pool.lease()];
  for (const key of ['a', 'b', 'c']) first.keep(key, make(key));
  second.keep('b', make('other'));
  await first.release();
  t.deepEqual(closed, ['c', 'a']);
});

test('however often a generation asks, it lets go once', async (t) => {
  const { pool, closed, make } = world();
  const [first, second] = [pool.lease(), pool.lease()];
  for (let i = 0; i < 3; i++) first.keep('a', make('a'));
  second.keep('a', make('a'));
  await first.release();
  await first.release();
  t.deepEqual(closed, []);
});

test('after its end a resource is made anew', async (t) => {
  const { pool, make } = world();
  const first = pool.lease();
  const old = first.keep('a', make('old'));
  await first.release();
  t.not(pool.lease().keep('a', make('new')), old);
});

test('a resource that can’t be made is not kept', (t) => {
  const { pool, make } = world();
  const lease = pool.lease();
  t.throws(() => lease.keep('a', () => {
    throw new Error('no');
  }), { message: 'no' });
  t.is(pool.size, 0);
  t.is(lease.keep('a', make('a')).name, 'a');
});

test('every close is tried and waited for; what went wrong comes back', async (t) => {
  const { pool, closed, make } = world();
  const lease = pool.lease();
  lease.keep('a', make('a'));
  lease.keep('throws', () => ({ close: () => { throw new Error('first'); } }));
  lease.keep('rejects', () => ({ close: () => Promise.reject(new Error('second')) }));
  lease.keep('throws no error', () => ({ close: () => Promise.reject('third') }));
  lease.keep('needs no close', () => ({}));
  lease.keep('slow', () => ({ close: () => new Promise<void>((resolve) => setImmediate(() => (closed.push('slow'), resolve()))) }));
  t.deepEqual((await lease.release()).map(({ message }) => message), ['third', 'second', 'first']);
  t.deepEqual(closed, ['slow', 'a']);
});
