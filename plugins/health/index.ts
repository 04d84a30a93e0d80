import { httpAddress, mountHttp } from '../../core/http/index.js';
import { duration, one, optional } from '../../core/properties.js';
import { defineHostPlugin } from '../../core/plugin.js';
import { createHealth } from './health.js';

export default defineHostPlugin({
  name: 'health',
  processWide: true,
  args: optional(httpAddress(8080), { default: 'localhost:8080' }),
  properties: { lameduck: one(duration(), { default: '0s' }) },
  setup({ args, lameduck }, context) {
    const { page, ...health } = createHealth(lameduck, context.host.clock, context.log);
    return { ...mountHttp(context, args, page), ...health };
  },
});
