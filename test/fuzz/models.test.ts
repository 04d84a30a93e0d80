/**
 * Parts of the server beside models of them that are slow and too simple to be wrong: whatever is done to both, they agree. (The index of
 * listed names has its model in `core/lists/name-index.test.ts`, the rate limit in `plugins/ratelimit/`.)
 */
import test from 'ava';
import fc from 'fast-check';
import { parseAddress } from '../../core/address.js';
import type { DnsBlock } from '../../core/block.js';
import { nameAt, nameFromText } from '../../core/name.js';
import { nameOfQuestion, Query } from '../../core/query.js';
import { createReply, render } from '../../core/reply.js';
import { surveyResponse } from '../../core/wire/survey.js';
import { endOfQuestion } from '../../core/wire/guard.js';
import { readOpt } from '../../core/wire/edns.js';
import { regexp } from '../../core/properties.js';
import { NameRules } from '../../plugins/source-policy-forward/rules.js';
import { createTestServer, encodeQuestion, recordFromText, ScriptedUpstream, wireLabels, wireRecord, type Script } from '../../testing/index.js';

/** What an upstream says, and for how long it may be kept, in seconds; 0 for not at all. */
interface Said {
  readonly kind: 'positive' | 'nxdomain' | 'bare denial' | 'failure';
  readonly ttl: number;
}

const names = ['a.test', 'b.test', 'A.Test', 'a.b.test'];
const clients = ['10.1.0.1', '10.1.0.2', '10.2.0.1'];
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ name: fc.constantFrom(...names), client: fc.constantFrom(...clients), dnssecOk: fc.boolean(), aaaa: fc.boolean() }) },
  // Milliseconds that pass.
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 6_000 }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom<Said['kind']>('positive', 'nxdomain', 'bare denial', 'failure'), ttl: fc.nat({ max: 8 }) }) },
);

/** The n-th answer can be told from all others. */
function scriptOf({ kind, ttl }: Said, n: number, type: string): Script {
  const data = type === 'A' ? Buffer.of(10, 0, n >> 8, n & 255) : Buffer.concat([Buffer.alloc(14), Buffer.of(n >> 8, n & 255)]);
  if (kind === 'positive') return { answers: [wireRecord(Buffer.of(0xc0, 12), type, data, { ttl })] };
  if (kind === 'failure') return { rcode: 'REFUSED' };
  const soa = recordFromText(`test. ${ttl} IN SOA ns.test. n${n}.test. 1 2 3 4 5`);
  return { rcode: 'NXDOMAIN', ...(kind === 'nxdomain' && { authorities: [soa] as never }) };
}

const lifetimes = { 'positive': ({ ttl }: Said) => ttl, 'nxdomain': ({ ttl }: Said) => Math.min(ttl, 5), 'bare denial': () => 0, 'failure': () => 5 };

test('the cache answers as a table does that forgets each answer when its time is up, for each way out by itself', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
    let says: Said = { kind: 'positive', ttl: 5 };
    let answers = 0;
    const upstream = new ScriptedUpstream(({ type }) => scriptOf(says, answers++, type));
    const server = await createTestServer('. {\ncache\nscripted 10.1.=one 10.2.=two\n}', { plugins: [upstream.plugin] });
    const model = new Map<string, { readonly number: number; readonly until: number }>();
    for (const each of steps) {
      if (typeof each === 'number') server.clock.advance(each);
      else if ('kind' in each) says = each;
      else {
        const key = JSON.stringify([each.name.toLowerCase(), each.aaaa, each.dnssecOk, each.client.slice(0, 5)]);
        const known = model.get(key);
        const isKnown = known !== undefined && server.clock.now() < known.until;
        const number = isKnown ? known.number : answers;
        const { bytes } = await server.ask(each.name, each.aaaa ? 'AAAA' : 'A', { client: each.client, dnssecOk: each.dnssecOk });
        t.is(answers, isKnown ? answers : number + 1, 'the upstream is asked exactly when nothing is known');
        const seconds = lifetimes[says.kind](says);
        if (!isKnown) {
          if (seconds > 0) model.set(key, { number, until: server.clock.now() + seconds * 1000 });
          else model.delete(key);
        }
        checkAnswer(bytes, number, model.get(key)?.until, server.clock.now());
      }
    }
    await server.stop();
  }), { numRuns: 60 });

  /** The answer is the one with this number, and has what is left of its life. */
  function checkAnswer(bytes: Buffer, number: number, until: number | undefined, now: number): void {
    const { records } = surveyResponse(bytes)!;
    const [first] = records;
    if (first === undefined) return;
    if (first.section === 'answer') t.is(bytes.readUInt16BE(first.end - 2), number);
    else t.true(bytes.includes(wireLabels(`n${number}`).subarray(0, -1)));
    if (until !== undefined) t.is(bytes.readUInt32BE(first.ttlAt), Math.ceil((until - now) / 1000));
  }
});

