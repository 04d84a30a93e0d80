import { textOfName } from '../../core/name.js';
import { definePlugin } from '../../core/plugin.js';
import { fields, many, name, one } from '../../core/properties.js';
import { groupOptions, groupProperties, GroupRoute, servers, tooMany } from '../../core/upstream/index.js';
import { Forward } from './forward.js';

export default definePlugin({
  name: 'forward',
  repeatable: true,
  args: fields({ from: one(name()), to: many(servers()) }),
  properties: { except: many(name()), ...groupProperties },
  setup({ args: { from, to }, except, ...settings }, context) {
    const options = groupOptions('forward', to.flat(), [settings]);
    const problem = tooMany(options.servers);
    if (problem !== undefined) throw context.mistake(problem);
    return new Forward(from, except, new GroupRoute(`forward ${textOfName(from)}`, context.at, options, [from]), context);
  },
});
