import test, { type ExecutionContext } from 'ava';
import packet from 'dns-packet';
import { createTestServer, type TestServer } from '../testing/index.js';
import { limits } from './limits.js';
import { definePlugin } from './plugin.js';
import { nameFromText } from './name.js';
import { createReply, upstreamReply, type Reply } from './reply.js';
import type { DnsHooks } from './hooks.js';
import type { Query } from './query.js';
import { surveyResponse } from './wire/survey.js';

/** A server with one plugin that taps as told. */
async function serverWith(t: ExecutionContext, tap: (hooks: DnsHooks) => void, corefile = '. {\nprobe\n}'): Promise<TestServer> {
  const probe = definePlugin({ name: 'probe', setup: (_options, { block }) => tap(block.hooks) });
  const server = await createTestServer(corefile, { plugins: [probe] });
  t.teardown(() => server.stop());
  return server;
}

const answer = createReply(0, 'probe', { answers: 1, body: Buffer.from('c00c00010001000000050004c0000201', 'hex') });

/** An upstream's answer to this query: 192.0.2.1 for 300 seconds. */
function fromUpstream(query: Query): Reply {
  const message = packet.encode({
    type: 'response', questions: [{ type: 'A', name: query.text }], answers: [{ type: 'A', name: query.text, ttl: 300, data: '192.0.2.1' }],
  });
  return upstreamReply(message, surveyResponse(message)!, 'probe', false);
}

const counted = async (server: TestServer, metric: string): Promise<string[]> =>
  (await server.metrics.text('')).split('\n').filter((line) => line.startsWith(metric) && !line.endsWith(' 0'));

test('the block with the longest matching zone serves a query', async (t) => {
  const serve = (zone: string, address: string): string =>
    `${zone} {\nstatic {\nrecord www.corp.example.org ${address}\nrecord example.org ${address}\n}\n}\n`;
  const server = await createTestServer(serve('example.org', '192.0.2.1') + serve('corp.example.org', '192.0.2.2'));
  t.teardown(() => server.stop());
  t.deepEqual((await server.ask('www.CORP.example.org')).data, ['192.0.2.2']);
  t.deepEqual((await server.ask('example.org')).data, ['192.0.2.1']);
  t.is((await server.ask('www.example.com')).rcode, 'REFUSED');
});

test('nobody’s query is refused, and says why', async (t) => {
  const server = await serverWith(t, () => undefined);
  t.deepEqual((await server.ask('www.example.org', 'A', { edns: 1232 })).error, { code: 20, text: 'no plugin answers this query' });
});

test('without RD only what is known here is answered: nobody is asked', async (t) => {
  let asked = 0;
  const server = await serverWith(t, ({ query, resolve }) => {
    query.tap('probe', ({ type }) => (type === 16 ? createReply(0, 'probe') : undefined));
    resolve.tap('probe', (_query, callback) => {
      asked++;
      callback(answer);
    });
  });
  t.is((await server.ask('www.example.org', 'TXT', { recursionDesired: false })).rcode, 'NOERROR');
  const refusal = await server.ask('www.example.org', 'A', { recursionDesired: false, edns: 1232 });
  t.is(refusal.rcode, 'REFUSED');
  t.is(refusal.error?.code, 20);
  t.is(asked, 0);
});

test('an answer from memory leaves in the same turn of the event loop', async (t) => {
  const server = await serverWith(t, ({ query }) => query.tap('probe', () => answer));
  let turns = 0;
  const asked = server.ask('www.example.org').then(() => turns);
  setImmediate(() => turns++);
  t.is(await asked, 0);
});

test('what an upstream said passes fetched and inspect; what plugins say by themselves passes neither', async (t) => {
  const passed: string[] = [];
  const server = await serverWith(t, ({ query, resolve, fetched, inspect, done }) => {
    query.tap('probe', ({ type }) => (type === 16 ? createReply(0, 'probe') : undefined));
    resolve.tap('probe', (asked, callback) => callback(fromUpstream(asked)));
    fetched.tap('probe', (reply) => (passed.push('fetched'), reply));
    inspect.tap('probe', (reply) => (passed.push('inspect'), reply));
    done.tap('probe', ({ sent }, reply) => passed.push(`done ${reply.answers} ${sent!.length > 12}`));
  });
  await server.ask('www.example.org');
  await server.ask('www.example.org', 'TXT');
  t.deepEqual(passed, ['fetched', 'inspect', 'done 1 true', 'done 0 true']);
});

const oops = (): never => {
  throw new Error('oops\n2026-01-01T00:00:00.000Z [INFO] forged');
};

