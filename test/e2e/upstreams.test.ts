/** unbound and dnsmasq as the resolvers behind two VPNs: each client gets what its own one says, and nothing else. */
import test, { type ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFaultUpstream } from '../../testing/index.js';
import { forwardingDnsmasq, forwardingUnbound, unboundWith, type PeerServer } from './peers.js';
import { directoryOf, freePort, has, run, Running } from './process.js';
import { startVpndns } from './vpndns.js';

/** Three pieces of a TXT record, 750 octets, and two records of them: too large for UDP. */
const largeText = (first: string): string => Array.from({ length: 3 }, (_, i) => `"${first}${i}${'x'.repeat(248)}"`).join(' ');

async function startUnbound(t: ExecutionContext): Promise<PeerServer> {
  const unbound = await unboundWith(t,
    'local-zone: "example." static',
    'local-data: "example. 60 IN SOA ns.example. root.example. 1 3600 600 86400 30"',
    'local-data: "www.example. 60 IN A 10.0.0.33"',
    `local-data: 'large.example. 60 IN TXT ${largeText('a')}'`,
    `local-data: 'large.example. 60 IN TXT ${largeText('b')}'`,
    'local-data: "service.example. 60 IN SVCB 1 www.example. alpn=h2 port=8443"',
    String.raw`local-data: "odd.example. 60 IN TYPE65280 \# 4 0a000001"`,
  );
  await answers(unbound.process, unbound.port);
  return unbound;
}

async function startDnsmasq(t: ExecutionContext): Promise<PeerServer> {
  const port = await freePort();
  const process = new Running(t, 'dnsmasq', [
    '--keep-in-foreground', '--conf-file=/dev/null', `--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', '--user=', '--pid-file=',
    '--no-resolv', '--no-hosts', '--local-ttl=60', '--local=/example/', '--host-record=www.example,10.0.0.34',
  ]);
  await answers(process, port);
  return { port, process };
}

/** Waits until a server answers. */
const answers = (process: Running, port: number): Promise<void> =>
  process.until(async () => (await dig(port, '+tries=1', '+timeout=1', 'www.example')).includes('status: NOERROR'), 'it answered');

const dig = async (port: number, ...words: readonly string[]): Promise<string> => (await run('dig', ['@127.0.0.1', '-p', String(port), ...words])).stdout;

/** Clients in 127.0.0.33 leave by unbound, those in 127.0.0.34 by dnsmasq. */
const corefileOf = (unbound: number, dnsmasq: number): string => `. {
  bind 127.0.0.1
  cache
  source-policy-forward {
    from 127.0.0.33 to 127.0.0.1:${unbound}
    from 127.0.0.34 to 127.0.0.1:${dnsmasq}
  }
}
`;

test('each client gets the answer of its own VPN, first and from the cache', async (t) => {
  if (!has(t, 'dig', 'unbound', 'dnsmasq')) return;
  const [unbound, dnsmasq] = [await startUnbound(t), await startDnsmasq(t)];
  const { port } = await startVpndns(t, corefileOf(unbound.port, dnsmasq.port));
  for (let round = 0; round < 3; round++) {
    t.is(await dig(port, '-b', '127.0.0.33', '+short', 'www.example'), '10.0.0.33\n');
    t.is(await dig(port, '-b', '127.0.0.34', '+short', 'www.example'), '10.0.0.34\n');
    t.regex(await dig(port, '-b', '127.0.0.35', 'www.example'), /status: REFUSED/);
  }
});

test('when a VPN is down its clients get no answer, never that of another', async (t) => {
  if (!has(t, 'dig', 'unbound', 'dnsmasq')) return;
  const [unbound, dnsmasq] = [await startUnbound(t), await startDnsmasq(t)];
  const { port } = await startVpndns(t, corefileOf(unbound.port, dnsmasq.port));
  dnsmasq.process.signal('SIGTERM');
  await dnsmasq.process.ended();
  const answer = await dig(port, '+timeout=10', '-b', '127.0.0.34', 'www.example');
  t.regex(answer, /status: SERVFAIL/);
  t.regex(answer, /EDE: 22 \(No Reachable Authority\)/);
  t.is(await dig(port, '-b', '127.0.0.33', '+short', 'www.example'), '10.0.0.33\n');
});

test('what an upstream says arrives whole, whatever its type and size', async (t) => {
  if (!has(t, 'dig', 'unbound')) return;
  const unbound = await startUnbound(t);
  const { port } = await startVpndns(t, corefileOf(unbound.port, unbound.port));
  const ask = (...words: readonly string[]): Promise<string> => dig(port, '-b', '127.0.0.33', ...words);
  t.regex(await ask('nothing.example'), /status: NXDOMAIN[^]*^example\.\s+30\s+IN\s+SOA/m);
  t.regex(await ask('www.example', 'MX'), /status: NOERROR[^]* ANSWER: 0,/);
  t.regex(await ask('service.example', 'SVCB'), /SVCB\s+1 www\.example\. alpn="h2" port=8443/);
  t.regex(await ask('odd.example', 'TYPE65280'), /TYPE65280\s+\\# 4 0A000001/);
  t.regex(await ask('+ignore', 'large.example', 'TXT'), /flags: qr tc rd ra;/);
  const large = await ask('large.example', 'TXT');
  t.regex(large, /\(TCP\)/);
  t.regex(large, /a2x{248}/);
  t.regex(large, /b2x{248}/);
});

test('unbound and dnsmasq behind which it is the upstream get the answers of their clients\' names, blocked ones too', async (t) => {
  if (!has(t, 'dig', 'unbound', 'dnsmasq')) return;
  const upstream = await startFaultUpstream();
  t.teardown(() => upstream.close());
  const list = join(directoryOf(t), 'ads.txt');
  writeFileSync(list, 'ads.example.net\n');
  const vpndns = await startVpndns(t, `. {\nbind 127.0.0.1\nblocklist {\nfile ${list}\n}\ncache\nforward . ${upstream.endpoint}\n}\n`);
  for (const { port, process } of [await forwardingUnbound(t, vpndns.port), await forwardingDnsmasq(t, vpndns.port)]) {
    await answers(process, port);
    t.is(await dig(port, '+short', 'www.example'), '192.0.2.1\n');
    t.is(await dig(port, '+short', 'ads.example.net'), '127.0.0.1\n');
    t.regex(await dig(port, 'www.example', 'MX'), /status: NOERROR[^]* ANSWER: 0,/);
  }
});
