/** Policy and privacy: what may not be asked, seen or guessed, whoever tries (reliability.md section 2.3 and its neighbours). */
import test from 'ava';
import { toQuestion, wireLabels, wireMessage, wireOption, wireQuestion, wireRecord, type TestServer } from '../../testing/index.js';
import { inFlight, startLive, startSomewhere, TcpClient, UdpClient } from './live.js';
import { startWorld } from './world.js';

test('A41 V03: answers, denials and failures of one way out are never given to clients of another', async (t) => {
  const { server, upstream } = await startWorld(t, 'cache {\nserve_stale 1d\n}', { routes: '10.1.=one 10.2.=two' });
  const says = { one: '198.51.100.1', two: '198.51.100.2' } as Readonly<Record<string, string>>;
  upstream.answer = ({ route, name }) => (name.startsWith('bad') && route === 'one' ? 'fail' : { answers: [{ ttl: 60, data: says[route] }] });
  for (const pause of [0, 30_000, 60_000, 3_600_000]) {
    server.clock.advance(pause);
    for (const [client, data] of [['10.1.0.1', says['one']], ['10.2.0.1', says['two']], ['10.1.0.2', says['one']]] as const) {
      t.deepEqual((await server.ask('www.example.org', 'A', { client })).data, [data]);
    }
    t.is((await server.ask('bad.example.org', 'A', { client: '10.1.0.1' })).rcode, 'SERVFAIL');
    t.deepEqual((await server.ask('bad.example.org', 'A', { client: '10.2.0.1' })).data, [says['two']]);
  }
});

test('A51 A52: a way out that is down fails closed, and the name of an inner zone leaves by no other', async (t) => {
  const { server, upstream } = await startLive(t, 'forward . UPSTREAM\nforward corp.example 127.0.0.1:1 {\nmax_fails 0\n}');
  for (const name of ['corp.example', 'www.corp.example', 'WWW.Corp.EXAMPLE']) {
    const { rcode, error } = await server.ask(name, 'A', { edns: 1232 });
    t.is(rcode, 'SERVFAIL');
    t.is(error!.code, 22);
  }
  t.is(upstream.received.length, 0);
  t.is((await server.ask('notcorp.example')).rcode, 'NOERROR');
});

test('A45 C96 V05: letters in any case, and a final dot, get by no rule', async (t) => {
  const { server, upstream } = await startWorld(t, `
    static {
      record Host.Example 192.0.2.1
    }
    nxdomain "^secret\\."
    blocklist {
      file list.txt
      allow good.ads.test
      match subdomains
    }
    ttl {
      override TTL.test 7
    }`, { files: { 'list.txt': 'Ads.TEST.\n' } });
  for (const letters of [/(?!)/g, /./g, /[aeiou]/g]) {
    const change = (name: string): string => name.replace(letters, (letter) => letter.toUpperCase());
    t.deepEqual((await server.ask(change('host.example'))).data, ['192.0.2.1']);
    t.is((await server.ask(change('secret.test'))).rcode, 'NXDOMAIN');
    t.deepEqual((await server.ask(change('www.ads.test'))).data, ['127.0.0.1']);
    t.is((await server.ask(change('good.ads.test'))).answers.length, 1);
    t.regex((await server.ask(change('ttl.test'))).answers[0]!, / 7 A /);
  }
  t.deepEqual([...new Set(upstream.asked.map(({ name }) => name))].sort(), ['good.ads.test', 'ttl.test']);
});

test('A46: a dot inside a label, or other odd octets, make another name: no rule and no record is for it', async (t) => {
  const { server, upstream } = await startWorld(t, 'static {\nrecord host.example 192.0.2.1\n}\nblocklist {\nfile list.txt\nmatch subdomains\n}\ncache', {
    files: { 'list.txt': 'ads.test\n' },
  });
  for (const labels of [['host.example'], ['ads.test'], ['www', 'ads.test'], ['ads', 'test\0'], ['\0ads', 'test'], ['ads\\', 'test']]) {
    const reply = await server.send(wireMessage({ questions: [wireQuestion(wireLabels(...labels))] }));
    t.is(reply!.readUInt16BE(6), 1);
  }
  t.is(upstream.asked.length, 6);
  t.true(upstream.asked.every(({ name }) => /^[!-~]+$/.test(name)), 'and they are shown escaped');
});

/** What a client sees of an answer: code, addresses, the types in the authority section, and the reason. */
async function seen(server: TestServer, name: string, type = 'A'): Promise<string> {
  const { rcode, answers, message, error, authoritative } = await server.ask(name, type, { edns: 1232 });
  const authority = (message.authorities ?? []).map((record) => `${(record as { readonly ttl?: number }).ttl} ${record.type}`);
  const records = answers.map((line) => line.split(' ').slice(1).join(' '));
  return [rcode, ...records, ...authority, `error ${error?.code}`, ...(authoritative ? ['AA'] : [])].join(', ');
}

