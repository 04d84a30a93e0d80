/** The administrator's calls, against a site that runs. */
import test, { type ExecutionContext } from 'ava';
import { request } from 'node:http';
import { freePorts } from '../../ha/demo/ports.js';
import type { TestSite } from '../../testing/site.js';
import { createLiveSite, until } from './live.js';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

interface Made {
  readonly site: TestSite;
  call(method: string, path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

async function makeSite(t: ExecutionContext, properties = ''): Promise<Made> {
  const [port, api] = await freePorts(2) as [number, number];
  const site = await createLiveSite(t, { site: 'a', ports: new Map([['a', port]]), directives: `http-api 127.0.0.1:${api} {\n${properties}\n}` });
  await site.host.start();
  await until(() => site.statuses['dynvpn1'] === 'Online' && site.statuses['dynvpn2'] === 'Online');
  return {
    site,
    call: (method, path, headers = {}) => new Promise((resolve, reject) => {
      const asking = request({ host: '127.0.0.1', port: api, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part)).once('end', () =>
          resolve({ status: response.statusCode!, text, get json() { return JSON.parse(text) as Answer['json']; } }));
      });
      asking.once('error', reject).end();
    }),
  };
}

test('a command is answered when it is done', async (t) => {
  const { site, call } = await makeSite(t);
  t.deepEqual((await call('POST', '/vpn/set_offline/dynvpn1')).json, {});
  t.deepEqual([site.statuses['dynvpn1'], site.drivers.sessions.has('dynvpn1'), site.drivers.routes.has('dynvpn1')], ['Offline', false, false]);
  t.is((await call('POST', '/vpn/set_offline/dynvpn1')).text, '{}\n', 'it is so already');
  t.deepEqual((await call('POST', '/vpn/set_online/dynvpn1')).json, {});
  t.true(site.drivers.routes.has('dynvpn1'));
  t.deepEqual((await call('POST', '/vpn/restart/dynvpn1')).json, {});
  t.is(site.statuses['dynvpn1'], 'Online');
  t.deepEqual((await call('POST', '/vpn/set_replica/dynvpn1')).json, {}, 'and if nobody else is there to take it, it comes back');
});

test('a command that makes no sense is refused, and says why', async (t) => {
  const { call } = await makeSite(t);
  const unknown = await call('POST', '/vpn/set_online/dynvpn9');
  t.is(unknown.status, 404);
  t.is(unknown.json['error'], 'there is no VPN dynvpn9 at a; there is dynvpn1, dynvpn2');
  t.is((await call('POST', '/set_replica_mode/Perhaps')).status, 400);
  t.deepEqual((await call('POST', '/set_replica_mode/Disabled')).json, {});
  t.is((await call('POST', '/vpn/set_replica/dynvpn1')).status, 409);
  await call('POST', '/vpn/set_offline/dynvpn1');
  t.is((await call('POST', '/vpn/restart/dynvpn1')).status, 409);
  t.is((await call('GET', '/vpn/set_online/dynvpn1')).status, 405);
  t.is((await call('POST', '/node_state')).status, 405);
  t.is((await call('GET', '/nothing')).status, 404);
  t.is((await call('POST', '/vpn/set_online/%zz')).status, 400);
});

test('a command that takes too long is answered with how far it is', async (t) => {
  const { site, call } = await makeSite(t, '    wait 300ms');
  site.drivers.answers.set('check', { ok: false, reason: 'it is to fail' });
  const answer = await call('POST', '/vpn/restart/dynvpn1');
  t.is(answer.status, 202);
  t.regex(String(answer.json['under_way']), /^dynvpn1 is Pending: /);
});

test('a command that can not succeed says why, and what is stuck says so', async (t) => {
  const { site, call } = await makeSite(t);
  site.drivers.answers.set('removeRoute', { ok: false, reason: 'it is to fail' });
  const answer = await call('POST', '/vpn/set_offline/dynvpn1');
  t.is(answer.status, 409);
  t.regex(String(answer.json['error']), /dynvpn1 is stuck: its route does not go away/);
  t.true(site.drivers.sessions.has('dynvpn1'), 'the session goes only after the route');
});

test('the states are shown in the shape of the predecessor, and in full', async (t) => {
  const { call } = await makeSite(t);
  t.deepEqual((await call('GET', '/node_state')).json, {
    id: 'a', replica_mode: 'Auto', state: { a: { id: 'a', vpn: { dynvpn1: 'Online', dynvpn2: 'Online' } } },
  });
  const full = (await call('GET', '/debug_state')).json;
  t.is(full['site'], 'a');
  t.is(typeof full['state'], 'object');
});

test('what happened is told, all of it or from some event on', async (t) => {
  const { call } = await makeSite(t);
  await call('POST', '/vpn/set_offline/dynvpn1');
  const { events } = (await call('GET', '/events')).json as unknown as { readonly events: readonly { readonly n: number; readonly text: string }[] };
  t.true(events.some(({ text }) => text.startsWith('dynvpn1: Online → Offline')));
  t.deepEqual((await call('GET', `/events?since=${events.at(-1)!.n}`)).json, { events: [] });
  t.is((await call('GET', '/events?since=x')).status, 400);
});

test('events are told live', async (t) => {
  const { site, call } = await makeSite(t);
  const following = call('GET', '/events', { Accept: 'text/event-stream' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await call('POST', '/vpn/set_offline/dynvpn2');
  await site.host.stop();
  t.regex((await following).text, /^id: \d+\ndata: \{.*dynvpn2: Online → Offline/m);
});

test('shutdown takes everything down before it answers', async (t) => {
  const { site, call } = await makeSite(t);
  t.deepEqual((await call('POST', '/shutdown')).json, {});
  t.deepEqual([site.drivers.sessions.size, site.drivers.routes.size], [0, 0]);
  await site.runner.left;
  t.is((await call('POST', '/vpn/set_online/dynvpn1')).status, 409);
});

test('a page of another origin, another name, or a caller without the token changes nothing', async (t) => {
  const { site, call } = await makeSite(t);
  t.is((await call('POST', '/shutdown', { Origin: 'http://evil.example' })).status, 403);
  t.is((await call('POST', '/shutdown', { Host: 'evil.example' })).status, 403);
  t.is(site.statuses['dynvpn1'], 'Online');
});
