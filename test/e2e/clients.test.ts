/** What people ask with: dig, kdig and drill, each with its own reading of the RFCs. */
import test, { type ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { directoryOf, has, run } from './process.js';
import { startVpndns } from './vpndns.js';

/** Too many for a UDP message. */
const manyAddresses = Array.from({ length: 100 }, (_, i) => `2001:db8::${(i + 1).toString(16)}`);

const corefileOn = (addresses: string): string => `. {
  bind ${addresses}
  static {
    record www.example.org 192.0.2.1 2001:db8::1
    record mail.example.org 192.0.2.2
    record many.example.org ${manyAddresses.join(' ')}
  }
  acl secret.example.org {
    block
  }
  acl silent.example.org {
    drop
  }
}
`;

interface Served {
  readonly port: number;
  /** Runs a client; returns what it prints. */
  ask(client: 'dig' | 'kdig' | 'drill', ...words: readonly string[]): Promise<string>;
}

async function serve(t: ExecutionContext, text = corefileOn('127.0.0.1'), address = '127.0.0.1'): Promise<Served> {
  const { port } = await startVpndns(t, text);
  return { port, ask: async (client, ...words) => (await run(client, [`@${address}`, '-p', String(port), ...words])).stdout };
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

test('dig gets addresses over UDP and over TCP', async (t) => {
  if (!has(t, 'dig')) return;
  const { ask } = await serve(t);
  for (const transport of ['+notcp', '+tcp']) {
    const answer = await ask('dig', transport, 'www.example.org', 'A');
    t.regex(answer, /status: NOERROR/);
    t.regex(answer, /flags: qr aa rd ra;/);
    t.regex(answer, /^www\.example\.org\.\s+1\s+IN\s+A\s+192\.0\.2\.1$/m);
    t.regex(answer, transport === '+tcp' ? /\(TCP\)/ : /\(UDP\)/);
  }
  t.regex(await ask('dig', 'WWW.Example.ORG', 'AAAA'), /^;WWW\.Example\.ORG\.\s+IN\s+AAAA$[^]*^WWW\.Example\.ORG\.\s.*2001:db8::1$/m);
  t.is(await ask('dig', '+short', '-x', '192.0.2.1'), 'www.example.org.\n');
});

test('drill gets addresses over UDP and over TCP', async (t) => {
  if (!has(t, 'drill')) return;
  const { ask } = await serve(t);
  for (const transport of ['-u', '-t']) {
    const answer = await ask('drill', transport, 'www.example.org');
    t.regex(answer, /rcode: NOERROR/);
    t.regex(answer, /^www\.example\.org\.\s+1\s+IN\s+A\s+192\.0\.2\.1$/m);
  }
});

test('kdig asks several questions over one connection', async (t) => {
  if (!has(t, 'kdig')) return;
  const { ask } = await serve(t);
  const answers = await ask('kdig', '-d', '+tcp', '+keepopen', 'www.example.org', 'A', 'mail.example.org', 'A', 'www.example.org', 'AAAA');
  t.is(count(answers, /status: NOERROR/g), 3);
  t.is(count(answers, /ANSWER: 1;/g), 3);
});

test('queries pipelined over TCP are all answered', async (t) => {
  if (!has(t, 'dnsperf')) return;
  const { port } = await serve(t);
  const file = join(directoryOf(t), 'queries');
  writeFileSync(file, 'www.example.org A\nwww.example.org AAAA\nmail.example.org A\nmany.example.org AAAA\n'.repeat(500));
  const { stdout } = await run('dnsperf', ['-m', 'tcp', '-s', '127.0.0.1', '-p', String(port), '-d', file, '-n', '1', '-c', '3', '-q', '90']);
  t.regex(stdout, /Queries completed:\s+2000 /);
  t.regex(stdout, /Response codes:\s+NOERROR 2000 /);
});

test('who speaks EDNS gets our OPT, who does not gets none', async (t) => {
  if (!has(t, 'dig')) return;
  const { ask } = await serve(t);
  for (const size of ['512', '1232', '4096']) t.regex(await ask('dig', `+bufsize=${size}`, 'www.example.org'), /EDNS: version: 0, flags:; udp: 1232/);
  t.regex(await ask('dig', '+dnssec', 'www.example.org'), /EDNS: version: 0, flags: do; udp: 1232/);
  t.notRegex(await ask('dig', '+noedns', 'www.example.org'), /EDNS/);
  t.regex(await ask('dig', '+ednsopt=65001:c0ffee', '+subnet=198.51.100.0/24', '+nsid', 'www.example.org'), /status: NOERROR/);
});

test('an unknown version of EDNS is told which one is known', async (t) => {
  if (!has(t, 'dig')) return;
  const { ask } = await serve(t);
  t.regex(await ask('dig', '+edns=1', '+noednsnegotiation', 'www.example.org'), /status: BADVERS[^]*EDNS: version: 0/);
  t.regex(await ask('dig', '+edns=1', 'www.example.org'), /status: NOERROR/, 'dig negotiates');
});

test('a refusal says why', async (t) => {
  if (!has(t, 'dig')) return;
  const { ask } = await serve(t);
  const answer = await ask('dig', 'secret.example.org');
  t.regex(answer, /status: REFUSED/);
  t.regex(answer, /EDE: 18 \(Prohibited\)/);
  t.regex(await ask('dig', '+tries=1', '+timeout=1', 'silent.example.org'), /no servers could be reached/);
});

test('a blocked name says which list blocks it', async (t) => {
  if (!has(t, 'dig')) return;
  const list = join(directoryOf(t), 'ads.txt');
  writeFileSync(list, 'ads.example.net\n');
  const { ask } = await serve(t, `. {\n  bind 127.0.0.1\n  blocklist {\n    file ${list}\n  }\n}\n`);
  const answer = await ask('dig', 'ads.example.net');
  t.regex(answer, /^ads\.example\.net\.\s+1\s+IN\s+A\s+127\.0\.0\.1$/m);
  t.regex(answer, /EDE: 15 \(Blocked\): \(.*ads\.txt.*\)/);
});

test('an answer too large for UDP is truncated, and whole over TCP', async (t) => {
  if (!has(t, 'dig', 'kdig', 'drill')) return;
  const { ask } = await serve(t);
  const cut = await ask('dig', '+ignore', '+bufsize=4096', 'many.example.org', 'AAAA');
  t.regex(cut, /flags: qr aa tc rd ra;.* ANSWER: 0,/);
  for (const client of ['dig', 'kdig', 'drill'] as const) {
    // drill retries when told to fall back.
    const whole = await ask(client, ...(client === 'drill' ? ['-a'] : []), 'many.example.org', 'AAAA');
    t.is(count(whole, /^many\.example\.org\.\s+1\s+IN\s+AAAA\s+2001:db8::/gm), manyAddresses.length, client);
  }
});

test('all clients get answers over IPv6', async (t) => {
  if (!has(t, 'dig', 'kdig', 'drill')) return;
  if (!Object.values(networkInterfaces()).flat().some((each) => each?.address === '::1')) return void t.pass('this machine has no ::1');
  const { ask } = await serve(t, corefileOn('::1'), '::1');
  for (const client of ['dig', 'kdig', 'drill'] as const) t.regex(await ask(client, 'www.example.org', 'A'), /^www\.example\.org\.\s.*192\.0\.2\.1$/m, client);
});

test('what no server of this kind answers is refused or named malformed', async (t) => {
  if (!has(t, 'dig')) return;
  const { ask } = await serve(t);
  t.regex(await ask('dig', 'example.org', 'AXFR'), /Transfer failed/);
  t.regex(await ask('dig', '-c', 'CH', 'version.bind', 'TXT'), /status: REFUSED/);
  t.regex(await ask('dig', '+opcode=NOTIFY', 'example.org', 'SOA'), /opcode: NOTIFY, status: NOTIMP/);
  t.regex(await ask('dig', '+header-only'), /status: FORMERR/);
});
