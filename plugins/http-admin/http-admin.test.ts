import test, { type ExecutionContext } from 'ava';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError, definePlugin, type ApiCall, type PluginInstance } from '../../core/plugin.js';
import { createTestServer, LoopbackHttp, TestServer, type HttpAnswer, type HttpAsking } from '../../testing/index.js';

/** A plugin with calls, in the manner of blocklist. */
const calls: readonly ApiCall<PluginInstance>[] = [
  {
    method: 'POST', path: '/names/add/:name', summary: 'Adds a name', query: { for: 'How long' },
    handle(instances, { params, query }) {
      if (params['name'] === 'not a name') throw new ApiError(400, 'that is no name');
      if (params['name'] === 'there') return { message: 'already exists', failed: true, data: {} };
      return { message: 'added', data: { added: params['name'], for: query['for'] ?? null, instances: instances.length } };
    },
  },
  { method: 'GET', path: '/names/list', summary: 'All names', handle: () => ({ message: 'all', data: { names: [] } }) },
  {
    method: 'GET', path: '/names/broken', summary: 'Fails',
    handle() {
      throw new TypeError('inside');
    },
  },
];
const names = definePlugin({ name: 'names', api: calls, setup: () => ({}) });
const absentCall: ApiCall<PluginInstance> = { method: 'GET', path: '/absent', summary: '', handle: () => ({ message: '', data: {} }) };
const absent = definePlugin({ name: 'absent', api: [absentCall], setup: () => ({}) });

const address = '127.0.0.1:8080';

interface Served {
  readonly server: TestServer;
  call(path: string, asking?: HttpAsking): Promise<HttpAnswer>;
  post(path: string, headers?: HttpAsking['headers']): Promise<HttpAnswer>;
}

async function serve(t: ExecutionContext, properties = '', more = 'names'): Promise<Served> {
  const http = new LoopbackHttp();
  const corefile = `. {\n http-admin {\n ${properties}\n }\n ${more}\n}`;
  const server = await createTestServer(corefile, { plugins: [names, absent], runtime: { sockets: http.sockets } });
  t.teardown(() => server.stop());
  const call: Served['call'] = (path, asking) => http.call(address, path, asking);
  return { server, call, post: (path, headers = {}) => call(path, { method: 'POST', headers }) };
}

test('the calls of every plugin, in one shape', async (t) => {
  const { call, post } = await serve(t, '', 'names\n}\nexample.org {\n names');
  const added = await post('/names/add/ex%61mple.org?for=30m');
  t.is(added.text, `${JSON.stringify({ message: 'added', is_error: 0, data: { added: 'example.org', for: '30m', instances: 2 } }, null, 2)}\n`);
  t.is(added.headers['content-type'], 'application/json; charset=utf-8');
  const again = await post('/names/add/there');
  t.deepEqual([again.status, again.json], [200, { message: 'already exists', is_error: 1, data: {} }]);
  t.is((await call('/names/list', { method: 'HEAD' })).status, 200);
});

