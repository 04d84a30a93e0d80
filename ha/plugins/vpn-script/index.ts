import { ConfigError } from '../../../core/errors.js';
import { optional, path } from '../../../core/properties.js';
import { defineHaPlugin } from '../../block.js';
import { scriptedEnding, scriptedKinds, scriptProblems } from '../../process/scripts.js';
import { scriptDrivers } from './vpn-script.js';

export default defineHaPlugin({
  name: 'vpn-script',
  args: optional(path()),
  setup({ args, at }, { block, host, mistake }) {
    const { path: directory, at: place } = args === undefined ? (block.settings.scripts ?? { path: '', at }) : { path: args, at };
    const drivers = scriptDrivers(directory, host);
    // What a directive of its own does (check, route, vpn-exec) is left to it: those are set up first.
    const kinds = scriptedKinds.filter((kind) => !block.hooks.work[kind].isTapped);
    for (const kind of kinds) block.hooks.work[kind].tap('vpn-script', drivers[kind]);
    if (kinds.includes('removeRoute')) block.hooks.ending.route.tap('vpn-script', (target) => drivers.routeEnding(target));
    if (kinds.includes('stop')) block.hooks.ending.session.tap('vpn-script', (target) => scriptedEnding(directory, target));
    if (directory === '') throw mistake('where are the scripts? Name their directory here, or as script_path in the local file');
    const problems = scriptProblems(directory, kinds);
    if (problems.length > 0) throw new ConfigError(problems.map((problem) => ({ at: place, directive: 'vpn-script', problem })));
  },
});
