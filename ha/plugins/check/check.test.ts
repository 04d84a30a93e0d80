import test, { type ExecutionContext } from 'ava';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemRuntime } from '../../../core/runtime.js';
import { createTestSite, globalYaml, type TestSite } from '../../../testing/site.js';

/** A site whose VPN has the local address 127.0.0.1 or another. */
async function siteOf(t: ExecutionContext, lines: string, { base = '127.0.0.0', env = systemRuntime().env } = {}): Promise<TestSite> {
  const text = `host1 {\nconfig global.yml local.yml {\nstate STATE\n}\ncheck {\n${lines}\n}\nscripted\n}\n`;
  const global = globalYaml().replace('vpn_local_addr_base: 192.168.1.50', `vpn_local_addr_base: ${base}`);
  return createTestSite(t, { text, global, local: 'local_vpn_check_timeout: 1\n', runtime: { ...systemRuntime(), env } });
}

const check = async (site: TestSite, signal = new AbortController().signal) => (await site.worker())('check', { signal });

/** A DNS server that answers with this rcode, or not at all, from the second query on. */
async function dnsServer(t: ExecutionContext, rcode: number | undefined, after = 0): Promise<{ readonly port: number; readonly clients: string[] }> {
  const socket: Socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.teardown(() => void socket.close());
  await once(socket, 'listening');
  const clients: string[] = [];
  socket.on('message', (query: Buffer, { address, port }) => {
    clients.push(address);
    if (rcode === undefined || clients.length <= after) return;
    // A forged answer to another id comes first.
    const forged = Buffer.from(query);
    forged.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
    query.writeUInt16BE(0x8180 | rcode, 2);
    forged.writeUInt16BE(0x8180, 2);
    socket.send(forged, port, address);
    socket.send(query, port, address);
  });
  return { port: socket.address().port, clients };
}

test('dns: a server that knows the name, or that there is none, is an answer', async (t) => {
  for (const rcode of [0, 3]) {
    const { port, clients } = await dnsServer(t, rcode);
    t.deepEqual(await check(await siteOf(t, `dns example.org @127.0.0.1:${port}`)), { ok: true });
    t.deepEqual(clients, ['127.0.0.1'], 'from the VPN’s local address');
  }
});

test('dns: an error is no answer', async (t) => {
  const { port } = await dnsServer(t, 2);
  t.deepEqual(await check(await siteOf(t, `dns example.org @127.0.0.1:${port}`)), { ok: false, reason: `127.0.0.1:${port}: it answers SERVFAIL` });
});

test('dns: a query that was lost is sent again', async (t) => {
  const { port } = await dnsServer(t, 0, 1);
  const site = await siteOf(t, `dns example.org @127.0.0.1:${port}`);
  await site.write('local.yml', 'local_vpn_check_timeout: 30\n');
  t.deepEqual(await check(site), { ok: true });
});

test('silence is a failure when the time is over', async (t) => {
  const { port } = await dnsServer(t, undefined);
  t.deepEqual(await check(await siteOf(t, `dns example.org @127.0.0.1:${port}`)), { ok: false, reason: `127.0.0.1:${port}: no answer in time` });
});

test('a check that is aborted ends at once', async (t) => {
  const { port } = await dnsServer(t, undefined);
  const site = await siteOf(t, `dns example.org @127.0.0.1:${port}`);
  await site.write('local.yml', 'local_vpn_check_timeout: 3600\n');
  t.like(await check(site, AbortSignal.abort(new Error('it is no longer wanted'))), { ok: false, reason: `127.0.0.1:${port}: it is no longer wanted` });
});

test('of the targets of a line one has to answer, of the lines all', async (t) => {
  const [good, bad] = [await dnsServer(t, 0), await dnsServer(t, 5)];
  t.true((await check(await siteOf(t, `dns example.org @127.0.0.1:${bad.port} @127.0.0.1:${good.port}`))).ok);
  t.false((await check(await siteOf(t, `dns example.org @127.0.0.1:${bad.port}\ndns example.org @127.0.0.1:${good.port}`))).ok);
});

test('an address that is not of this host can not be asked from; any other can', async (t) => {
  const { port } = await dnsServer(t, 0);
  const line = `dns example.org @127.0.0.1:${port}`;
  t.regex((await check(await siteOf(t, line, { base: '192.0.2.0' }))).reason!, /EADDRNOTAVAIL|EINVAL/);
  t.deepEqual(await check(await siteOf(t, `${line}\nsource any`, { base: '192.0.2.0' })), { ok: true });
});

test('http: a status below 400 is an answer', async (t) => {
  const server = createServer(({ url }, response) => response.writeHead(Number(url!.slice(1)), { location: '/200' }).end('page')).listen(0, '127.0.0.1');
  t.teardown(() => void server.close());
  await once(server, 'listening');
  const url = `http://{local}:${(server.address() as AddressInfo).port}`;
  t.deepEqual(await check(await siteOf(t, `http ${url}/200 ${url}/500`)), { ok: true });
  t.deepEqual(await check(await siteOf(t, `http ${url}/302`)), { ok: true });
  t.regex((await check(await siteOf(t, `http ${url}/503`))).reason!, /: status 503$/);
});

test('ping: by the system’s command, from the local address', async (t) => {
  const programs = await createTestSite(t);
  const env = { PATH: `${programs.directory}:/bin:/usr/bin` };
  const site = await siteOf(t, 'ping 192.0.2.1 {anycast}', { env });
  await programs.script('ping', `echo "$*" >> "${programs.directory}/said"; for last; do :; done; [ "$last" = 10.0.0.51 ]`);
  t.deepEqual(await check(site), { ok: true });
  const [from, wait] = process.platform === 'freebsd' ? ['-S', '1000'] : ['-I', '1'];
  t.regex(await programs.read('said'), new RegExp(`^-n -q -c 1 -W ${wait} ${from} 127\\.0\\.0\\.1 10\\.0\\.0\\.51$`, 'm'));
  t.deepEqual(await check(await siteOf(t, 'ping 192.0.2.1', { env })), { ok: false, reason: '192.0.2.1 does not answer a ping' });
});

test('what is to be checked must be said', async (t) => {
  await t.throwsAsync((await siteOf(t, 'source any')).host.check(), { message: /Dynvpnfile:5:1: check: what is to be checked\?/ });
});