const mistakes: readonly (readonly [string, string, number, RegExp])[] = [
  ['GET', '/nowhere', 404, /there is no call \/nowhere/],
  ['GET', '/names/list/more', 404, /there is no call/],
  ['GET', '/names/list/', 404, /there is no call/],
  ['GET', '/Names/list', 404, /there is no call/],
  ['GET', '/../etc/passwd', 404, /there is no call/],
  ['GET', '/absent', 404, /needs the directive absent/],
  ['GET', '/names/add/x', 405, /takes POST, not GET/],
  ['POST', '/names/list', 405, /takes GET, HEAD, not POST/],
  ['OPTIONS', '/names/list', 405, /takes GET, HEAD, not OPTIONS/],
  ['POST', '/names/add/%zz', 400, /percent-encoded/],
  ['POST', '/names/add/%ff', 400, /percent-encoded/],
  ['POST', '/names/add/not%20a%20name', 400, /that is no name/],
  ['POST', '/names/add/x?fro=30m', 400, /has no parameter 'fro'; it has for/],
  ['POST', '/names/add/x?__proto__=1', 400, /has no parameter '__proto__'/],
  ['POST', '/names/add/x?for=1m&for=2m', 400, /stands twice/],
  ['GET', '/names/broken', 500, /the log tells why/],
  ['GET', '/explain', 400, /client=IP and name=NAME are needed/],
  ['GET', '/explain?client=x&name=a', 400, /client: 'x' is no IP address/],
  ['GET', '/explain?client=192.0.2.1&name=a..b', 400, /name: a label is empty/],
  ['GET', '/explain?client=192.0.2.1&name=a&type=NO', 400, /type: 'NO' is no record type/],
  ['GET', '/explain?client=192.0.2.1&name=a&port=x', 400, /port: 'x' is no port/],
  ['GET', '/queries?limit=0', 400, /limit: '0'/],
  ['GET', '/queries?client=x', 400, /client: 'x'/],
];

for (const [method, path, status, message] of mistakes) {
  test(`${method} ${path} is ${status}`, async (t) => {
    const { call } = await serve(t);
    const answer = await call(path, { method });
    t.is(answer.status, status);
    t.regex(answer.json.message, message);
    t.is(answer.json.is_error, 1);
    if (status === 405) t.truthy(answer.headers.allow);
  });
}

test('a token, compared in whole', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'vpncore-'));
  await writeFile(join(directory, 'token'), 'sesame\n');
  const { call } = await serve(t, `token ${directory}/token`);
  const withToken = async (authorization?: string): Promise<number> =>
    (await call('/names/list', { headers: authorization === undefined ? {} : { Authorization: authorization } })).status;
  t.is(await withToken('Bearer sesame'), 200);
  t.is(await withToken('bearer sesame'), 200);
  for (const wrong of [undefined, '', 'Bearer', 'Bearer sesam', 'Bearer sesame2', 'Basic sesame', 'sesame', 'Bearer sesame sesame']) {
    t.is(await withToken(wrong), 401, wrong);
  }
  const refused = await call('/nowhere');
  t.deepEqual([refused.status, refused.headers['www-authenticate']], [401, 'Bearer'], 'a stranger does not learn which calls there are');
  await rm(directory, { recursive: true });
});

test('against DNS rebinding: only names of this server', async (t) => {
  const { call } = await serve(t, 'host Admin.Example.ORG');
  const under = async (host: string): Promise<number> => (await call('/names/list', { headers: { Host: host } })).status;
  const own = ['127.0.0.1', '127.0.0.1:8080', '[::1]:8080', 'localhost', 'LOCALHOST:8080', 'admin.example.org', '203.0.113.9'];
  const foreign = ['attacker.example', 'localhost.attacker.example', 'example.org', '127.0.0.1.attacker.example', 'a@127.0.0.1', '[::1', '127.0.0.1:x'];
  for (const host of own) t.is(await under(host), 200, host);
  for (const host of foreign) t.is(await under(host), 403, host);
});

test('against forged requests: a page of another origin may not POST', async (t) => {
  const { post, call } = await serve(t);
  const from = async (headers: HttpAsking['headers']): Promise<number> => (await post('/names/add/x', headers)).status;
  t.is(await from({}), 200);
  t.is(await from({ Origin: `http://${address}`, 'Sec-Fetch-Site': 'same-origin' }), 200);
  t.is(await from({ 'Sec-Fetch-Site': 'none' }), 200);
  t.is(await from({ Origin: 'http://attacker.example' }), 403);
  t.is(await from({ Origin: 'http://127.0.0.1:9090' }), 403);
  t.is(await from({ Origin: 'null' }), 403);
  t.is(await from({ 'Sec-Fetch-Site': 'cross-site' }), 403);
  t.is(await from({ 'Sec-Fetch-Site': 'same-site' }), 403);
  const read = await call('/names/list', { headers: { Origin: 'http://attacker.example' } });
  t.is(read.headers['access-control-allow-origin'], undefined, 'what a page may send, it may not read');
});

