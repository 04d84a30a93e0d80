import { cidr, integer, many, named, one, oneOf, optional } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { createRateLimit } from './ratelimit.js';

export default definePlugin({
  name: 'ratelimit',
  args: optional(named('QPS', integer({ min: 1, max: 1_000_000 })), { default: 20 }),
  properties: {
    burst: one(integer({ min: 1, max: 1_000_000 })),
    prefix4: one(integer({ min: 1, max: 32 }), { default: 24 }),
    prefix6: one(integer({ min: 1, max: 128 }), { default: 56 }),
    exempt: many(cidr()),
    action: one(oneOf('truncate', 'drop'), { default: 'truncate' }),
    slip: one(integer({ min: 1, max: 1000 })),
  },
  setup({ args: qps, burst = qps, action, slip = 2, ...options }, context) {
    const limit = createRateLimit({ ...options, qps, burst, slip: action === 'truncate' ? slip : undefined }, context);
    context.block.hooks.query.tap('ratelimit', (query) => limit.judge(query));
    return { explain: (query) => limit.explain(query) };
  },
});