test('C77: a blocked name has the answer that is configured, with the reason, its TTL, and an SOA record where it is a denial', async (t) => {
  const expected: Readonly<Record<string, readonly [a: string, aaaa: string]>> = {
    'answer loopback': ['NOERROR, 7 A 127.0.0.1, error 15', 'NOERROR, 7 SOA, error 15'],
    'answer null\nall_types': ['NOERROR, 7 A 0.0.0.0, error 15', 'NOERROR, 7 AAAA ::, error 15'],
    'answer nxdomain': ['NXDOMAIN, 7 SOA, error 15', 'NXDOMAIN, 7 SOA, error 15'],
    'answer nodata': ['NOERROR, 7 SOA, error 15', 'NOERROR, 7 SOA, error 15'],
    'answer refused': ['REFUSED, error 15', 'REFUSED, error 15'],
  };
  for (const [answer, [a, aaaa]] of Object.entries(expected)) {
    const { server } = await startWorld(t, `blocklist {\nfile list.txt\n${answer}\nttl 7\n}`, { files: { 'list.txt': 'ads.test\n' } });
    t.is(await seen(server, 'ads.test'), a, answer);
    t.is(await seen(server, 'ads.test', 'AAAA'), aaaa, answer);
  }
  const { server } = await startWorld(t, 'nxdomain "^wpad\\."');
  t.is(await seen(server, 'wpad.example.org'), 'NXDOMAIN, 60 SOA, error 15');
});

test('C79: special names are answered here, and nothing is sent up', async (t) => {
  const { server, upstream } = await startWorld(t, 'local');
  const addresses = { 'localhost': '127.0.0.1', 'x.LocalHost': '127.0.0.1' };
  for (const [name, address] of Object.entries(addresses)) t.deepEqual((await server.ask(name)).data, [address]);
  const denied = ['invalid', 'x.invalid', 'x.onion', 'x.test', 'x.home.arpa', '1.0.0.10.in-addr.arpa', '1.1.168.192.in-addr.arpa', '1.16.172.in-addr.arpa'];
  for (const name of denied) t.is(await seen(server, name, 'PTR'), 'NXDOMAIN, 10800 SOA, error undefined, AA', name);
  t.is(await seen(server, '_dns.resolver.arpa', 'SVCB'), 'NOERROR, 10800 SOA, error undefined, AA');
  t.is(upstream.asked.length, 0);
});

test('A48: a private address in the answer for a public name reaches nobody, in hints neither', async (t) => {
  const { server, upstream } = await startWorld(t, 'rebind {\nallow corp.test\n}\ncache');
  const hint = (key: number, octets: readonly number[]): Buffer => Buffer.concat([Buffer.of(0, 1, 0), wireOption(key, Buffer.from(octets))]);
  const ipv4 = ['10.1.2.3', '172.16.0.1', '192.168.0.1', '127.0.0.1', '169.254.1.1', '0.0.0.0', '100.64.0.1'];
  const spoiled: readonly (readonly [string, readonly { readonly data: unknown }[] | readonly Buffer[]])[] = [
    ...ipv4.map((data) => ['A', [{ data: '192.0.2.1' }, { data }]] as const),
    ...['::1', 'fc00::1', 'fe80::1', '::ffff:192.168.0.1'].map((data) => ['AAAA', [{ data }]] as const),
    ['HTTPS', [wireRecord(toQuestion, 'HTTPS', hint(4, [192, 168, 0, 1]))]],
    ['SVCB', [wireRecord(toQuestion, 'SVCB', hint(6, [0xfd, ...Array<number>(15).fill(1)]))]],
  ];
  for (const [i, [type, answers]] of spoiled.entries()) {
    upstream.answer = () => ({ answers });
    for (let n = 0; n < 2; n++) t.is((await server.ask(`n${i}.test`, type)).rcode, 'REFUSED', type);
    t.is((await server.ask(`n${i}.corp.test`, type)).rcode, 'NOERROR');
  }
});

test('A38 C92: a server that forwards to itself finds it out, and fails at once instead of asking round and round', async (t) => {
  const { server, port } = await startSomewhere('. {\nbind 127.0.0.1\nforward . 192.0.2.1\n}');
  t.teardown(() => server.finish());
  await server.reload(`. {\nbind 127.0.0.1\nloop\nforward . 127.0.0.1:${port}\n}`);
  while (!server.log.some(({ level, line }) => level === 'error' && line.includes('loop'))) await new Promise(setImmediate);
  const { rcode } = await server.ask('www.example.org', 'A', { edns: 1232 });
  t.is(rcode, 'SERVFAIL');
  t.is(inFlight(server), 0);
});

