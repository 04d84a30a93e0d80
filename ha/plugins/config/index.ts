import { fields, named, one, path } from '../../../core/properties.js';
import { defineHaPlugin } from '../../block.js';
import { readSettings } from './config.js';

export default defineHaPlugin({
  name: 'config',
  args: fields({ global: one(named('GLOBAL', path())), local: one(named('LOCAL', path())) }),
  properties: { state: one(path(), { default: '/var/lib/dynvpn' }) },
  setup({ args, state }, { block, host, log, mistake }) {
    host.watch(args.global);
    host.watch(args.local);
    try {
      const { settings, warnings } = readSettings(args, block.label, state);
      block.settings = settings;
      for (const warning of warnings) log.warning(warning);
    } catch (error) {
      throw error instanceof RangeError ? mistake(error.message) : error;
    }
    return {
      unready: () => (block.runner.state.status === 'Pending' ? 'the site learns how its sessions and its peers are' : undefined),
    };
  },
});
