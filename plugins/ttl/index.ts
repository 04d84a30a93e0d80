import { fields, name, one, repeated, seconds } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { createTtl } from './ttl.js';

export default definePlugin({
  name: 'ttl',
  properties: {
    override: repeated(fields({ name: one(name()), seconds: one(seconds()) })),
    min: one(seconds()),
    max: one(seconds()),
  },
  setup({ override, min = 0, max = Infinity }, { block, mistake }) {
    if (min > max) throw mistake(`min ${min} is greater than max ${max}`);
    const ttl = createTtl(override, min, max);
    block.hooks.fetched.tap('ttl', (reply, query) => ttl.apply(reply, query.name));
    return { explain: (query) => ttl.explain(query.name) };
  },
});
