import { cidr, many, name, one, oneOf } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { createRebind } from './rebind.js';

export default definePlugin({
  name: 'rebind',
  properties: { allow: many(name()), net: many(cidr()), answer: one(oneOf('refused', 'nodata'), { default: 'refused' }) },
  setup(options, context) {
    context.block.hooks.inspect.tap('rebind', createRebind(options, context));
  },
});
