import { cidr, fields, group, many, name, named, qtype } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { root } from '../../core/name.js';
import { createAcl } from './acl.js';

/** `type QTYPE… net SOURCE…`; what is left out matches everything. */
const rule = fields({}, { type: many(qtype()), net: many(named('SOURCE', cidr())) });

export default definePlugin({
  name: 'acl',
  repeatable: true,
  args: many(named('ZONES', name()), { min: 0 }),
  properties: { rules: group({ allow: rule, block: rule, filter: rule, drop: rule }) },
  setup({ args, rules }, { block, host }) {
    const acl = createAcl(args.length === 0 ? [root] : args, rules, host.metrics);
    block.hooks.query.tap('acl', (query) => acl.judge(query));
    return { explain: (query) => acl.explain(query) };
  },
});
