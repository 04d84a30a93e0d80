import test, { type ExecutionContext } from 'ava';
import { parseAddress } from '../../core/address.js';
import { ConfigError } from '../../core/errors.js';
import { explainQuery, type QueryExplanation } from '../../core/explain.js';
import { limits } from '../../core/limits.js';
import { nameFromText } from '../../core/name.js';
import type { UpstreamReport } from '../../core/plugin.js';
import { closedPort, createTestServer, startLoopbackUpstream, type LoopbackUpstream, type TestServer } from '../../testing/index.js';

interface World {
  readonly server: TestServer;
  /** By the words that stand for them in the Corefile. */
  readonly upstreams: ReadonlyMap<string, LoopbackUpstream>;
  readonly received: (word: string) => number;
}

/** A server whose policy may name upstreams as A, B, C …; each answers with an address of its own. */
async function start(t: ExecutionContext, policy: string, directives = ''): Promise<World> {
  const words = [...new Set(policy.match(/\b[A-F]\b/g))];
  const upstreams = new Map(await Promise.all(words.map(async (word): Promise<[string, LoopbackUpstream]> => {
    const data = `192.0.2.${word.charCodeAt(0)}`;
    return [word, await startLoopbackUpstream((query) => query.answer({ answers: [{ type: 'A', data }] }))];
  })));
  const text = policy.replace(/\b[A-F]\b/g, (word) => upstreams.get(word)!.endpoint);
  const server = await createTestServer(`. {\nsource-policy-forward {\n${text}\n}\n${directives}\n}`);
  t.teardown(async () => {
    await server.stop();
    for (const upstream of upstreams.values()) await upstream.close();
  });
  return { server, upstreams, received: (word) => upstreams.get(word)!.received.length };
}

/** Which upstream's answer a client gets: its word, or the response code. */
async function answerer(server: TestServer, client: string, name: string): Promise<string> {
  const { data, rcode } = await server.ask(name, 'A', { client });
  return data.length === 1 ? String.fromCharCode(Number(String(data[0]).split('.')[3])) : rcode;
}

const explain = (server: TestServer, client: string, name: string): Promise<QueryExplanation> =>
  explainQuery(server.host.current!, { client: parseAddress(client)!, name: nameFromText(name), type: 1 });

test('the most specific network of the client decides, and default serves the rest', async (t) => {
  const { server } = await start(t, 'default A\nfrom 10.0.0.0/8 to B\nfrom 10.1.0.0/16 10.9.0.0/16 to C\nfrom 10.1.2.3 to D\nfrom 2001:db8::/32 to E');
  const expected = {
    '203.0.113.1': 'A', '10.2.0.1': 'B', '10.1.0.1': 'C', '10.9.0.1': 'C', '10.1.2.3': 'D', '10.1.2.4': 'C', '2001:db8::7': 'E', '2001:db9::7': 'A',
  };
  // Twice: the second time the decision is remembered.
  for (let round = 0; round < 2; round++) {
    for (const [client, word] of Object.entries(expected)) t.is(await answerer(server, client, `n${round}.example.org`), word, client);
  }
});

test('without a default, whom no rule is for is refused, and no other plugin forwards for it', async (t) => {
  const other = await startLoopbackUpstream();
  t.teardown(() => other.close());
  const { server, received } = await start(t, 'from 10.0.0.0/8 to A', `forward . ${other.endpoint}`);
  const { rcode, error } = await server.ask('www.example.org', 'A', { client: '203.0.113.1', edns: 1232 });
  t.is(rcode, 'REFUSED');
  t.is(error!.code, 18);
  t.is(await answerer(server, '10.0.0.1', 'www.example.org'), 'A');
  t.is(received('A'), 1);
  t.is(other.received.length, 0);
});

