import { definePlugin } from '../../core/plugin.js';
import { type } from '../../core/wire/layout.js';
import { minimalAnswer } from './any.js';

export default definePlugin({
  name: 'any',
  setup(_options, { block }) {
    block.hooks.query.tap('any', (query) => (query.type === type.any ? minimalAnswer : undefined));
    return {
      explain: (query) => (query.type === type.any ? { decision: 'answers ANY with one HINFO record (RFC 8482)', final: true } : undefined),
    };
  },
});
