import { ConfigError } from '../../../core/errors.js';
import { either, fields, one, path, required } from '../../../core/properties.js';
import { defineHaPlugin } from '../../block.js';
import { whyNotExecutable } from '../../process/driver.js';
import { scriptProblems } from '../../process/scripts.js';
import { routeDrivers, scriptedRouteDrivers } from '../../routes/drivers.js';
import { ways } from '../../routes/ways.js';

const way = required(either({ iproute: fields(), freebsd: fields(), vtysh: fields(), script: fields({ directory: one(path()) }) }));

export default defineHaPlugin({
  name: 'route',
  args: fields({}, { way }),
  setup({ args: { way: chosen } }, { block, host, mistake }) {
    const { addRoute, removeRoute } = block.hooks.work;
    const isScript = chosen.kind === 'script';
    const drivers = isScript ? scriptedRouteDrivers(chosen.directory, host) : routeDrivers(ways[chosen.kind], host);
    addRoute.tap('route', drivers.add);
    removeRoute.tap('route', drivers.remove);
    if (drivers.see !== undefined) block.hooks.seeRoute.tap('route', drivers.see);
    block.hooks.ending.route.tap('route', drivers.ending);
    const problems = isScript
      ? scriptProblems(chosen.directory, ['addRoute', 'removeRoute'])
      : [whyNotExecutable(ways[chosen.kind].program, host.runtime.env['PATH'])].filter((problem) => problem !== undefined);
    if (problems.length > 0) throw new ConfigError(problems.flatMap((problem) => mistake(problem, chosen.at).mistakes));
  },
});
