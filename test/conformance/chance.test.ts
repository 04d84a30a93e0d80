/**
 * What a guesser would have to guess: ids and ports of forwarded queries. Each bound is so wide that a correct implementation breaks it less
 * than once in 10^9 runs.
 */
import test, { type ExecutionContext } from 'ava';
import { limits } from '../../core/limits.js';
import { PendingTable, type Pending } from '../../core/upstream/pending.js';
import { systemRandom } from '../../core/runtime.js';
import { startForwarding, TestClock, type ReceivedQuery } from '../../testing/index.js';
import { echoing } from './live.js';

/** How far counts are from even, as the chi-square statistic has it. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** What chi-square exceeds less than once in 10^9 (Wilson and Hilferty's cube of a normal variable, 6 standard deviations out). */
function chiSquareBound(degrees: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + 6 * Math.sqrt(spread)) ** 3;
}

const countInto = (buckets: number, values: readonly number[]): number[] => {
  const counts = Array<number>(buckets).fill(0);
  for (const value of values) counts[value]!++;
  return counts;
};

/** Asks for so many different names at a rate at which each query may have a socket of its own. */
async function forwarded(t: ExecutionContext, count: number): Promise<readonly ReceivedQuery[]> {
  const clock = new TestClock();
  const { server, upstream } = await startForwarding(t, [echoing], { clock });
  for (let i = 0; i < count; i++) {
    await server.ask(`n${i}.example.org`);
    clock.advance(5);
  }
  return upstream.received;
}

const dummy = (): Pending => ({ packet: Buffer.alloc(12), questionEnd: 12, answered() {}, unusable() {}, besieged() {}, lost() {} });

test('C64 A01: ids are even over all 16 bits, and none says anything of the next', (t) => {
  const random = systemRandom();
  // As a channel draws them: a new table for each socket.
  const ids = Array.from({ length: 100_000 }, () => new PendingTable().add(dummy(), random));
  for (const shift of [0, 4, 8]) t.true(chiSquare(countInto(256, ids.map((id) => (id >> shift) & 255))) < chiSquareBound(255), `bits ${shift} and up`);
  const steps = ids.slice(1).map((id, i) => ((id - ids[i]!) & 0xffff) >> 8);
  t.true(chiSquare(countInto(256, steps)) < chiSquareBound(255), 'the step from one to the next');
});

test('C64: the bound is one that bad ids exceed', (t) => {
  const counter = Array.from({ length: 100_000 }, (_, i) => (i >> 4) & 0xffff);
  t.true(chiSquare(countInto(256, counter.slice(1).map((id, i) => ((id - counter[i]!) & 0xffff) >> 8))) > chiSquareBound(255));
  t.true(chiSquare(countInto(256, counter.map((id) => id >> 8))) > chiSquareBound(255));
  const heavy = Array.from({ length: 100_000 }, (_, i) => (i % 20 === 0 ? 7 : i & 255));
  t.true(chiSquare(countInto(256, heavy)) > chiSquareBound(255));
});

test('C64 A01 A02: forwarded queries have ids of their own, and ports that the system draws at random', async (t) => {
  const queries = await forwarded(t, 1_000);
  const ports = queries.map(({ peer: { port } }) => port);
  // Of 1000 draws from 28,232 ports, 17 repeat on average; 60 would be 10 standard deviations more.
  t.true(new Set(ports).size > 940, `${new Set(ports).size} different ports`);
  const [low, high] = [Math.min(...ports), Math.max(...ports)];
  const parts = countInto(10, ports.map((port) => Math.min(9, Math.floor(((port - low) / (high - low)) * 10))));
  t.true(chiSquare(parts) < chiSquareBound(9), `ports from ${low} to ${high} in ten parts: ${parts.join(' ')}`);
  t.true(chiSquare(countInto(16, queries.map(({ id }) => id >> 12))) < chiSquareBound(15));
  t.true(chiSquare(countInto(16, queries.map(({ id }) => id & 15))) < chiSquareBound(15));
  // Ids repeat as often as chance has it, not because they are the clients' own, which count up from 0.
  t.true(queries.filter(({ id }, i) => id === i).length < 5);
});

test('C64: no socket carries more queries than its bound', async (t) => {
  const clock = new TestClock();
  const { server, upstream } = await startForwarding(t, [echoing], { clock });
  for (let i = 0; i < 3_000; i++) await server.ask(`n${i}.example.org`);
  const uses = new Map<number, number>();
  for (const { peer: { port } } of upstream.received) uses.set(port, (uses.get(port) ?? 0) + 1);
  t.true(Math.max(...uses.values()) <= limits.upstreamQueriesPerSocket);
});

test('A15: an id is used once in the life of a socket, and a socket with an unanswered query keeps its port until no answer can come', async (t) => {
  const random = { ...systemRandom(), uint16: (drawn => () => drawn++ >> 3)(0) };
  const table = new PendingTable();
  const ids = Array.from({ length: 500 }, () => {
    const id = table.add(dummy(), random);
    table.settle(id);
    return id;
  });
  t.is(new Set(ids).size, 500);
  const { server, upstream } = await startForwarding(t, [() => undefined], { options: 'max_fails 0' });
  const asked = server.ask('www.example.org');
  await upstream.arrival(1);
  server.clock.advance(5_000);
  t.is((await asked).rcode, 'SERVFAIL');
  upstream.behaviour = echoing;
  for (let i = 0; i < 200; i++) await server.ask(`n${i}.example.org`);
  const { port } = upstream.received.findLast(({ name }) => name === 'www.example.org')!.peer;
  t.true(upstream.received.every(({ name, peer }) => !name.startsWith('n') || peer.port !== port));
});
