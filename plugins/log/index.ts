import { many, oneOf } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { createQueryLog, formatOrName, sortWords } from './log.js';

export default definePlugin({
  name: 'log',
  repeatable: true,
  args: many(formatOrName, { min: 0 }),
  properties: { class: many(oneOf('success', 'denial', 'error', 'all')) },
  setup(options, { block, host, mistake }) {
    const { names, formats: [first, second] } = sortWords(options.args);
    if (second !== undefined) throw mistake('there is a format already', second.at);
    const write = createQueryLog({ names, format: first?.format, classes: options.class }, host.clock, (line) => host.log.info(line));
    block.hooks.done.tap('log', write);
  },
});