test('read_only and allow', async (t) => {
  const readOnly = await serve(t, 'read_only');
  t.is((await readOnly.post('/names/add/x')).status, 403);
  t.is((await readOnly.call('/names/list')).status, 200);
  t.is((await (await serve(t, 'allow 127.0.0.0/8')).call('/names/list')).status, 200);
  const refused = await (await serve(t, 'allow 192.0.2.0/24')).call('/names/list');
  t.deepEqual([refused.status, refused.json.message], [403, 'your address may not call']);
});

test('what other hosts can reach needs a token or an allow', async (t) => {
  const http = new LoopbackHttp();
  const start = (line: string): Promise<TestServer> => createTestServer(`. {\n ${line}\n}`, { runtime: { sockets: http.sockets } });
  for (const open of ['0.0.0.0:8080', ':8080', '192.0.2.1:8080', '127.0.0.1:8080 [2001:db8::1]:8080']) {
    const error = await t.throwsAsync(start(`http-admin ${open}`));
    t.regex(error.message, /Corefile:2:2: http-admin: .* can be reached from other hosts, .*add 'token FILE' or 'allow CIDR…'/);
  }
  await (await start('http-admin 0.0.0.0:8080 {\n allow 127.0.0.1\n }')).stop();
});

test('a socket in the file system beside the address', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'vpncore-'));
  const { call } = await serve(t, `unix ${directory}/admin.sock`);
  t.is((await call('/names/list')).status, 200);
  t.is((await call('/names/list', { socketPath: `${directory}/admin.sock`, headers: { Host: 'localhost' } })).status, 200);
  await rm(directory, { recursive: true });
});

test('POST /config/reload tells mistakes with their places, and the old configuration goes on', async (t) => {
  const { server, post, call } = await serve(t);
  t.deepEqual((await post('/config/reload')).json, { message: 'reloaded', is_error: 0, data: { generation: 2 } });
  const failed = await server.reload('. {\n nothing\n}');
  t.is(failed.errors.length > 0, true);
  const { status, json } = await post('/config/reload');
  t.deepEqual([status, json.is_error, json.message], [200, 1, 'the old configuration goes on']);
  t.regex((json.data['errors'] as string[])[0]!, /Corefile:2:2: .*nothing/);
  t.is((await call('/names/list')).status, 200);
});

test('a reload that gives up the address is answered all the same', async (t) => {
  let corefile = '. {\n http-admin\n}';
  const http = new LoopbackHttp();
  const directory = await mkdtemp(join(tmpdir(), 'vpncore-'));
  await writeFile(join(directory, 'rest'), 'http-admin\n');
  corefile = `. {\n import ${directory}/rest\n}`;
  const server = await createTestServer(corefile, { runtime: { sockets: http.sockets } });
  await writeFile(join(directory, 'rest'), 'http-admin 127.0.0.1:8081\n');
  const { json } = await http.call(address, '/config/reload', { method: 'POST' });
  t.is(json.message, 'reloaded; this address is not served any more');
  t.is((await http.call('127.0.0.1:8081', '/status')).status, 200);
  await server.stop();
  await rm(directory, { recursive: true });
});