const label = fc.uint8Array({ minLength: 1, maxLength: 4 }).map((octets) => Buffer.from(octets));
const labels = fc.array(fc.oneof(label, fc.constantFrom('a', 'A', 'a.b', 'x').map((text) => Buffer.from(text))), { maxLength: 4 });
const lower = (octet: number): number => (octet >= 0x41 && octet <= 0x5a ? octet + 32 : octet);

test('two names have one key exactly when their labels are equal but for the case of ASCII letters', (t) => {
  const keyOf = (parts: readonly Buffer[]): string => {
    const wire = wireLabels(...parts);
    return nameAt(wire, 0, wire.length);
  };
  const areEqual = (a: readonly Buffer[], b: readonly Buffer[]): boolean =>
    a.length === b.length && a.every((part, i) => Buffer.from(part.map(lower)).equals(Buffer.from(b[i]!.map(lower))));
  fc.assert(fc.property(labels, labels, (a, b) => {
    t.is(keyOf(a) === keyOf(b), areEqual(a, b));
    const swapped = a.map((part) => Buffer.from(part.map((octet) => (lower(octet) === octet && octet >= 0x61 && octet <= 0x7a ? octet - 32 : lower(octet)))));
    t.is(keyOf(a), keyOf(swapped));
  }), { numRuns: 2_000 });
});

const nameText = fc.array(fc.constantFrom('a', 'b', 'ab', 'c', 'ads'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'));

test('rules that are looked up instead of run say what their expressions say', (t) => {
  const suffix = nameText.map((text) => text.replaceAll('.', '\\.'));
  const beginning = fc.constantFrom('^', '.+\\.', '^.+\\.', '.*\\.', '\\.', '^(.*\\.)?', '(^|\\.)', '(?:^|\\.)', '');
  const pattern = fc.tuple(beginning, suffix).map(([start, end]) => `${start}${end}$`);
  const at = { file: '', line: 1, column: 1 };
  fc.assert(fc.property(fc.array(pattern, { minLength: 1, maxLength: 5 }), fc.array(nameText, { maxLength: 20 }), (patterns, asked) => {
    const expressions = patterns.map((source) => regexp({ ignoreCase: true }).read(source, at));
    const rules = new NameRules(expressions.map((condition, value) => ({ condition, value })));
    for (const text of asked) {
      const found = expressions.findIndex((expression) => expression.test(text));
      t.is(rules.find({ name: nameFromText(text), text }) ?? -1, found, `${text} in ${patterns.join(' ')}`);
    }
  }), { numRuns: 300 });
});

test('an answer is whole, or has no record and TC; it never exceeds what its client takes', (t) => {
  const client = { address: parseAddress('192.0.2.1')!, port: 1, local: '127.0.0.1:53' };
  const size = fc.option(fc.nat({ max: 5_000 }), { nil: undefined });
  fc.assert(fc.property(nameText, fc.nat({ max: 120 }), size, fc.constantFrom('udp', 'tcp'), (name, count, edns, transport) => {
    const bytes = encodeQuestion(name, 'A', 7, edns === undefined ? {} : { edns });
    const end = endOfQuestion(bytes);
    const opt = edns === undefined ? undefined : readOpt(bytes, end);
    const query = new Query(bytes, end, opt, nameOfQuestion(bytes, end), { ...client, transport }, {} as DnsBlock, 0);
    const body = Buffer.concat(Array.from({ length: count }, (_, i) => wireRecord(Buffer.of(0xc0, 12), 'A', Buffer.of(10, 0, 0, i))));
    const message = render(createReply(0, 'test', { answers: count, body }), query);
    const takes = transport === 'tcp' ? 65_535 : edns === undefined ? 512 : Math.min(1_232, Math.max(512, edns));
    const whole = end + body.length + (edns === undefined ? 0 : 11);
    const fits = whole <= takes;
    t.true(message.length <= takes);
    t.is((message[2]! & 2) === 0, fits);
    t.is(surveyResponse(message)!.records.length, fits ? count : 0);
    t.is(message.length, fits ? whole : whole - body.length);
  }), { numRuns: 500 });
});
