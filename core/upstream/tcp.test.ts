import test from 'ava';
import { setImmediate as turn } from 'node:timers/promises';
import { startForwarding, type Behaviour, type ReceivedQuery } from '../../testing/index.js';
import { frame } from '../wire/frame.js';
import { limits } from '../limits.js';

const helpful: Behaviour = (query) => query.answer({ answers: [{ data: '192.0.2.1' }] });
const overTcp = { options: 'force_tcp' };

test('a connection is used again', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful], overTcp);
  for (let i = 0; i < 20; i++) t.deepEqual((await server.ask(`n${i}.example.org`)).data, ['192.0.2.1']);
  t.is(upstream.connections, 1);
  t.is(new Set(upstream.received.map(({ id }) => id)).size, 20);
});

test('queries are pipelined, and answers taken in any order', async (t) => {
  const held: ReceivedQuery[] = [];
  const { server, upstream } = await startForwarding(t, [(query) => {
    held.push(query);
    return undefined;
  }], overTcp);
  const names = Array.from({ length: limits.upstreamPipelined }, (_, i) => `n${i}.example.org`);
  const asked = names.map((name) => server.ask(name));
  await upstream.arrival(names.length);
  t.is(upstream.connections, 1);
  for (const query of held.reverse()) query.send(query.answer({ answers: [{ type: 'A', data: `192.0.2.${query.name.slice(1).split('.')[0]}` }] }));
  t.deepEqual((await Promise.all(asked)).map(({ data }) => data[0]), names.map((_, i) => `192.0.2.${i}`));
});

test('when many wait, a few more connections are opened', async (t) => {
  const { server, upstream } = await startForwarding(t, [() => undefined], overTcp);
  const asked = Array.from({ length: 100 }, (_, i) => server.ask(`n${i}.example.org`));
  await upstream.arrival(100);
  t.is(upstream.connections, limits.upstreamConnections);
  for (const query of upstream.received) query.send(query.answer());
  await Promise.all(asked);
});

test('an answer may come in any pieces', async (t) => {
  const { server } = await startForwarding(t, [async (query) => {
    for (const octet of frame(query.answer({ answers: [{ data: '192.0.2.1' }] }))) {
      query.sendRaw(Buffer.of(octet));
      await turn();
    }
    return undefined;
  }], overTcp);
  t.deepEqual((await server.ask('www.example.org')).data, ['192.0.2.1']);
});

test('two answers in one segment are two answers', async (t) => {
  const held: ReceivedQuery[] = [];
  const { server } = await startForwarding(t, [(query) => {
    held.push(query);
    if (held.length === 2) query.sendRaw(Buffer.concat(held.map((each) => frame(each.answer({ answers: [{ data: '192.0.2.1' }] })))));
    return undefined;
  }], overTcp);
  for (const { data } of await Promise.all([server.ask('a.example.org'), server.ask('b.example.org')])) t.deepEqual(data, ['192.0.2.1']);
});

test('an answer with an id that was never sent, or to another question, ends the connection and all on it', async (t) => {
  const strange: Behaviour[] = [
    (query) => query.answer({ id: query.id ^ 1 }),
    (query) => query.answer({ question: { name: 'www.example.net' } }),
    (query) => query.answer().subarray(0, 5),
  ];
  for (const behaviour of strange) {
    const { server, upstream } = await startForwarding(t, [behaviour], overTcp);
    t.is((await server.ask('www.example.org')).rcode, 'SERVFAIL');
    t.is(upstream.received.filter(({ name }) => name !== '.').length, 1, 'besides the health check');
    while (upstream.openConnections > 0) {
      server.clock.advance(1_000);
      await turn();
    }
  }
});

test('a connection that the server closed while it was idle is replaced without a loss', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful], overTcp);
  await server.ask('a.example.org');
  // Closes at the very moment of the next query.
  upstream.behaviour = (query) => {
    if (query.peer.connection > 0) return helpful(query);
    query.hangUp();
    return undefined;
  };
  t.deepEqual((await server.ask('b.example.org')).data, ['192.0.2.1']);
  t.is(upstream.connections, 2);
});

