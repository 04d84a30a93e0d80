import { definePlugin } from '../../core/plugin.js';
import { whoami } from './whoami.js';

export default definePlugin({
  name: 'whoami',
  setup(_options, { block }) {
    block.hooks.query.tap('whoami', whoami);
    return { explain: () => ({ decision: 'answers with the client’s own address and port', final: true }) };
  },
});
