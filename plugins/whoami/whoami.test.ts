import test, { type ExecutionContext } from 'ava';
import packet from 'dns-packet';
import { createTestServer, type TestAnswer, type TestServer } from '../../testing/index.js';

async function serverFor(t: ExecutionContext): Promise<TestServer> {
  const server = await createTestServer('. {\nwhoami\n}');
  t.teardown(() => server.stop());
  return server;
}

const additionals = ({ message }: TestAnswer): unknown[] => message.additionals!.filter(({ type }) => type !== 'OPT').map((record) => {
  const { name, type, ttl, data } = record as { name: string; type: string; ttl: number; data: unknown };
  return [name, type, ttl, data];
});

const srv = (port: number): object => ({ priority: 0, weight: 0, port, target: '.' });

test('a client is told its address, its port and its transport', async (t) => {
  const server = await serverFor(t);
  const answer = await server.ask('whoami.example', 'A', { client: '192.0.2.7', port: 40_212 });
  t.is(answer.rcode, 'NOERROR');
  t.true(answer.authoritative);
  t.deepEqual(answer.answers, []);
  t.deepEqual(additionals(answer), [['whoami.example', 'A', 0, '192.0.2.7'], ['_udp.whoami.example', 'SRV', 0, srv(40_212)]]);
});

test('over IPv6 and TCP as well, whatever the type', async (t) => {
  const server = await serverFor(t);
  const answer = await server.ask('whoami.example', 'TXT', { client: '2001:db8::7', port: 1, transport: 'tcp', edns: 1232 });
  t.deepEqual(additionals(answer), [['whoami.example', 'AAAA', 0, '2001:db8::7'], ['_tcp.whoami.example', 'SRV', 0, srv(1)]]);
});

test('the root may be asked', async (t) => {
  const server = await serverFor(t);
  t.deepEqual(additionals(await server.ask('.', 'A', { client: '192.0.2.7', port: 9 })), [['.', 'A', 0, '192.0.2.7'], ['_udp', 'SRV', 0, srv(9)]]);
});

test('a name of odd octets is the owner as it is', async (t) => {
  const server = await serverFor(t);
  const question = packet.encode({ type: 'query', id: 7, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name: 'a b".x' }] });
  const answer = packet.decode((await server.send(question))!);
  t.deepEqual(answer.additionals!.map(({ name }) => name), ['a b".x', '_udp.a b".x']);
});

test('a name that leaves no room for one more label goes without the port', async (t) => {
  const server = await serverFor(t);
  const name = [...Array<string>(3).fill('a'.repeat(63)), 'b'.repeat(61)].join('.');
  t.deepEqual(additionals(await server.ask(name, 'A', { client: '192.0.2.7', port: 9 })), [[name, 'A', 0, '192.0.2.7']]);
});

test('explain says that the query ends here', async (t) => {
  t.like((await (await serverFor(t)).explain('whoami.example'))[0], { plugin: 'whoami', final: true });
});
