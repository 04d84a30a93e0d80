import { duration, fields, flag, integer, many, name, named, one, oneOf, optional, path, percent, repeated, seconds } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { cacheCalls } from './api.js';
import { CachePlugin } from './plugin.js';

const capacity = named('CAPACITY', integer({ min: 1, max: 10_000_000 }));
const share = (ttl: number) =>
  fields({
    capacity: one(capacity), ttl: optional(named('TTL', seconds({ min: 1 })), { default: ttl }), minTtl: optional(named('MINTTL', seconds()), { default: 0 }),
  });

export default definePlugin({
  name: 'cache',
  args: fields({ ttl: optional(named('TTL', seconds({ min: 1 }))), zones: many(named('ZONES', name()), { min: 0 }) }),
  properties: {
    success: share(3600),
    denial: share(1800),
    prefetch: fields({
      amount: one(integer({ min: 1 })), duration: optional(duration({ min: 1 }), { default: '1m' }), percent: optional(percent(), { default: '10%' }),
    }),
    serve_stale: fields(
      {
        duration: optional(duration(), { default: '1h' }),
        mode: optional(oneOf('immediate', 'verify'), { default: 'immediate' }),
        timeout: optional(duration()),
      },
      { ttl: one(seconds(), { default: 30 }) },
    ),
    servfail: one(seconds({ max: 300 }), { default: 5 }),
    disable: repeated(fields({ kind: one(oneOf('success', 'denial')), zones: many(named('ZONES', name()), { min: 0 }) })),
    keepttl: flag(),
    persist: one(path()),
  },
  api: cacheCalls,
  setup(options, context) {
    if (options.serve_stale?.timeout !== undefined && options.serve_stale.mode === 'immediate') {
      throw context.mistake('a TIMEOUT goes with verify: what is stale is given at once otherwise', options.serve_stale.at);
    }
    return new CachePlugin(options, context);
  },
});
