import { many, oneOf } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { createQueryLog, formatOrName } from './log.js';

export default definePlugin({
  name: 'log',
  repeatable: true,
  args: many(formatOrName, { min: 0 }),
  properties: { class: many(oneOf('success', 'denial', 'error', 'all')) },
  setup(options, { block, host }) {
    const write = createQueryLog(options.args, options.class, host.clock, (line) => host.log.info(line));
    block.hooks.done.tap('log', write);
  },
});
