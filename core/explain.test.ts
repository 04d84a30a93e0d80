import test from 'ava';
import { createTestServer } from '../testing/index.js';
import { parseAddress } from './address.js';
import { explainQuery, textOfExplanation, type QueryExplanation } from './explain.js';
import { nameFromText } from './name.js';
import { definePlugin } from './plugin.js';
import { typeNumber } from './wire/types.js';

const corefile = `. {
  acl {
    block net 203.0.113.0/24
  }
  cache
  source-policy-forward {
    default 192.0.2.53
    from 198.51.100.0/24 to 192.0.2.54
  }
}
example.org {
  whoami
}
example.org:5353 {
  any
}`;

interface Asking {
  readonly client?: string;
  readonly type?: string;
  readonly port?: number;
  readonly text?: string;
}

async function explain(name: string, { client = '198.51.100.7', type = 'A', port, text = corefile }: Asking = {}): Promise<QueryExplanation> {
  const server = await createTestServer(text, { plugins: [broken] });
  const explanation = await explainQuery(server.host.current!, { client: parseAddress(client)!, name: nameFromText(name), type: typeNumber(type)!, port });
  await server.stop();
  return explanation;
}

const broken = definePlugin({
  name: 'broken',
  setup: () => ({
    explain() {
      throw new Error('it is broken');
    },
  }),
});

test('each plugin in turn, up to the one that ends it, and the route', async (t) => {
  const { question, block, steps, route, outcome } = await explain('www.Example.net');
  t.is(question, 'www.example.net A from 198.51.100.7');
  t.is(block?.label, '.');
  t.deepEqual(steps.map(({ plugin, final }) => [plugin, final]), [['acl', false], ['cache', false], ['source-policy-forward', true]]);
  t.is(steps.at(-1)!.at.line, 8);
  t.deepEqual([route?.label, route?.upstreams, route?.at.line], ['from 198.51.100.0/24', ['192.0.2.54:53'], 8]);
  t.regex(outcome, /^source-policy-forward: .*192\.0\.2\.54:53/);
});

test('a query that ends before has no route', async (t) => {
  const { steps, route, outcome } = await explain('www.example.net', { client: '203.0.113.1' });
  t.deepEqual([steps.length, steps[0]!.at.line, route, outcome], [1, 3, undefined, 'acl: blocked: REFUSED']);
});

test('the block with the longest zone, on the port that is asked', async (t) => {
  t.is((await explain('www.example.org')).block?.at.line, 11);
  t.is((await explain('www.example.org', { port: 5353 })).block?.at.line, 14);
  t.is((await explain('www.example.net', { port: 5353 })).outcome, 'REFUSED: no server block has a zone for this name');
});

test('what no plugin answers, and what is never answered', async (t) => {
  t.is((await explain('www.example.org', { port: 5353 })).outcome, 'REFUSED: no plugin answers this query');
  t.is((await explain('example.org', { type: 'AXFR' })).outcome, 'REFUSED: no server block answers this type');
});

test('a plugin that fails to explain is no obstacle', async (t) => {
  const { steps } = await explain('a.example', { text: '. {\n broken\n whoami\n}' });
  t.deepEqual(steps.map(({ plugin, decision }) => [plugin, decision]), [['whoami', steps[0]!.decision]]);
  const { steps: all } = await explain('a.example', { text: '. {\n broken\n}' });
  t.is(all[0]!.decision, "can't tell: it is broken");
});

test('in lines for a terminal', async (t) => {
  const lines = textOfExplanation(await explain('www.example.net')).split('\n');
  t.is(lines[0], 'www.example.net A from 198.51.100.7');
  t.regex(lines[1]!, /^ {2}server block {11}\. +\S*Corefile:1$/);
  t.regex(lines[2]!, /^ {2}acl {20}no rule matches: it goes on +\S*Corefile:2$/);
  t.regex(lines.at(-2)!, /^=> source-policy-forward: /);
  t.is(new Set(lines.slice(1, -2).map((line) => line.lastIndexOf('  '))).size, 1, 'the places are in one column');
});

test('an explanation leaves no trace', async (t) => {
  const server = await createTestServer(corefile);
  const before = await server.metrics.text('');
  await explainQuery(server.host.current!, { client: parseAddress('203.0.113.1')!, name: nameFromText('a.example'), type: 1 });
  t.is(await server.metrics.text(''), before);
  await server.stop();
});
