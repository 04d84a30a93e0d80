import { httpAddress } from '../../../core/http/index.js';
import { textOfName } from '../../../core/name.js';
import { cidr, duration, many, name, one } from '../../../core/properties.js';
import { secretFile } from '../../../core/secret.js';
import { defineHaPlugin } from '../../block.js';
import { HttpApi } from './http-api.js';

export default defineHaPlugin({
  name: 'http-api',
  args: many(httpAddress(8080), { min: 0, default: ['127.0.0.1:8080'] }),
  properties: {
    token: one(secretFile()),
    allow: many(cidr()),
    host: many(name()),
    wait: one(duration({ min: 0, max: 110_000 }), { default: '60s' }),
  },
  setup({ args, token, allow, host, wait: waitMs }, context) {
    return new HttpApi({ address: args.flat(), token, allow, hosts: host.map(textOfName), waitMs }, context);
  },
});
