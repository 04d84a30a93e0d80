import { httpAddress, mountHttp, page } from '../../core/http/index.js';
import { optional } from '../../core/properties.js';
import { defineHostPlugin } from '../../core/plugin.js';
import { readiness } from './ready.js';

export default defineHostPlugin({
  name: 'ready',
  processWide: true,
  args: optional(httpAddress(8181), { default: 'localhost:8181' }),
  setup({ args }, context) {
    return mountHttp(context, args, page('/ready', () => readiness(context.host)));
  },
});