const breakages: Readonly<Record<string, (hooks: DnsHooks) => void>> = {
  query: ({ query }) => query.tap('probe', oops),
  route({ query, route }) {
    route.tap('probe', oops);
    query.tap('cache', (asked) => void asked.route);
  },
  resolve: ({ resolve }) => resolve.tap('probe', oops),
  fetched({ resolve, fetched }) {
    resolve.tap('probe', (asked, callback) => callback(fromUpstream(asked)));
    fetched.tap('probe', oops);
  },
  inspect({ resolve, inspect }) {
    resolve.tap('probe', (asked, callback) => callback(fromUpstream(asked)));
    inspect.tap('probe', oops);
  },
  done({ query, done }) {
    query.tap('probe', () => answer);
    done.tap('probe', oops);
  },
};

for (const [hook, tap] of Object.entries(breakages)) {
  test(`a plugin that throws in ${hook} costs one SERVFAIL, one count and one line`, async (t) => {
    const server = await serverWith(t, tap);
    // When done breaks, the answer has left.
    t.is((await server.ask('www.example.org')).rcode, hook === 'done' ? 'NOERROR' : 'SERVFAIL');
    t.deepEqual(await counted(server, 'panics_total'), [`panics_total{plugin="probe",hook="${hook}"} 1`]);
    const lines = server.log.map(({ line }) => line);
    t.is(lines.length, 1);
    t.regex(lines[0]!, new RegExp(`\\[ERROR\\] PluginFailure: plugin probe failed in its ${hook} hook: oops\n    2026`));
    t.regex(lines[0]!, /\n {4} +at oops /, 'with the place where it broke');
  });
}

test('a plugin that calls back twice is heard once', async (t) => {
  const sent: unknown[] = [];
  const server = await serverWith(t, ({ resolve, done }) => {
    resolve.tap('probe', (_query, callback) => {
      callback(answer);
      callback(createReply(3, 'probe'));
    });
    done.tap('probe', (_query, reply) => sent.push(reply.rcode));
  });
  t.is((await server.ask('www.example.org')).rcode, 'NOERROR');
  t.deepEqual(sent, [0]);
});

test('a plugin that never calls back costs a SERVFAIL after its time, and its late answer is nothing', async (t) => {
  let late: (reply: Reply) => void = () => undefined;
  const server = await serverWith(t, ({ resolve, done }) => {
    resolve.tap('probe', (_query, callback) => (late = callback));
    done.tap('probe', (_query, reply) => t.is(reply.rcode, 2));
  });
  t.plan(4);
  const asked = server.ask('www.example.org', 'A', { edns: 1232 });
  server.clock.advance(limits.resolveMs + 1_000);
  t.deepEqual((await asked).error, { code: 22, text: 'no answer within 10 s' });
  t.notThrows(() => late(answer));
  t.is((await counted(server, 'panics_total')).length, 0);
});

/** Lets everything happen that needs no time to pass. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who waits for the last query is told at once, or when its patience ends', async (t) => {
  const waiting: ((reply: Reply) => void)[] = [];
  const tap = ({ resolve }: DnsHooks): void => resolve.tap('probe', (_query, callback) => void waiting.push(callback));
  const [answering, silent] = [await serverWith(t, tap), await serverWith(t, tap)];
  const ended: string[] = [];
  const asked = [answering, silent].map((server) => server.ask('www.example.org'));
  const stopped = [answering.stop().then(() => ended.push('answering')), silent.stop().then(() => ended.push('silent'))];
  await settle();
  t.deepEqual(ended, []);
  waiting[0]!(answer);
  await stopped[0];
  t.deepEqual(ended, ['answering']);
  silent.clock.advance(limits.drainMs);
  await stopped[1];
  waiting[1]!(answer);
  t.deepEqual((await Promise.all(asked)).map(({ rcode }) => rcode), ['NOERROR', 'NOERROR']);
});

test('a question for nobody goes the same way, and is not recorded as a client’s', async (t) => {
  const seen: string[] = [];
  const server = await serverWith(t, ({ query, resolve, done }) => {
    query.tap('probe', (asked) => {
      asked.block.fetch(asked.inBackground(asked.receivedAt), (reply) => seen.push(`refreshed ${reply.answers}`));
      return answer;
    });
    resolve.tap('probe', (asked, callback) => {
      seen.push(`background ${asked.background}`);
      callback(fromUpstream(asked));
    });
    done.tap('probe', (asked) => seen.push(`done ${asked.background}`));
  });
  await server.ask('www.example.org');
  t.deepEqual(seen, ['background true', 'refreshed 1', 'done false']);
});

test('a reply names the question in the case in which it was asked', async (t) => {
  const server = await serverWith(t, ({ query }) => query.tap('probe', ({ name }) => (name === nameFromText('www.example.org') ? answer : undefined)));
  t.deepEqual((await server.ask('wWw.ExAmPlE.oRg')).answers, ['wWw.ExAmPlE.oRg 5 A 192.0.2.1']);
});
