import { many, text } from '../../core/properties.js';
import { definePlugin } from '../../core/plugin.js';
import { wordsAt } from './bind.js';

export default definePlugin({
  name: 'bind',
  repeatable: true,
  args: many(wordsAt(text())),
  setup({ args }, { block }) {
    block.listenOn.push(...args);
  },
});
