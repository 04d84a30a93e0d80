import test, { type ExecutionContext } from 'ava';
import { createTestServer, ScriptedUpstream, type TestServer } from '../../testing/index.js';

interface World {
  readonly upstream: ScriptedUpstream;
  readonly server: TestServer;
}

/** A server with `local` that forwards everything else. */
async function worldWith(t: ExecutionContext, directives = '', local = 'local'): Promise<World> {
  const upstream = new ScriptedUpstream();
  const server = await createTestServer(`. {\n${local}\n${directives}\nscripted\n}`, { plugins: [upstream.plugin] });
  t.teardown(() => server.stop());
  return { upstream, server };
}

/** What became of a question: `NXDOMAIN`, with the owner of the SOA that goes with it, or the data. */
async function answerOf({ server }: World, name: string, type = 'A'): Promise<string> {
  const { rcode, data, message, authoritative } = await server.ask(name, type);
  const soa = message.authorities!.map(({ type: kind, name: owner }) => `${kind} ${owner}`);
  return [rcode, ...data.map(String), ...soa, ...(authoritative ? [] : ['from elsewhere'])].join(' ');
}

test('localhost, and every name below it, is the loopback', async (t) => {
  const world = await worldWith(t);
  for (const name of ['localhost', 'LocalHost', 'a.b.localhost']) {
    t.is(await answerOf(world, name), 'NOERROR 127.0.0.1', name);
    t.is(await answerOf(world, name, 'AAAA'), 'NOERROR ::1', name);
    for (const type of ['MX', 'SOA', 'HTTPS', 'DS']) t.is(await answerOf(world, name, type), 'NOERROR SOA localhost', type);
  }
  t.is(world.upstream.asked.length, 0);
});

test('names that can’t be are denied, and so that caches keep it', async (t) => {
  const world = await worldWith(t);
  for (const zone of ['test', 'invalid', 'local', 'onion']) {
    for (const name of [zone, `www.${zone}`, `a.b.c.${zone}`]) {
      for (const type of ['A', 'SOA', 'DS']) t.is(await answerOf(world, name, type), `NXDOMAIN SOA ${zone}`, `${name} ${type}`);
    }
  }
  t.is(world.upstream.asked.length, 0);
});

test('home.arpa is a zone without data, unless somebody says otherwise', async (t) => {
  const world = await worldWith(t);
  t.is(await answerOf(world, 'printer.home.arpa'), 'NXDOMAIN SOA home.arpa');
  t.is(await answerOf(world, 'home.arpa'), 'NOERROR SOA home.arpa');
  t.is(await answerOf(world, 'home.arpa', 'NS'), 'NOERROR home.arpa');
  const { message } = await world.server.ask('home.arpa', 'SOA');
  t.like(message.answers![0], { ttl: 10_800, data: { mname: 'home.arpa', rname: 'nobody.invalid', serial: 1, minimum: 10_800 } });
  t.is(world.upstream.asked.length, 0);
});

test('an upstream’s encrypted twin is not told of: it would lead past this server', async (t) => {
  const world = await worldWith(t);
  for (const name of ['_dns.resolver.arpa', 'resolver.arpa', 'x.resolver.arpa']) {
    for (const type of ['SVCB', 'A', 'TXT']) t.is(await answerOf(world, name, type), 'NOERROR SOA resolver.arpa');
  }
  t.is(world.upstream.asked.length, 0);
});

const reverse = {
  '1.0.0.10.in-addr.arpa': '10.in-addr.arpa',
  '9.8.31.172.in-addr.arpa': '31.172.in-addr.arpa',
  '1.1.168.192.in-addr.arpa': '168.192.in-addr.arpa',
  '5.5.254.169.in-addr.arpa': '254.169.in-addr.arpa',
  '2.0.0.127.in-addr.arpa': '127.in-addr.arpa',
  '1.2.127.100.in-addr.arpa': '127.100.in-addr.arpa',
  '7.2.0.192.in-addr.arpa': '2.0.192.in-addr.arpa',
  '1.0.0.0.d.f.ip6.arpa': 'd.f.ip6.arpa',
  '1.b.e.f.ip6.arpa': 'b.e.f.ip6.arpa',
  '1.8.b.d.0.1.0.0.2.ip6.arpa': '8.b.d.0.1.0.0.2.ip6.arpa',
};

test('addresses without a meaning to the world have no names in it', async (t) => {
  const world = await worldWith(t);
  for (const [name, zone] of Object.entries(reverse)) t.is(await answerOf(world, name, 'PTR'), `NXDOMAIN SOA ${zone}`, name);
  t.is(world.upstream.asked.length, 0);
});

