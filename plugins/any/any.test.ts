import test from 'ava';
import { createTestServer, ScriptedUpstream } from '../../testing/index.js';

test('ANY is answered with one HINFO record, and goes nowhere', async (t) => {
  const upstream = new ScriptedUpstream();
  const server = await createTestServer('. {\nany\nscripted\n}', { plugins: [upstream.plugin] });
  t.teardown(() => server.stop());
  const { rcode, answers } = await server.ask('www.example.org', 'ANY');
  t.is(rcode, 'NOERROR');
  t.deepEqual(answers, ['www.example.org 8482 HINFO {"cpu":"RFC8482","os":""}']);
  t.is(upstream.asked.length, 0);
});

test('the root has its answer too', async (t) => {
  const server = await createTestServer('. {\nany\n}');
  t.teardown(() => server.stop());
  t.is((await server.ask('.', 'ANY')).answers.length, 1);
});

test('other types go on', async (t) => {
  const upstream = new ScriptedUpstream();
  const server = await createTestServer('. {\nany\nscripted\n}', { plugins: [upstream.plugin] });
  t.teardown(() => server.stop());
  for (const type of ['A', 'HINFO']) await server.ask('www.example.org', type).catch(() => undefined);
  t.deepEqual(upstream.asked.map(({ type }) => type), ['A', 'HINFO']);
  t.deepEqual(await server.explain('www.example.org', 'A'), []);
  t.like((await server.explain('www.example.org', 'ANY'))[0], { plugin: 'any', final: true });
});
