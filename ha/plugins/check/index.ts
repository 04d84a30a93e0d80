import { group, one, oneOf } from '../../../core/properties.js';
import { defineHaPlugin } from '../../block.js';
import { createCheck } from './check.js';
import { lines } from './targets.js';

export default defineHaPlugin({
  name: 'check',
  properties: { lines: group(lines), source: one(oneOf('local', 'any'), { default: 'local' }) },
  setup({ lines: given, source }, { block, host, mistake }) {
    block.hooks.work.check.tap('check', createCheck(given, source === 'local', host));
    if (given.length === 0) throw mistake('what is to be checked? Expected a line such as: ping 192.0.2.1');
  },
});
