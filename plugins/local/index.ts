import { many, value } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { createLocal } from './local.js';
import { zonesOf } from './zones.js';

export default definePlugin({
  name: 'local',
  properties: { except: many(value('NAME|CIDR', zonesOf)) },
  setup({ except }, { block, host }) {
    const local = createLocal(except.flat(), host.metrics);
    block.hooks.query.tap('local', (query) => local.judge(query));
    return { explain: (query) => local.explain(query) };
  },
});
