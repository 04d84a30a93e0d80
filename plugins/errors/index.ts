import { duration, fields, one, oneOf, optional, regexp, repeated } from '../../core/properties.js';
import { defineHostPlugin } from '../../core/plugin.js';
import { createErrorLog } from './errors.js';

export default defineHostPlugin({
  name: 'errors',
  properties: {
    consolidate: repeated(fields({
      interval: one(duration({ min: 1000 })), pattern: one(regexp()), level: optional(oneOf('error', 'warning', 'info', 'debug'), { default: 'error' }),
    })),
  },
  setup({ consolidate }, { block, log, host }) {
    const errors = createErrorLog(consolidate, log, host.clock);
    block.onFailure('errors', (line) => errors.record(line));
    return { stop: () => errors.close() };
  },
});