test('GET /config shows all but secrets', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'vpncore-'));
  await writeFile(join(directory, 'token'), 'sesame');
  const { call } = await serve(t, `token ${directory}/token\n allow 127.0.0.1`, 'nxdomain ^bad$\n acl {\n block type AAAA net 192.0.2.0/24\n }');
  const { text, json } = await call('/config', { headers: { Authorization: 'Bearer sesame' } });
  t.false(text.includes('sesame') || text.includes(directory));
  interface Directive {
    readonly at: string;
    readonly options: Record<string, unknown>;
  }
  const { files, blocks } = json.data as { files: string[]; blocks: { addresses: string[]; directives: Directive[] }[] };
  t.regex(files[0]!, /Corefile$/);
  t.deepEqual(blocks.map(({ addresses }) => addresses), [['.']]);
  const [admin, acl, nxdomain] = blocks[0]!.directives;
  t.deepEqual([admin!.options['token'], admin!.options['allow'], admin!.options['args']], ['***', ['127.0.0.1/32'], [['127.0.0.1:8080']]]);
  t.regex(acl!.at, /Corefile:7:2$/);
  const [rule] = acl!.options['rules'] as { kind: string; net: string[]; at: string }[];
  t.deepEqual([rule!.kind, rule!.net], ['block', ['192.0.2.0/24']]);
  t.regex(rule!.at, /Corefile:8:2$/);
  t.deepEqual(nxdomain!.options['args'], ['^bad$']);
  await rm(directory, { recursive: true });
});

test('GET /explain asks every plugin, and sends nothing', async (t) => {
  const { call } = await serve(t, '', 'acl {\n block net 192.0.2.0/24\n }\n whoami');
  const { json } = await call('/explain?client=192.0.2.1&name=www.Example.org&type=AAAA');
  t.is(json.message, 'acl: blocked: REFUSED');
  t.is(json.data['question'], 'www.example.org AAAA from 192.0.2.1');
  const [step] = json.data['steps'] as { plugin: string; final: boolean; at: string }[];
  t.deepEqual([step!.plugin, step!.final], ['acl', true]);
  t.regex(step!.at, /Corefile:6:2$/);
});

test('GET /upstreams tells each group once', async (t) => {
  const { call } = await serve(t, '', 'forward . 192.0.2.53\n}\nexample.org {\n forward . 192.0.2.53 192.0.2.54');
  const { json } = await call('/upstreams');
  t.is(json.message, '2 groups');
  const [first] = json.data['groups'] as { plugin: string; servers: { address: string; healthy: boolean }[] }[];
  t.deepEqual([first!.plugin, first!.servers[0]!.address, first!.servers[0]!.healthy], ['forward', '192.0.2.53:53', true]);
});

test('GET /status', async (t) => {
  const { server, call } = await serve(t, '', 'names\n whoami');
  server.clock.advance(61_000);
  const { data } = (await call('/status')).json;
  t.deepEqual([data['name'], data['generation'], data['uptime_seconds'], data['plugins']], ['vpndns', 1, 61, ['http-admin', 'whoami', 'names']]);
  t.deepEqual([data['listeners'], data['not_ready']], [['http 127.0.0.1:8080'], []]);
  t.true((data['memory'] as { resident: number }).resident > 0);
});

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<Record<string, object>>;
}

interface OpenApi {
  readonly openapi: string;
  readonly info: object;
  readonly security?: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

test('GET /openapi.json describes every call', async (t) => {
  const { call } = await serve(t);
  const { openapi, info, security, paths } = JSON.parse((await call('/openapi.json')).text) as OpenApi;
  t.deepEqual([openapi, info, security], ['3.1.0', { title: 'vpndns', version: 'test' }, undefined]);
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  t.is(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length, 'operation ids are unique');
  for (const { path, method, operation: { parameters, responses } } of operations) {
    t.regex(path, /^(?:\/(?:[\w.]+|\{\w+\}))+$/);
    t.true(['get', 'post'].includes(method));
    const inPath = parameters.filter(({ in: place }) => place === 'path');
    t.deepEqual(inPath.map(({ name }) => `{${name}}`), path.match(/\{\w+\}/g) ?? []);
    t.true(inPath.every(({ required }) => required));
    t.true('200' in responses && 'default' in responses);
  }
  const known = ['/names/add/{name}', '/config', '/config/reload', '/explain', '/queries', '/upstreams', '/status', '/cache/flush', '/absent'];
  for (const path of known) t.true(path in paths, path);
});
