import { messageOf } from '../../core/errors.js';
import { defineHostPlugin } from '../../core/plugin.js';
import { one } from '../../core/properties.js';
import { wantedWorkers } from '../../core/workers/index.js';
import { countOf, workerCount } from './workers.js';

export default defineHostPlugin({
  name: 'workers',
  processWide: true,
  args: one(workerCount()),
  setup({ args }, { host, mistake }) {
    try {
      wantedWorkers(host).count = countOf(args, host.runtime.machine);
    } catch (error) {
      throw mistake(messageOf(error));
    }
  },
});