test('rules on names come before rules on clients, the first in the file before the others', async (t) => {
  const { server } = await start(t, [
    'default A', 'from 10.0.0.0/8 to B', 'match ".+site-X\\.com$" to C', 'zone corp.example to D', 'match "^(.*\\.)?example$" to E', 'zone a.corp.example to F',
  ].join('\n'));
  const expected = {
    'www.example.org': 'B', 'www.site-x.com': 'C', 'WWW.my-Site-X.COM': 'C', 'site-x.com': 'B', 'corp.example': 'D', 'a.corp.example': 'D',
    'b.example': 'E', example: 'E',
  };
  for (const [name, word] of Object.entries(expected)) t.is(await answerer(server, '10.0.0.1', name), word, name);
});

/** Upstreams on these addresses of loopback, all on one port. */
async function startIdentities(t: ExecutionContext, addresses: readonly string[]): Promise<{ port: number; upstreams: readonly LoopbackUpstream[] }> {
  for (;;) {
    const [first, ...rest] = addresses;
    const upstreams = [await startLoopbackUpstream(undefined, { address: first! })];
    const { port } = upstreams[0]!;
    try {
      for (const address of rest) upstreams.push(await startLoopbackUpstream(undefined, { address, port }));
    } catch {
      // The port is taken on one of them.
      for (const upstream of upstreams) await upstream.close();
      continue;
    }
    for (const upstream of upstreams) {
      const data = upstream.address;
      upstream.behaviour = (query) => query.answer({ answers: [{ type: 'A', data }] });
    }
    t.teardown(() => Promise.all(upstreams.map((upstream) => upstream.close())));
    return { port, upstreams };
  }
}

test('a client inside identity is asked itself, and gets the answers of nobody else', async (t) => {
  const clients = ['127.0.0.33', '127.0.0.34', '127.0.0.35'];
  const { port, upstreams } = await startIdentities(t, clients);
  const { server, received } = await start(t, `default A\nidentity 127.0.0.32/29 port ${port}\nfrom 127.0.0.0/24 to A`, 'cache');
  for (let round = 0; round < 3; round++) {
    // At once: equal questions of different clients must not become one.
    const asked = clients.map((client) => server.ask('www.example.org', 'A', { client }));
    t.deepEqual((await Promise.all(asked)).map(({ data }) => data[0]), clients);
  }
  t.deepEqual(upstreams.map((upstream) => upstream.received.length), [1, 1, 1], 'the rest came from the cache');
  t.is(received('A'), 0);
  t.is(await answerer(server, '127.0.0.1', 'www.example.org'), 'A');
});

test('a route whose upstreams are down fails; no other upstream is asked, not even default', async (t) => {
  const { port, upstreams } = await startIdentities(t, ['127.0.0.41', '127.0.0.42']);
  const { server, received } = await start(t, `default A\nidentity 127.0.0.40/29 port ${port}\nfrom 10.0.0.0/8 to B`);
  await upstreams[0]!.close();
  for (let i = 0; i < 20; i++) {
    const { rcode, error } = await server.ask(`n${i}.example.org`, 'A', { client: '127.0.0.41', edns: 1232 });
    t.is(rcode, 'SERVFAIL');
    t.is(error!.code, 22);
  }
  t.is(upstreams[1]!.received.length, 0);
  t.is(received('A') + received('B'), 0);
  t.deepEqual((await server.ask('www.example.org', 'A', { client: '127.0.0.42' })).data, ['127.0.0.42']);
});

test('a named group has options of its own before those of the directive', async (t) => {
  const group = 'upstream site {\nto B C\npolicy sequential\nfailover REFUSED\n}';
  const { server, upstreams } = await start(t, `default site\nfrom 10.0.0.0/8 to A\nforce_tcp\n${group}`);
  upstreams.get('B')!.behaviour = (query) => query.answer({ rcode: 'REFUSED' });
  t.is(await answerer(server, '192.0.2.1', 'www.example.org'), 'C');
  t.is(await answerer(server, '10.0.0.1', 'www.example.org'), 'A');
  for (const upstream of upstreams.values()) t.deepEqual(upstream.received.map(({ transport }) => transport), ['tcp']);
});