test('C92: without loop detection a loop is bounded: a question that comes round joins the one under way', async (t) => {
  const { server, port } = await startSomewhere('. {\nbind 127.0.0.1\nforward . 192.0.2.1\n}');
  t.teardown(() => server.finish());
  await server.reload(`. {\nbind 127.0.0.1\nforward . 127.0.0.1:${port} {\nmax_fails 0\n}\n}`);
  const asked = server.ask('www.example.org');
  while (inFlight(server) < 2) await new Promise(setImmediate);
  server.clock.advance(6_000);
  t.is((await asked).rcode, 'SERVFAIL');
  const [{ queries }] = (await server.explain('www.example.org')).at(-1)!.details!['upstreams'] as [{ readonly queries: number }];
  t.true(queries >= 1 && queries < 10, `${queries} queries`);
});

test('C78 A47: a name that leads to a blocked one is blocked: by CNAME, by DNAME, by the target of HTTPS and SVCB', async (t) => {
  const directives = 'blocklist {\nfile list.txt\nmatch subdomains\nanswer nxdomain\n}\ncache';
  const { server, upstream } = await startWorld(t, directives, { files: { 'list.txt': 'ads.test\n' } });
  const service = (...labels: readonly string[]): Buffer => Buffer.concat([Buffer.of(0, 1), wireLabels(...labels)]);
  upstream.answer = ({ name, type }) => {
    if (type !== 'A') return { answers: [wireRecord(toQuestion, type, name === 'plain.example' ? service() : service('cdn', 'ads', 'test'))] };
    return name === 'plain.example' ? { answers: [{ data: '192.0.2.1' }] }
      : { answers: [{ type: name === 'd.example' ? 'DNAME' : 'CNAME', data: 'cdn.ads.test' }, { name: 'cdn.ads.test', data: '192.0.2.1' }] };
  };
  for (let round = 0; round < 2; round++) {
    for (const [name, type] of [['c.example', 'A'], ['d.example', 'A'], ['c.example', 'HTTPS'], ['c.example', 'SVCB']] as const) {
      const { rcode, error } = await server.ask(name, type, { edns: 1232 });
      t.is(rcode, 'NXDOMAIN', `${name} ${type}`);
      t.is(error!.code, 15);
    }
    for (const type of ['A', 'HTTPS', 'SVCB']) t.is((await server.ask('plain.example', type)).rcode, 'NOERROR');
  }
  t.is(upstream.asked.length, 7, 'the second time from the cache');
});

test('C88: who may not ask is refused, or hears nothing, over UDP and TCP alike', async (t) => {
  const { port, upstream } = await startLive(t, 'acl no.example {\nblock\n}\nacl silent.example {\ndrop\n}\nforward . UPSTREAM');
  const query = (name: string): Buffer => wireMessage({ questions: [wireQuestion(name)] });
  for (const Client of [UdpClient, TcpClient]) {
    const client = await Client.open(t, port);
    const [refused] = await client.exchange(query('www.no.example'), 1);
    t.is(refused!.readUInt16BE(2) & 15, 5);
    t.deepEqual(await client.exchange(query('silent.example'), 0), []);
  }
  t.is(upstream.received.length, 0);
});

test('A60: an expression that takes others centuries is matched as fast as any', async (t) => {
  const { server } = await startWorld(t, 'nxdomain "^(a+)+$" "^(a|a)*b$" "(x+x+)+y"');
  t.is((await server.ask(`${'a'.repeat(40)}.test`)).rcode, 'NOERROR');
  t.is((await server.ask(`${'x'.repeat(60)}.${'x'.repeat(60)}`)).rcode, 'NOERROR');
  t.is((await server.ask('a'.repeat(40))).rcode, 'NXDOMAIN');
});

test('A61: a name can neither forge a line of the log nor drive a terminal', async (t) => {
  const { server } = await startWorld(t, 'log');
  await server.send(wireMessage({ questions: [wireQuestion(wireLabels('x\n2026-01-01T00:00:00.000Z [ERROR] forged', '\x1b[2J\x07', '"quoted"'))] }));
  const lines = server.log.filter(({ level }) => level === 'info');
  t.is(lines.length, 1);
  t.regex(lines[0]!.line, /^[ -~]+\n$/);
});

test('A62: names that mean something to JavaScript are names like any other', async (t) => {
  const records = 'static {\nrecord constructor.example 192.0.2.1\nrecord __proto__ 192.0.2.2\n}';
  const { server, upstream } = await startWorld(t, `${records}\ncache\nttl {\noverride toString 7\n}\nlog`);
  t.deepEqual((await server.ask('__proto__')).data, ['192.0.2.2']);
  t.deepEqual((await server.ask('constructor.example')).data, ['192.0.2.1']);
  for (const name of ['constructor', 'prototype.__proto__', 'hasOwnProperty', 'tostring', '__proto__.example']) {
    for (let n = 0; n < 2; n++) t.is((await server.ask(name)).answers.length, 1, name);
  }
  t.is(upstream.asked.length, 5);
  t.is(Object.keys(Object.prototype).length, 0);
});
