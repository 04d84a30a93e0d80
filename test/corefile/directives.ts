/** Directives shaped like those of the DNS server, to try the language on; they do nothing. */
import type { DirectiveDefinition } from '../../core/corefile/index.js';
import {
  address, cidr, duration, either, endpoint, fields, flag, group, integer, many, name, named, one, oneOf, optional, path, percent, qtype, rcode, regexp,
  repeated, required, seconds, section, size, text, url,
} from '../../core/properties.js';

const rule = fields({}, { type: many(qtype()), net: many(named('SOURCE', cidr())) });
const targets = many(named('TARGET', endpoint(53)));
const cacheSize = fields({ capacity: one(integer({ min: 1 })), ttl: optional(seconds(), { default: 3600 }), minttl: optional(seconds(), { default: 0 }) });

const forwarding = {
  except: many(name()),
  force_tcp: flag(),
  prefer_udp: flag(),
  expire: one(duration(), { default: '10s' }),
  max_fails: one(integer(), { default: 2 }),
  health_check: fields({ interval: one(duration()) }, { no_rec: flag(), domain: one(name()) }),
  policy: one(oneOf('random', 'round_robin', 'sequential'), { default: 'random' }),
  failover: many(rcode()),
};

export const directives: readonly DirectiveDefinition[] = [
  { name: 'bind', args: many(text()) },
  { name: 'reload', processWide: true, args: fields({ interval: optional(duration(), { default: '30s' }), jitter: optional(duration(), { default: '15s' }) }) },
  { name: 'health', processWide: true, args: optional(endpoint(8080), { default: '127.0.0.1:8080' }), properties: { lameduck: one(duration()) } },
  {
    name: 'errors',
    properties: {
      consolidate: repeated(fields({ period: one(duration()), pattern: one(regexp()), level: optional(oneOf('error', 'warning', 'info')) })),
    },
  },
  { name: 'acl', repeatable: true, args: many(name(), { min: 0 }), properties: { rules: group({ allow: rule, block: rule, filter: rule, drop: rule }) } },
  {
    name: 'static',
    args: many(path(), { min: 0 }),
    properties: {
      ttl: one(seconds(), { default: 1 }),
      ptr: one(oneOf('auto', 'off'), { default: 'auto' }),
      record: repeated(fields({ name: one(name()), addresses: many(address()) })),
    },
  },
  { name: 'nxdomain', args: many(regexp({ ignoreCase: true }), { min: 0 }), properties: { from: one(path()) } },
  {
    name: 'blocklist',
    repeatable: true,
    properties: {
      file: many(path()),
      url: repeated(fields({ urls: many(url()) }, { every: one(duration(), { default: '24h' }) })),
      match: one(oneOf('exact', 'subdomains'), { default: 'exact' }),
      exempt: many(cidr()),
      types: either({ only_a: fields(), all_types: fields() }),
    },
  },
  { name: 'ttl', properties: { override: repeated(fields({ name: one(name()), ttl: one(seconds()) })), min: one(seconds()), max: one(seconds()) } },
  {
    name: 'cache',
    args: fields({ ttl: optional(seconds()), zones: many(name(), { min: 0 }) }),
    properties: {
      success: cacheSize,
      denial: cacheSize,
      prefetch: fields({
        amount: one(integer()),
        duration: optional(duration(), { default: '1m' }),
        percent: optional(percent(), { default: '10%' }),
      }),
      serve_stale: fields({ duration: optional(duration(), { default: '1h' }) }, {
        mode: either({ immediate: fields(), verify: fields({ timeout: optional(duration()) }) }),
        ttl: one(seconds(), { default: 30 }),
      }),
      disable: repeated(fields({ what: one(oneOf('success', 'denial')), zones: many(name(), { min: 0 }) })),
      keepttl: flag(),
      bytes: one(size(), { default: '64MiB' }),
      persist: one(path()),
    },
  },
  {
    name: 'source-policy-forward',
    properties: {
      default: many(named('TARGET', endpoint(53))),
      from: repeated(fields({ cidr: one(cidr()) }, { to: required(targets) })),
      identity: repeated(fields({ cidr: one(cidr()) }, { port: one(integer({ min: 1, max: 65_535 }), { default: 53 }) })),
      rules: group({
        match: fields({ pattern: one(regexp({ ignoreCase: true })) }, { to: required(targets) }),
        zone: fields({ zone: one(name()) }, { to: required(targets) }),
      }),
      upstream: repeated(section({ args: one(text()), properties: { to: required(targets), ...forwarding } })),
      ...forwarding,
    },
  },
  { name: 'forward', repeatable: true, args: fields({ from: one(name()), to: targets }), properties: forwarding },
  { name: 'whoami' },
];
