/** Every message of the table in README.md gets what the table says, whichever way it comes. */
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closedPort, createTestServer, decodeAnswer, TestClock } from '../testing/index.js';
import { parseAddress } from './address.js';
import { readConfiguration } from './configuration.js';
import { createDnsHost } from './dns.js';
import { limits } from './limits.js';
import { createLogger } from './log.js';
import { Metrics } from './metrics.js';
import { nameFromText } from './name.js';
import { definePlugin } from './plugin.js';
import { createReply } from './reply.js';
import { systemRuntime } from './runtime.js';
import { Deframer, frame } from './wire/frame.js';
import { surveyResponse } from './wire/survey.js';

/** A row of the table; an RCODE, or `silence`, or `close`. */
interface Row {
  readonly message: string;
  readonly octets: Buffer;
  readonly udp: string;
  readonly tcp: string;
}

/** This file runs in `dist/core/`; what it reads is beside its source. */
const readme = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../core/README.md'), 'utf8');

/** `beef 0100 N 61*64` as octets. */
function octetsOf(text: string): Buffer {
  const words = text.split(' ').filter((word) => word !== '').map((word) => {
    if (word === 'N') return Buffer.from(nameFromText('www.example.org'), 'latin1');
    const [hex = '', times = '1'] = word.split('*');
    return Buffer.from(hex.repeat(Number(times)), 'hex');
  });
  return Buffer.concat(words);
}

function readTable(): Row[] {
  const lines = readme.slice(readme.indexOf('| message |')).split('\n');
  const cells = lines.slice(2, lines.indexOf('')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  return cells.map(([message, octets, udp, tcp]) => ({ message: message!, octets: octetsOf(octets!.replaceAll('`', '')), udp: udp!, tcp: tcp! }));
}

const rows = readTable();
const corefile = 'example.org { probe }';
/** Answers everything, with nothing. */
const probe = definePlugin({
  name: 'probe',
  setup: (_options, { block }) => block.hooks.query.tap('probe', () => createReply(0, 'probe')),
});

test('the table is read whole', (t) => {
  t.true(rows.length > 50);
  t.is(new Set(rows.map(({ message }) => message)).size, rows.length);
  for (const { message, octets, udp, tcp } of rows) {
    t.is(octets.toString('hex').length, 2 * octets.length, message);
    for (const verdict of [udp, tcp]) t.regex(verdict, /^(NOERROR|FORMERR|NOTIMP|REFUSED|BADVERS|silence|close)$/, message);
    t.is(tcp, udp === 'silence' ? 'close' : udp, `${message}: one way in, one judgement`);
  }
});

for (const { message, octets, udp } of rows) {
  test(`${message}: ${udp}`, async (t) => {
    const server = await createTestServer(corefile, { plugins: [probe] });
    t.teardown(() => server.stop());
    const [reply, overTcp] = [await server.send(octets), await server.send(octets, { transport: 'tcp' })];
    const count = async (rcode: string): Promise<string | undefined> =>
      new RegExp(`^malformed_queries_total{rcode="${rcode}"} (\\d+)$`, 'm').exec(await server.metrics.text(''))?.[1];
    if (udp !== 'NOERROR') t.is(await count(udp === 'silence' ? 'dropped' : udp), '2');
    t.is(reply && decodeAnswer(reply).rcode, udp === 'silence' ? undefined : udp);
    if (reply === undefined || udp === 'NOERROR') return;
    t.deepEqual(reply, overTcp);
    t.is(reply.readUInt16BE(0), octets.readUInt16BE(0), 'the id comes back');
    t.is(reply.readUInt16BE(2) & 0xf910, 0x8000 | (octets.readUInt16BE(2) & 0x7910), 'it is a response with the opcode, RD and CD of the query');
    t.true(reply.length <= octets.length, 'nothing is won by forging its sender');
  });
}

/** A server on real sockets; returns its port. */
async function listen(t: ExecutionContext): Promise<number> {
  const [clock, port] = [new TestClock(), await closedPort()];
  const { host, server } = createDnsHost({
    name: 'vpndns', version: 'test', runtime: { ...systemRuntime(), clock }, log: createLogger(() => undefined, clock), metrics: new Metrics(),
    defaultPort: port, interfaces: () => new Map([['lo', [parseAddress('127.0.0.1')!]]]),
    read: () => readConfiguration([probe], { file: resolve('Corefile'), text: corefile, env: {} }),
  });
  await host.start();
  t.teardown(async () => {
    await host.stop();
    server.close();
  });
  return port;
}

const marker = octetsOf('aaaa 0100 0001 0000 0000 0000 N 0001 0001');

test('the same over real datagrams', async (t) => {
  const port = await listen(t);
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  t.teardown(() => void socket.close());
  for (const { message, octets, udp } of rows) {
    // Datagrams to one socket of this host stay in order: what is answered is answered before the marker.
    const answers: Buffer[] = [];
    const done = new Promise<void>((all) => {
      socket.on('message', (answer) => {
        if (answer.readUInt16BE(0) === 0xaaaa) all();
        else answers.push(answer);
      });
    });
    socket.send(octets);
    socket.send(marker);
    await done;
    socket.removeAllListeners('message');
    t.deepEqual(answers.map((answer) => decodeAnswer(answer).rcode), udp === 'silence' ? [] : [udp], message);
  }
});

test('the same over real connections', async (t) => {
  const port = await listen(t);
  for (const { message, octets, tcp } of rows) {
    const socket = connect(port, '127.0.0.1');
    const deframer = new Deframer();
    const answers: Buffer[] = [];
    socket.on('data', (segment) => answers.push(...deframer.push(segment as Buffer)));
    // What is answered ends when we have said that we are done; what is not, by itself.
    if (tcp === 'close') socket.write(frame(octets));
    else socket.end(frame(octets));
    await once(socket, 'close');
    t.deepEqual(answers.map((answer) => decodeAnswer(answer).rcode), tcp === 'close' ? [] : [tcp], message);
  }
});

const changes = fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 4 });

