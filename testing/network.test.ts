import test from 'ava';
import { createTestServer } from './server.js';
import { TestNetwork, type Arrival } from './network.js';
import { TestRandom } from './random.js';

test('in a network in memory nothing happens until it is told to flow', async (t) => {
  const network = new TestNetwork();
  const arrivals: Arrival[] = [];
  network.onArrival = (arrival) => {
    arrivals.push(arrival);
    arrival.query.send(arrival.query.answer({ answers: [{ data: '192.0.2.1' }] }));
  };
  const server = await createTestServer('. {\nforward . [2001:db8::53]:5353\n}', { runtime: { sockets: network.sockets } });
  t.teardown(() => server.stop());
  for (const transport of ['udp', 'tcp'] as const) {
    const asked = server.ask('www.example.org', 'A', { transport });
    t.is(arrivals.length, 0);
    network.flush();
    t.deepEqual((await asked).data, ['192.0.2.1']);
    const [{ server: to, query }] = arrivals.splice(0) as [Arrival];
    t.deepEqual([to, query.transport, query.name], ['[2001:db8::53]:5353', transport, 'www.example.org']);
  }
});

test('where nobody listens, what is sent is refused', async (t) => {
  const network = new TestNetwork();
  network.down.add('192.0.2.53:53');
  const server = await createTestServer('. {\nforward . 192.0.2.53\n}', { runtime: { sockets: network.sockets } });
  t.teardown(() => server.stop());
  for (const transport of ['udp', 'tcp'] as const) {
    const asked = server.ask('www.example.org', 'A', { transport, edns: 1232 });
    network.flush();
    t.regex((await asked).error!.text, /ECONNREFUSED/);
  }
});

test('chance can be repeated, and is even enough', (t) => {
  const draw = (seed: number): number[] => {
    const random = new TestRandom(seed);
    return Array.from({ length: 1_000 }, () => random.below(10));
  };
  t.deepEqual(draw(1), draw(1));
  t.notDeepEqual(draw(1), draw(2));
  for (let digit = 0; digit < 10; digit++) t.true(Math.abs(draw(1).filter((drawn) => drawn === digit).length - 100) < 40);
  const random = new TestRandom();
  t.true(Array.from({ length: 100 }, () => random.uint16()).every((id) => id >= 0 && id <= 0xffff));
});
