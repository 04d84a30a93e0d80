import { many, named, path, regexp } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { createNxdomain } from './nxdomain.js';

export default definePlugin({
  name: 'nxdomain',
  repeatable: true,
  args: many(regexp({ ignoreCase: true }), { min: 0 }),
  properties: { from: many(named('FILE', path())) },
  setup({ args, from }, { block, at }) {
    const nxdomain = createNxdomain(args, from, at);
    block.hooks.query.tap('nxdomain', (query) => nxdomain.judge(query));
    return { load: () => nxdomain.load(), explain: (query) => nxdomain.explain(query) };
  },
});
