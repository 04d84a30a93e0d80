import test, { type ExecutionContext } from 'ava';
import { parseAddress } from '../../core/address.js';
import { createTestServer, ScriptedUpstream, type Script, type TestServer } from '../../testing/index.js';
import { isPrivate } from './private.js';

interface World {
  readonly upstream: ScriptedUpstream;
  readonly server: TestServer;
}

async function worldWith(t: ExecutionContext, properties = '', directives = ''): Promise<World> {
  const upstream = new ScriptedUpstream();
  const server = await createTestServer(`. {\nrebind {\n${properties}\n}\n${directives}\nscripted\n}`, { plugins: [upstream.plugin] });
  t.teardown(() => server.stop());
  return { upstream, server };
}

/** What a client gets for a name for which the upstream says this. */
async function told({ upstream, server }: World, script: Script, type = 'A', name = 'www.attacker.example'): Promise<string> {
  upstream.answer = () => script;
  const { rcode, data } = await server.ask(name, type);
  return [rcode, ...data.map(String)].join(' ');
}

const addresses = (...texts: string[]): Script => ({ answers: texts.map((data) => ({ data })) });

test('a name of the world gets no address of this network', async (t) => {
  const world = await worldWith(t);
  t.is(await told(world, addresses('192.168.1.1')), 'REFUSED');
  t.is(await told(world, addresses('127.0.0.1')), 'REFUSED');
  t.is(await told(world, addresses('fd00::1'), 'AAAA'), 'REFUSED');
  t.is(await told(world, addresses('198.51.100.1')), 'NOERROR 198.51.100.1');
  t.is(await told(world, { rcode: 'NXDOMAIN' }), 'NXDOMAIN');
});

test('one private address among others spoils the answer: to have both is the attack', async (t) => {
  const world = await worldWith(t);
  t.is(await told(world, addresses('198.51.100.1', '10.0.0.1')), 'REFUSED');
  t.is(await told(world, { answers: [{ type: 'CNAME', data: 'a.example' }, { name: 'a.example', data: '10.0.0.1' }] }), 'REFUSED');
  const glue: Script = { answers: [{ data: { preference: 1, exchange: 'mx.example' } }], additionals: [{ type: 'A', name: 'mx.example', data: '10.0.0.1' }] };
  t.is(await told(world, glue, 'MX'), 'REFUSED');
});

/** An HTTPS record in ServiceMode for its own name, with one parameter. */
const https = (key: number, address: string): Script => {
  const value = parseAddress(address)!.octets;
  return { answers: [{ type: 'UNKNOWN_65' as never, data: Buffer.from([0, 1, 0, 0, key, 0, value.length, ...value]) }] };
};

test('hints are addresses as well', async (t) => {
  const world = await worldWith(t);
  for (const [key, address] of [[4, '192.168.1.1'], [6, 'fd00::1']] as const) t.is(await told(world, https(key, address), 'HTTPS'), 'REFUSED', address);
  for (const [key, address] of [[4, '198.51.100.1'], [6, '2001:db8::1']] as const) {
    t.regex(await told(world, https(key, address), 'HTTPS'), /^NOERROR /, address);
  }
});

test('which addresses are private', (t) => {
  const none = (): boolean => false;
  const judge = (text: string): boolean => isPrivate(parseAddress(text)!.octets, none);
  const guilty = [
    '0.0.0.0', '0.1.2.3', '10.255.255.255', '100.64.0.1', '100.127.255.255', '127.1.2.3', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.0.0',
    '::', '::1', 'fc00::1', 'fdff::1', 'fe80::1', 'febf::1', 'fec0::1', '::10.0.0.1', '64:ff9b::192.168.1.1', '2002:7f00:1::1', '2002:c0a8:101::',
  ];
  for (const text of guilty) t.true(judge(text), text);
  const innocent = [
    '1.1.1.1', '9.9.9.9', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0', '169.253.0.1', '172.15.255.255', '172.32.0.0',
    '192.0.0.170', '192.167.255.255', '192.169.0.0', '2001:db8::1', '2600::1', 'ff02::1', '64:ff9b::9.9.9.9', '64:ff9b:1::a00:1', '2002:909:909::1',
  ];
  for (const text of innocent) t.false(judge(text), text);
  // A mapped address is read as IPv4 wherever it is a text, but not in an AAAA record.
  const mapped = (last: string): Uint8Array => Buffer.concat([Buffer.alloc(10), Buffer.from('ffff', 'hex'), parseAddress(last)!.octets]);
  t.true(isPrivate(mapped('192.168.1.1'), none));
  t.false(isPrivate(mapped('9.9.9.9'), none));
});

test('names of one’s own may have them', async (t) => {
  const world = await worldWith(t, 'allow corp.example lan');
  t.is(await told(world, addresses('10.0.0.1'), 'A', 'www.corp.example'), 'NOERROR 10.0.0.1');
  t.is(await told(world, addresses('10.0.0.1'), 'A', 'LAN'), 'NOERROR 10.0.0.1');
  t.is(await told(world, addresses('10.0.0.1'), 'A', 'evilcorp.example'), 'REFUSED');
});

test('some private addresses may be fine for every name, however they are written', async (t) => {
  const world = await worldWith(t, 'net 127.0.0.0/8 100.64.0.0/10');
  t.is(await told(world, addresses('127.0.0.2')), 'NOERROR 127.0.0.2');
  t.is(await told(world, addresses('64:ff9b::100.64.0.1'), 'AAAA'), 'NOERROR 64:ff9b::6440:1');
  t.is(await told(world, addresses('10.0.0.1')), 'REFUSED');
});

test('the reason is told to clients that speak EDNS, and once a minute to the log', async (t) => {
  const { upstream, server } = await worldWith(t);
  upstream.answer = () => addresses('10.0.0.1');
  for (const name of ['a.example', 'b.example']) {
    t.deepEqual((await server.ask(name, 'A', { edns: 1232 })).error, { code: 15, text: 'a private address in the answer for a public name' });
  }
  const warnings = server.log.filter(({ level }) => level === 'warning').map(({ line }) => line);
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /rebind: refused a private address for a\.example A; if it is a name of this network, 'allow' it/);
  t.regex(await server.metrics.text('vpndns'), /^vpndns_rebind_refused_total 2$/m);
});

test('the answer may be an empty one, after which clients ask nobody else', async (t) => {
  t.is(await told(await worldWith(t, 'answer nodata'), addresses('10.0.0.1')), 'NOERROR');
});

test('the cache keeps what the upstream said, and each answer from it is judged', async (t) => {
  const { upstream, server } = await worldWith(t, '', 'cache');
  upstream.answer = () => addresses('10.0.0.1');
  for (let n = 0; n < 3; n++) t.is((await server.ask('a.example')).rcode, 'REFUSED');
  t.is(upstream.asked.length, 1);
  await server.reload('. {\nrebind {\nallow a.example\n}\ncache\nscripted\n}');
  t.deepEqual((await server.ask('a.example')).data, ['10.0.0.1']);
  t.is(upstream.asked.length, 1);
});

test('answers of one’s own are not judged', async (t) => {
  const { server } = await worldWith(t, '', 'static {\nrecord nas.example 192.168.1.9\n}\nlocal');
  t.deepEqual((await server.ask('nas.example')).data, ['192.168.1.9']);
  t.deepEqual((await server.ask('localhost')).data, ['127.0.0.1']);
});
