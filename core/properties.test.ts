import test from 'ava';
import { definePlugin } from './plugin.js';
import {
  address, cidr, describeSyntax, duration, either, endpoint, fields, flag, group, many, name, one, oneOf, optional, qtype, regexp, repeated, required,
  seconds, section, text,
} from './properties.js';
import type { Address, Cidr, Endpoint } from './address.js';
import type { Position } from './errors.js';
import type { Name } from './name.js';
import type { Regexp } from './properties.js';

/** Fails to compile unless the two types are the same. */
const sameType = <Expected>() => <Actual>(_actual: Actual, ..._proof: (<X>() => X extends Actual ? 1 : 2) extends <X>() => X extends Expected ? 1 : 2 ? [] : [never]) => undefined;

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
