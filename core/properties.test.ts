import test from 'ava';
import { definePlugin } from './plugin.js';
import { bind, parseCorefile } from './corefile/index.js';
import {
  address, cidr, describeSyntax, duration, either, endpoint, fields, flag, group, integer, many, name, named, one, oneOf, optional, percent, qtype,
  regexp, repeated, required, seconds, section, text, vocabularyOf,
} from './properties.js';
import type { Address, Cidr, Endpoint } from './address.js';
import { describeMistake } from './errors.js';
import type { Position } from './errors.js';
import type { Name } from './name.js';
import type { Argument, Properties, Regexp } from './properties.js';

/** Fails to compile unless the two types are the same. */
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
const sameType = <Expected>() => <Actual>(_actual: Actual, ..._proof: Same<Actual, Expected> extends true ? [] : [never]) => undefined;

test('setup knows the types of its options', (t) => {
  const rule = fields({}, { type: many(qtype()), net: many(cidr()) });
  const plugin = definePlugin({
    name: 'everything',
    args: fields({ from: one(name()), to: many(endpoint(53)) }),
    properties: {
      ttl: one(seconds(), { default: 1 }),
      namespace: one(text()),
      exempt: many(cidr()),
      only_a: flag(),
      ptr: one(oneOf('auto', 'off'), { default: 'auto' }),
      health_check: fields({ interval: one(duration()) }, { no_rec: flag(), domain: one(name()) }),
      rules: group({ allow: rule, match: fields({ pattern: one(regexp()) }, { to: required(many(endpoint(53))) }) }),
      serve_stale: fields({ period: optional(duration(), { default: '1h' }) }, {
        mode: either({ immediate: fields(), verify: fields({ timeout: optional(duration()) }) }),
      }),
      upstream: repeated(section({ args: one(text()), properties: { to: required(many(address())) } })),
    },
    setup(options) {
      sameType<number>()(options.ttl);
      sameType<string | undefined>()(options.namespace);
      sameType<readonly Cidr[]>()(options.exempt);
      sameType<boolean>()(options.only_a);
      sameType<'auto' | 'off'>()(options.ptr);
      sameType<Name>()(options.args.from);
      sameType<readonly Endpoint[]>()(options.args.to);
      sameType<boolean | undefined>()(options.health_check?.no_rec);
      sameType<number | undefined>()(options.serve_stale?.period);
      sameType<'immediate' | 'verify' | undefined>()(options.serve_stale?.mode?.kind);
      sameType<Position>()(options.at);
      for (const rule of options.rules) {
        sameType<Position>()(rule.at);
        if (rule.kind === 'allow') sameType<readonly number[]>()(rule.type);
        else sameType<Regexp>()(rule.pattern);
      }
      for (const upstream of options.upstream) {
        sameType<string>()(upstream.args);
        sameType<readonly Address[]>()(upstream.to);
      }
    },
  });
  t.is(plugin.name, 'everything');
  t.is(describeSyntax(plugin), `everything FROM TO… {
    ttl SECONDS 1
    namespace TEXT
    exempt CIDR…
    only_a
    ptr auto|off
    health_check INTERVAL [no_rec] [domain NAME]
    allow [type QTYPE…] [net CIDR…]
    match PATTERN to ADDRESS…
    serve_stale [PERIOD 1h] [immediate|verify [TIMEOUT]]
    upstream TEXT {
        to ADDRESS…
    }
}`);
});

/** The options of directive `x`, or its mistakes. */
function read(directive: string, properties: Properties, args?: Argument<unknown>): unknown {
  const { blocks } = parseCorefile({ file: 'Corefile', text: `.\t{\n${directive}\n}`, env: {} });
  const { directives, mistakes } = bind(blocks, [{ name: 'x', properties, ...(args === undefined ? {} : { args }) }]);
  if (mistakes.length > 0) return mistakes.map(describeMistake);
  return JSON.parse(JSON.stringify(directives[0]!.options, (key, value: unknown) => (key === 'at' ? undefined : value)));
}

test('what is not given has its default, or is undefined, or empty', (t) => {
  const properties = {
    one: one(text()), ttl: one(seconds(), { default: '1h' }), list: many(text()), filled: many(integer(), { default: [1, '2'] }), flag: flag(),
    fields: fields({ a: one(text()) }), some: repeated(one(text())), rules: group({ allow: fields() }), either: either({ a: fields() }), part: section({}),
  };
  t.deepEqual(read('x', properties), { ttl: 3600, list: [], filled: [1, 2], flag: false, some: [], rules: [] });
});

test('a default that the value itself would refuse is found when the plugin is declared', (t) => {
  t.throws(() => one(oneOf('a', 'b'), { default: 'c' }), { message: '\'c\' is not one of a, b' });
  t.throws(() => optional(integer({ min: 1 }), { default: 0 }));
  t.throws(() => many(duration(), { default: ['soon'] }));
});

test('a word goes to the first place that it fits', (t) => {
  const cache = fields({ ttl: optional(seconds()), zones: many(name(), { min: 0 }) });
  t.deepEqual(read('x 30 a', {}, cache), { args: { ttl: 30, zones: ['\u0001a\0'] } });
  t.deepEqual(read('x a 30', {}, cache), { args: { zones: ['\u0001a\0', '\u000230\0'] } });
  const prefetch = fields({ amount: one(integer()), period: optional(duration(), { default: '1m' }), share: optional(percent(), { default: '10%' }) });
  t.deepEqual(read('x 5 20%', {}, prefetch), { args: { amount: 5, period: 60_000, share: 20 } });
  t.deepEqual(read('x 5 20', {}, prefetch), ['Corefile:2:5: x: \'20\' is no duration, such as 500ms, 10s, 5m, 1h30m or 2d']);
  t.deepEqual(read('x 20%', {}, prefetch), ['Corefile:2:3: x: \'20%\' is no whole number']);
});

