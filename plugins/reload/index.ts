import { duration, fields, optional } from '../../core/properties.js';
import { defineHostPlugin } from '../../core/plugin.js';
import { createWatcher } from './reload.js';

export default defineHostPlugin({
  name: 'reload',
  processWide: true,
  args: fields({ interval: optional(duration({ min: 1000 }), { default: '30s' }), jitter: optional(duration(), { default: '15s' }) }),
  setup({ args: { interval, jitter } }, { host, log, mistake }) {
    if (jitter > interval / 2) throw mistake(`the jitter is more than half of the interval (${jitter / 1000} s of ${interval / 1000} s)`);
    return createWatcher(host, log, interval, jitter);
  },
});