test('explain tells the rule with its line, and makes no group for a client that never asked', async (t) => {
  const { server } = await start(t, 'default A\nidentity 127.0.0.40/29\nfrom 10.0.0.0/8 to B\nzone corp.example to A');
  const groups = (): number => server.host.current!.seats.flatMap(({ instance }) => instance.upstreams?.() ?? []).length;
  const before = groups();
  const expected = [
    ['203.0.113.1', 'www.example.org', 'default', 3], ['127.0.0.41', 'www.example.org', 'identity 127.0.0.40/29', 4],
    ['10.0.0.1', 'www.example.org', 'from 10.0.0.0/8', 5], ['10.0.0.1', 'a.corp.example', 'zone corp.example', 6],
  ] as const;
  for (const [client, name, label, line] of expected) {
    const { route, steps } = await explain(server, client, name);
    t.deepEqual([route!.label, route!.at.line, steps.at(-1)!.at.line, steps.at(-1)!.final], [label, line, line, true]);
  }
  t.deepEqual((await explain(server, '127.0.0.41', 'www.example.org')).route!.upstreams, ['127.0.0.41:53']);
  t.is(groups(), before);
});

test('explain tells why nobody is asked', async (t) => {
  const { server } = await start(t, 'from 10.0.0.0/8 to A');
  const { outcome, steps } = await explain(server, '203.0.113.1', 'www.example.org');
  t.is(outcome, 'source-policy-forward: refused: no rule is for this client, and there is no default');
  t.true(steps.at(-1)!.final);
});

test('mistakes are told where they stand, all of them', async (t) => {
  const corefile = `. {
  source-policy-forward {
    default nowhere
    from 10.0.0.0/8 to 192.0.2.1
    from 10.0.0.0/8 to 192.0.2.2
    identity 10.0.0.0/24 port 0
    match "^(?=a)" to 192.0.2.1
    zone corp.example 192.0.2.1
    upstream site { to 192.0.2.1 }
  }
}`;
  const error = await t.throwsAsync(createTestServer(corefile), { instanceOf: ConfigError });
  t.deepEqual(error.mistakes.map(({ at, problem }) => `${at.line} ${problem.split(';')[0]}`), [
    '6 0 is too small', '7 \'^(?=a)\' looks ahead or behind, which can\'t be done in linear time', '8 \'zone\' lacks \'to TO…\'',
  ]);
  const later = corefile.split('\n').filter((_, i) => ![5, 6, 7].includes(i)).join('\n').replace('site {', 'sitE {\n to 192.0.2.1\n}\nupstream sitE {');
  const mistakes = await t.throwsAsync(createTestServer(later), { instanceOf: ConfigError });
  t.deepEqual(mistakes.mistakes.map(({ at, problem }) => `${at.line} ${problem.split(/[,;]/)[0]}`), [
    '3 there is no upstream group \'nowhere\'', '5 10.0.0.0/8 has a rule already', '9 there is a group \'sitE\' already',
  ]);
});

test('a policy without a rule is a mistake', async (t) => {
  await t.throwsAsync(createTestServer('. {\nsource-policy-forward {\nforce_tcp\n}\n}'), { message: /sends nobody anywhere/ });
  const mixed = '. {\nsource-policy-forward {\ndefault site 192.0.2.1\nupstream site {\nto 192.0.2.2\n}\n}\n}';
  await t.throwsAsync(createTestServer(mixed), { message: /stands alone behind 'to'/ });
});

test('the groups of many clients are bounded; the least recently used goes', async (t) => {
  const { server } = await start(t, `identity 127.64.0.0/10 port ${await closedPort()}\nmax_fails 0`);
  const reports = (): readonly UpstreamReport[] => server.host.current!.seats.flatMap(({ instance }) => instance.upstreams?.() ?? []);
  const clients = Array.from({ length: limits.policyClients + 10 }, (_, i) => `127.64.${i >> 8}.${i & 255}`);
  for (const client of clients) t.is((await server.ask('www.example.org', 'A', { client })).rcode, 'SERVFAIL');
  t.is(reports().length, limits.policyClients);
  t.false(reports().some(({ id }) => id.startsWith('127.64.0.1:')));
});