test('a server that closes every connection is a failed server, after one more try', async (t) => {
  const { server, upstream } = await startForwarding(t, [(query) => {
    query.hangUp();
    return undefined;
  }], overTcp);
  t.is((await server.ask('a.example.org')).rcode, 'SERVFAIL');
  t.is(upstream.received.length, 1, 'a fresh connection that is closed is no reason to try again');
  let answered = 0;
  upstream.behaviour = (query) => {
    if (answered++ === 0) return helpful(query);
    query.hangUp();
    return undefined;
  };
  await server.ask('b.example.org');
  t.is((await server.ask('c.example.org')).rcode, 'SERVFAIL');
  t.is(upstream.received.length, 4);
});

test('an idle connection is closed after expire', async (t) => {
  const { server, upstream } = await startForwarding(t, [helpful], { options: 'force_tcp\nexpire 3s' });
  await server.ask('a.example.org');
  server.clock.advance(2_900);
  await turn();
  t.is(upstream.openConnections, 1);
  server.clock.advance(200);
  while (upstream.openConnections > 0) await turn();
  await server.ask('b.example.org');
  t.is(upstream.connections, 2);
});

test('a slow query does not end the connection for the others', async (t) => {
  const uneven: Behaviour = (query) => (query.name.startsWith('slow') ? undefined : helpful(query));
  const { server, upstream } = await startForwarding(t, [uneven], { options: 'force_tcp\nmax_fails 0' });
  const slow = server.ask('slow.example.org');
  await upstream.arrival(1);
  server.clock.advance(1_500);
  for (let i = 0; i < 5; i++) await server.ask(`n${i}.example.org`);
  server.clock.advance(600);
  await server.ask('after.example.org');
  server.clock.advance(5_000);
  t.is((await slow).rcode, 'SERVFAIL');
});

test('a connection over which nothing comes back gets no more queries', async (t) => {
  const deafAtFirst: Behaviour = (query) => (query.peer.connection === 0 ? undefined : helpful(query));
  const { server, upstream } = await startForwarding(t, [deafAtFirst], { options: 'force_tcp\nmax_fails 0' });
  const first = server.ask('a.example.org');
  await upstream.arrival(1);
  server.clock.advance(2_050);
  t.deepEqual((await first).data, ['192.0.2.1']);
  t.is(upstream.connections, 2);
  while (upstream.openConnections > 1) await turn();
});

test('a late answer shows that a connection is alive', async (t) => {
  const { server, upstream } = await startForwarding(t, [() => undefined], { options: 'force_tcp\nmax_fails 0\nread_timeout 5s' });
  const late = server.ask('late.example.org');
  await upstream.arrival(1);
  server.clock.advance(4_000);
  const other = server.ask('other.example.org');
  await upstream.arrival(2);
  server.clock.advance(1_050);
  t.is((await late).rcode, 'SERVFAIL');
  for (const query of upstream.received) query.send(helpful(query) as Buffer);
  t.deepEqual((await other).data, ['192.0.2.1']);
  upstream.behaviour = helpful;
  await server.ask('next.example.org');
  t.is(upstream.connections, 1);
});

test('half an answer is no answer when its time is over', async (t) => {
  const { server, upstream } = await startForwarding(t, [(query) => {
    query.sendRaw(frame(query.answer()).subarray(0, 20));
    return undefined;
  }], { options: 'force_tcp\nmax_fails 0' });
  const asked = server.ask('www.example.org');
  await upstream.arrival(1);
  await turn();
  server.clock.advance(5_000);
  t.is((await asked).rcode, 'SERVFAIL');
});

test('the largest answers come through', async (t) => {
  const { server } = await startForwarding(t, [(query) => {
    const room = 65_535 - query.answer().length;
    const records = Math.floor(room / 200);
    return query.answer({ answers: Array.from({ length: records }, () => ({ name: '.', type: 'NULL', data: Buffer.alloc(189) })) });
  }], overTcp);
  const { message } = await server.ask('www.example.org', 'TXT', { transport: 'tcp' });
  t.true(message.answers!.length > 320);
});