test('words before a last one of another kind', (t) => {
  const log = fields({ sizes: many(integer(), { min: 0 }), format: optional(text(), { default: 'short' }) });
  t.deepEqual(read('x 1 2 long', {}, log), { args: { sizes: [1, 2], format: 'long' } });
  t.deepEqual(read('x', {}, log), { args: { sizes: [], format: 'short' } });
  t.deepEqual(read('x 1 long longer', {}, log), ['Corefile:2:10: x: \'longer\' is unexpected; expected: x [SIZES…] [FORMAT short]']);
});

test('clauses come in any order, and a word in quotes is none', (t) => {
  const line = { rule: repeated(fields({ names: many(text()) }, { to: required(many(integer())), loud: flag() })) };
  t.deepEqual(read('x {\nrule a b loud to 1 2\nrule "to" "loud" to 3\n}', line), {
    rule: [{ names: ['a', 'b'], to: [1, 2], loud: true }, { names: ['to', 'loud'], to: [3], loud: false }],
  });
  t.deepEqual(read('x {\nrule to 1\nrule a\nrule a to\nrule a to x loud 1\n}', line), [
    'Corefile:3:1: x: something is missing behind \'rule\'; expected: rule NAMES… to N… [loud]',
    'Corefile:4:1: x: \'rule\' lacks \'to N…\'',
    'Corefile:5:8: x: something is missing behind \'to\'; expected: to N…',
    'Corefile:6:11: x: \'x\' is no whole number',
    'Corefile:6:18: x: \'1\' is unexpected; \'loud\' stands alone',
  ]);
});

test('several lines of a list add up; of anything else the second is a mistake', (t) => {
  const properties = { list: many(integer()), once: one(integer()), mode: either({ fast: fields(), slow: fields({ by: one(integer()) }) }) };
  t.deepEqual(read('x {\nlist 1 2\nonce 3\nlist 4\nslow 5\n}', properties), { list: [1, 2, 4], once: 3, mode: { kind: 'slow', by: 5 } });
  t.deepEqual(read('x {\nonce 1\nonce 2\nfast\nslow 5\n}', properties), [
    'Corefile:4:1: x: \'once\' stands twice; the first is at Corefile:3:1',
    'Corefile:6:1: x: \'slow\' excludes \'fast\'; the first is at Corefile:5:1',
  ]);
});

test('a section has arguments and properties of its own, at any depth', (t) => {
  const inner = section({ args: one(text()), properties: { deep: flag() } });
  const properties = { part: repeated(section({ args: one(text()), properties: { inner: repeated(inner), size: one(integer(), { default: 1 }) } })) };
  t.deepEqual(read('x {\npart a {\ninner b {\ndeep\n}\ninner c\nsize 2\n}\npart d\n}', properties), {
    part: [{ args: 'a', inner: [{ args: 'b', deep: true }, { args: 'c', deep: false }], size: 2 }, { args: 'd', inner: [], size: 1 }],
  });
  t.deepEqual(read('x {\npart {\nsize y\nsise 1\n}\npart a {\nsize 1 {\n}\n}\n}', properties), [
    'Corefile:3:1: x: something is missing behind \'part\'; expected: part TEXT',
    'Corefile:4:6: x: \'y\' is no whole number',
    'Corefile:5:1: x: there is no property \'sise\'; did you mean \'size\'?',
    'Corefile:8:8: x: \'size\' takes no block',
  ]);
});

test('a required property must be there', (t) => {
  t.deepEqual(read('x', { from: required(one(text())), kind: required(either({ a: fields(), b: fields({ n: one(integer()) }) })) }), [
    'Corefile:2:1: x: \'x\' lacks \'from TEXT\'', 'Corefile:2:1: x: \'x\' lacks \'a|b N\'',
  ]);
  t.deepEqual(read('x {\nfrom y\n}', { from: required(one(text())) }), { from: 'y' });
});

test('names that would collide are refused: that is a mistake of the plugin', (t) => {
  t.throws(() => read('x', { args: flag() }), { message: /no names for a property/ });
  t.throws(() => read('x', { allow: flag(), rules: group({ allow: fields() }) }), { message: /begin with the same word/ });
});

test('the syntax shows placeholders, defaults and what may be left out', (t) => {
  t.is(describeSyntax({ name: 'whoami' }), 'whoami');
  t.is(describeSyntax({
    name: 'x',
    args: many(named('ZONE', name()), { min: 0, default: ['.'] }),
    properties: {
      ttl: one(seconds(), { default: 1 }),
      policy: one(oneOf('random', 'first'), { default: 'first' }),
      class: many(oneOf('success', 'denial')),
      window: fields({ from: one(oneOf('start', 'end')), length: optional(duration(), { default: '1h' }) }, { every: one(duration(), { default: '24h' }) }),
      empty: section({ properties: {} }),
    },
  }), `x [ZONE… .] {
    ttl SECONDS 1
    policy first|random
    class success|denial…
    window start|end [LENGTH 1h] [every DURATION 24h]
    empty {
    }
}`);
});

test('the words that may be completed', (t) => {
  const { keywords, properties } = vocabularyOf({
    args: one(oneOf('on', 'off')),
    properties: { rules: group({ allow: fields({}, { type: many(qtype()) }), block: fields() }), part: section({ properties: { deep: flag() } }) },
  });
  t.deepEqual(keywords, ['on', 'off']);
  t.deepEqual([...properties].map(([word, vocabulary]) => [word, vocabulary.keywords, [...vocabulary.properties.keys()]]), [
    ['allow', ['type'], []], ['block', [], []], ['part', [], ['deep']],
  ]);
});
