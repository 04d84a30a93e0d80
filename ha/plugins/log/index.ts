import { many, named, oneOf, text } from '../../../core/properties.js';
import { defineHaPlugin } from '../../block.js';
import { createWorkLog } from './log.js';

export default defineHaPlugin({
  name: 'log',
  repeatable: true,
  args: many(named('VPN', text()), { min: 0 }),
  properties: { class: many(oneOf('success', 'failure', 'all')) },
  setup(options, { block, host, mistake }) {
    const unknown = options.args.find((vpn) => block.settings.vpns.every(({ id }) => id !== vpn));
    if (unknown !== undefined) throw mistake(`${block.label} has no VPN '${unknown}'`);
    block.hooks.worked.tap('log', createWorkLog({ vpns: options.args, classes: options.class }, (line) => host.log.info(line)));
  },
});