/** Any octets, and messages of the table with some octets changed, added or cut off. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.tuple(fc.constantFrom(...rows.map(({ octets }) => octets)), changes, fc.nat(300), fc.uint8Array({ maxLength: 30 }))
    .map(([bytes, replaced, length, more]) => {
      const changed = Buffer.concat([bytes, more]).subarray(0, Math.max(12, length));
      const copy = Buffer.from(changed);
      for (const [at, octet] of replaced) if (at < copy.length) copy[at] = octet;
      return copy;
    }),
);

test('whatever comes gets one well-formed answer or silence, and breaks nothing', async (t) => {
  const directives = [
    'log', 'errors', 'ratelimit 1000000', 'acl { block type TXT }', 'any', 'loop', 'static { record www.example.org 192.0.2.1 }', 'local',
    'nxdomain xn--', 'rebind', 'whoami', 'cache',
  ];
  const server = await createTestServer(`. {\n${directives.join('\n')}\n}`);
  t.teardown(() => server.stop());
  await fc.assert(fc.asyncProperty(hostile, fc.constantFrom('udp', 'tcp'), async (octets, transport) => {
    const bytes = Buffer.from(octets);
    // Time goes by: of those that are refused, so many a second are answered.
    server.clock.advance(1_000);
    const reply = await server.send(bytes, { transport });
    t.is(reply === undefined, bytes.length < 12 || (bytes[2]! & 0x80) !== 0, bytes.toString('hex'));
    if (reply === undefined) return;
    t.deepEqual(reply.subarray(0, 2), bytes.subarray(0, 2));
    t.true((reply[2]! & 0x80) !== 0);
    if (transport === 'udp') t.true(reply.length <= limits.udpPayloadOctets);
    if (reply.readUInt16BE(4) === 1) t.not(surveyResponse(reply), undefined, bytes.toString('hex'));
    else t.is(reply.length, 12);
  }), { numRuns: 2000 });
  t.notRegex(await server.metrics.text(''), /^panics_total/m);
});
