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

async function outcomeOf(t: ExecutionContext, { name, type, listens }: Fault): Promise<Seen> {
  const clock = new TestClock();
  const upstream = await startFaultUpstream({ pass: (ms) => clock.advance(ms), tcp: listens !== 'udp' });
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

for (const fault of faults) {
  test(`${fault.id}: ${fault.what} (${fault.name})`, async (t) => {
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
