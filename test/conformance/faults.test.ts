/** The table of the fault upstream, over real sockets: what a client sees of each fault, how often the upstream is asked, and what is remembered. */
import test, { type ExecutionContext } from 'ava';
import { surveyResponse } from '../../core/wire/survey.js';
import { textOfRecords } from '../../core/wire/text.js';
import { rcodeText } from '../../core/wire/types.js';
import {
  closedPort, createTestServer, encodeQuestion, faults, startFaultUpstream, TestClock, type Fault, type FaultOutcome,
} from '../../testing/index.js';

/** Records of the answer section as a zone file has them, without owner and class. */
const answersIn = (bytes: Buffer): string[] =>
  textOfRecords(bytes, surveyResponse(bytes)!).slice(0, bytes.readUInt16BE(6)).map((line) => line.replace(/^\S+ (\d+) IN /, '$1 '));

async function cachedBy(metrics: { text(namespace: string): Promise<string> }): Promise<number> {
  const samples = [...(await metrics.text('')).matchAll(/^cache_entries\{.*\} (\d+)$/gm)];
  return samples.reduce((sum, [, count]) => sum + Number(count), 0);
}

interface Seen {
  readonly outcome: FaultOutcome & { readonly answers: readonly string[] };
  readonly bytes: Buffer;
}

/** Lets time pass in small steps, so that what is sent meanwhile arrives meanwhile. */
async function passing(clock: TestClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    clock.advance(Math.min(left, 50));
    await new Promise(setImmediate);
  }
}

async function outcomeOf(t: ExecutionContext, { name, type, listens }: Fault): Promise<Seen> {
  const clock = new TestClock();
  const upstream = await startFaultUpstream({ pass: (ms) => passing(clock, ms), tcp: listens !== 'udp' });
  const to = listens === 'nowhere' ? `127.0.0.1:${await closedPort()}` : upstream.endpoint;
  const server = await createTestServer(`. {\ncache\nforward . ${to} {\nprefer_udp\n}\n}`, { clock });
  t.teardown(async () => {
    await server.stop();
    await upstream.close();
  });
  const bytes = await server.send(encodeQuestion(name, type, 1, { edns: 1232 }), { transport: 'tcp' }) ?? t.fail('silence');
  const sends = (transport: string): number => upstream.received.filter((query) => query.name === name && query.transport === transport).length;
  const rcode = rcodeText(surveyResponse(bytes)!.rcode);
  return { outcome: { rcode, answers: answersIn(bytes), udp: sends('udp'), tcp: sends('tcp'), cached: await cachedBy(server.metrics) }, bytes };
}

/** What else a row shows: of conformance (C), attacks (A), and the pitfalls of dns-packet (P). */
const shows: Readonly<Record<string, string>> = {
  U01: 'C63 A07 A13', U02: 'C63 A04', U03: 'C63 A13', U04: 'C63 A13', U05: 'C63 A13', U06: 'C63 A03 A09', U07: 'C66', U08: 'C55 A43', U10: 'C74 A39',
  U15: 'C73', U16: 'C80', U17: 'P22', U18: 'C83', U19: 'A20 A21 P3 P9', U20: 'P5 P6', U21: 'C82 A39', U22: 'A12', U23: 'C69 C70 C71', U24: 'C68',
  U25: 'C19 P18', U26: 'C18', U27: 'C81 P19 P22', U28: 'C80 P20', U31: 'A14', U32: 'A26', U33: 'C83', U34: 'C06', U38: 'A07',
};

for (const fault of faults) {
  test(`${fault.id}${shows[fault.id] === undefined ? '' : ` ${shows[fault.id]}`}: ${fault.what} (${fault.name})`, async (t) => {
    const { outcome, bytes } = await outcomeOf(t, fault);
    const { answers } = fault.outcome;
    t.deepEqual({ ...outcome, answers: typeof answers === 'number' ? outcome.answers.length : outcome.answers }, fault.outcome);
    t.is(bytes.readUInt16BE(2) & 0x0660, 0, 'neither AA nor TC, Z or AD');
    t.true(surveyResponse(bytes)!.records.every(({ ttlAt }) => bytes[ttlAt]! < 0x80), 'no TTL has its top bit set');
  });
}

test('the table has every behaviour from U01 to U40', (t) => {
  const wanted = Array.from({ length: 40 }, (_, i) => `U${String(i + 1).padStart(2, '0')}`);
  t.deepEqual([...new Set(faults.map(({ id }) => id))].sort(), wanted);
  t.is(new Set(faults.map(({ name }) => name)).size, faults.length);
});
