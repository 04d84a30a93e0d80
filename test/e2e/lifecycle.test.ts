/** Start, reload and stop, as systems and their administrators see them. */
import test from 'ava';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { directoryOf, freePort, has, run, Running, until } from './process.js';
import { runVpndns, startVpndns } from './vpndns.js';

const corefileWith = (address: string): string => `. {\n  bind 127.0.0.1\n  static {\n    record www.example.org ${address}\n  }\n}\n`;

const dig = async (port: number, ...words: readonly string[]): Promise<string> => (await run('dig', ['@127.0.0.1', '-p', String(port), ...words])).stdout;

for (const signal of ['SIGHUP', 'SIGUSR1'] as const) {
  test(`${signal} reloads the configuration, and no query under way is lost`, async (t) => {
    if (!has(t, 'dig', 'dnsperf')) return;
    const server = await startVpndns(t, corefileWith('192.0.2.0'));
    const file = join(directoryOf(t), 'queries');
    writeFileSync(file, 'www.example.org A\nwww.example.org AAAA\n');
    const load = run('dnsperf', ['-s', '127.0.0.1', '-p', String(server.port), '-d', file, '-l', '5', '-Q', '2000', '-c', '4']);
    for (let generation = 1; generation <= 5; generation++) {
      server.configure(corefileWith(`192.0.2.${generation}`));
      server.signal(signal);
      await until(async () => (await dig(server.port, '+short', 'www.example.org')) === `192.0.2.${generation}\n`, () => `generation ${generation}`);
    }
    const { stdout } = await load;
    t.regex(stdout, /Queries lost:\s+0 /);
    const [, completed] = /Queries completed:\s+(\d+)/.exec(stdout)!;
    t.regex(stdout, new RegExp(`Response codes:\\s+NOERROR ${completed} \\(100`));
  });
}

test('a reload with a mistake is reported and changes nothing', async (t) => {
  if (!has(t, 'dig')) return;
  const server = await startVpndns(t, corefileWith('192.0.2.1'));
  server.configure('. {\n  statik\n}\n');
  server.signal('SIGHUP');
  await server.prints(/Corefile:2:3: .*statik/);
  t.is(await dig(server.port, '+short', 'www.example.org'), '192.0.2.1\n');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends the server after what is under way is answered`, async (t) => {
    if (!has(t, 'dig')) return;
    const upstream = createSocket('udp4').bind(0, '127.0.0.1');
    t.teardown(() => void upstream.close());
    await once(upstream, 'listening');
    const server = await startVpndns(t, `. {\n  bind 127.0.0.1\n  forward . 127.0.0.1:${upstream.address().port}\n}\n`);
    const answer = dig(server.port, '+tries=1', '+timeout=10', 'slow.example.org');
    const [query, { port }] = await once(upstream, 'message') as [Buffer, { readonly port: number }];
    server.signal(signal);
    await server.prints(new RegExp(`${signal}: stopping`));
    // NXDOMAIN: the query again, with other flags and without its OPT.
    query.writeUInt16BE(0x8183, 2);
    query.writeUInt16BE(0, 10);
    upstream.send(query.subarray(0, query.length - 11), port, '127.0.0.1');
    t.regex(await answer, /status: NXDOMAIN/);
    t.is(await server.ended(), 0);
    t.regex(server.output, /stopped\n$/);
  });
}

test('a port that is taken is one line and exit code 1', async (t) => {
  const port = await freePort();
  const holder = createSocket('udp4').bind(port, '127.0.0.1');
  t.teardown(() => void holder.close());
  await once(holder, 'listening');
  const { code, stdout, stderr } = await runVpndns(t, corefileWith('192.0.2.1'), port);
  t.is(code, 1);
  t.regex(stderr, new RegExp(`^vpndns: .*127\\.0\\.0\\.1:${port}.*in use.*\\n$`));
  t.is(stdout, '');
});

test('all mistakes of a Corefile are reported, and nothing starts', async (t) => {
  const { code, stdout, stderr } = await runVpndns(t, '. {\n  cache {\n    servfail soon\n  }\n  statik\n  forward . 1.2.3\n}\n', await freePort());
  t.is(code, 1);
  for (const place of ['3:14: cache:', '5:3: ', '6:13: forward:']) t.true(stderr.includes(`Corefile:${place}`), `${place} in:\n${stderr}`);
  t.regex(stderr, /did you mean 'static'\?/);
  t.regex(stderr, /vpndns: 3 mistakes; nothing was started\n$/);
  t.is(stdout, '');
});

test('systemd hears when the server is up, reloads and stops', async (t) => {
  if (!has(t, 'socat', 'systemd-notify')) return;
  const path = join(directoryOf(t), 'notify');
  const systemd = new Running(t, 'socat', ['-u', `UNIX-RECV:${path}`, 'STDOUT']);
  await systemd.until(() => existsSync(path), 'it opened its socket');
  const server = await startVpndns(t, corefileWith('192.0.2.1'), { NOTIFY_SOCKET: path });
  await systemd.prints(/READY=1/);
  server.signal('SIGHUP');
  await systemd.prints(/READY=1[^]*RELOADING=1\nMONOTONIC_USEC=\d+[^]*READY=1/);
  server.signal('SIGTERM');
  await systemd.prints(/STOPPING=1/);
  t.is(await server.ended(), 0);
});

test('a reader who has seen enough ends a command without a word', async (t) => {
  const command = fileURLToPath(new URL('../../vpndns/vpndns.js', import.meta.url));
  const child = spawn(process.execPath, [command, '--plugins'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const [code] = await once(child, 'close') as [number];
  t.deepEqual({ code, complaints }, { code: 0, complaints: '' });
});
