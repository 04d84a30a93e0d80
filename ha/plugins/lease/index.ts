import { duration, fields, many, named, one, oneOf, path, text, url } from '../../../core/properties.js';
import { secretFile } from '../../../core/secret.js';
import { defineHaPlugin } from '../../block.js';
import { LeasePlugin } from './lease.js';

export default defineHaPlugin({
  name: 'lease',
  args: fields({ store: one(oneOf('etcd')), urls: many(url('http', 'https')) }),
  properties: {
    ttl: one(duration({ min: 2000 }), { default: '5s' }),
    stop_budget: one(duration({ min: 200 })),
    timeout: one(duration({ min: 100 }), { default: '1s' }),
    prefix: one(text(), { default: '/dynvpn/' }),
    ca: one(path()),
    identity: fields({ cert: one(named('CERT', path())), key: one(named('KEY', secretFile())) }),
  },
  setup({ args: { urls }, ttl, stop_budget: stopBudgetMs = ttl * 0.3, timeout: timeoutMs, prefix, ca, identity }, context) {
    if (ttl % 1000 !== 0) throw context.mistake('ttl: etcd counts in whole seconds');
    return new LeasePlugin({ urls, ttlSeconds: ttl / 1000, stopBudgetMs, timeoutMs, prefix, ca, identity }, context);
  },
});