test('the loopback’s addresses are localhost’s, and what is between them and their zone exists', async (t) => {
  const world = await worldWith(t);
  t.is(await answerOf(world, '1.0.0.127.in-addr.arpa', 'PTR'), 'NOERROR localhost');
  t.is(await answerOf(world, `1.${'0.'.repeat(31)}ip6.arpa`, 'PTR'), 'NOERROR localhost');
  t.is(await answerOf(world, '0.0.127.in-addr.arpa', 'PTR'), 'NOERROR SOA 127.in-addr.arpa');
});

test('names that are to be resolved like any other go on', async (t) => {
  const world = await worldWith(t);
  const names = [
    'example', 'www.example.com', 'example.org', 'ipv4only.arpa', 'home', 'arpa', 'in-addr.arpa', '1.172.in-addr.arpa', '32.172.in-addr.arpa',
    '1.63.100.in-addr.arpa', 'c.f.ip6.arpa', 'localhost.example.org', 'mylocalhost', '8.8.8.8.in-addr.arpa',
  ];
  for (const name of names) t.regex(await answerOf(world, name), /from elsewhere$/, name);
  t.is(world.upstream.asked.length, names.length);
});

test('where a zone is cut off from the public tree is for the public tree to say', async (t) => {
  const world = await worldWith(t);
  for (const zone of ['home.arpa', 'resolver.arpa', '168.192.in-addr.arpa']) t.regex(await answerOf(world, zone, 'DS'), /from elsewhere$/, zone);
  t.is(await answerOf(world, 'x.home.arpa', 'DS'), 'NXDOMAIN SOA home.arpa');
});

test('records of one’s own win', async (t) => {
  const world = await worldWith(t, 'static {\nrecord printer.home.arpa 192.168.1.9\n}');
  t.is(await answerOf(world, 'printer.home.arpa'), 'NOERROR 192.168.1.9');
  t.is(await answerOf(world, '9.1.168.192.in-addr.arpa', 'PTR'), 'NOERROR printer.home.arpa');
  t.is(await answerOf(world, '8.1.168.192.in-addr.arpa', 'PTR'), 'NXDOMAIN SOA 168.192.in-addr.arpa');
});

test('what is excepted goes on, as a name or as the network whose reverse names are meant', async (t) => {
  const world = await worldWith(t, '', 'local {\nexcept test 192.168.1.0/24\nexcept fd00::/8\n}');
  for (const name of ['test', 'www.test', '1.1.168.192.in-addr.arpa', '1.d.f.ip6.arpa']) t.regex(await answerOf(world, name), /from elsewhere$/, name);
  t.is(await answerOf(world, '1.2.168.192.in-addr.arpa'), 'NXDOMAIN SOA 168.192.in-addr.arpa');
});

/** Who answers, by the plugins that would: the first that ends the query. */
async function explained(t: ExecutionContext, forwarding: string, name: string): Promise<string> {
  const server = await createTestServer(`. {\nlocal\n${forwarding}\n}`);
  t.teardown(() => server.stop());
  return (await server.explain(name)).find(({ final }) => final)!.decision;
}

test('a zone that the Corefile sends somewhere by its name goes there', async (t) => {
  const ways = [
    'forward . 192.0.2.1\nforward 168.192.in-addr.arpa 192.0.2.2',
    'forward . 192.0.2.1\nforward 1.168.192.in-addr.arpa 192.0.2.2',
    'source-policy-forward {\ndefault 192.0.2.1\nzone corp.example 168.192.in-addr.arpa to 192.0.2.2\n}',
  ];
  for (const way of ways) {
    t.regex(await explained(t, way, '5.1.168.192.in-addr.arpa'), /asks 192\.0\.2\.2:53/, way);
    t.is(await explained(t, way, '5.0.0.10.in-addr.arpa'), 'answers for 10.in-addr.arpa, as RFC 6303 section 4.1 asks', way);
  }
  t.regex(await explained(t, ways[1]!, '5.2.168.192.in-addr.arpa'), /^answers for 168\.192/, 'another part of the zone');
});

test('a route for everything, or for a domain above, is no reason to forward', async (t) => {
  for (const way of ['forward . 192.0.2.1', 'forward arpa 192.0.2.1', 'source-policy-forward {\nmatch ".*" to 192.0.2.1\n}']) {
    t.regex(await explained(t, way, 'x.home.arpa'), /^answers for home\.arpa, as RFC 8375/, way);
  }
});

test('it counts what it answers', async (t) => {
  const world = await worldWith(t);
  for (const name of ['localhost', 'x.test', 'www.example.org']) await world.server.ask(name);
  t.regex(await world.server.metrics.text('vpndns'), /^vpndns_local_answered_total 2$/m);
});
