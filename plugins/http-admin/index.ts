import { httpAddress } from '../../core/http/index.js';
import { textOfName } from '../../core/name.js';
import { cidr, fields, flag, many, name, named, one, path } from '../../core/properties.js';
import { defineHostPlugin } from '../../core/plugin.js';
import { secretFile } from '../../core/secret.js';
import { Admin } from './http-admin.js';
import { adminCalls } from './calls.js';

export default defineHostPlugin({
  name: 'http-admin',
  processWide: true,
  args: many(httpAddress(8080), { min: 0, default: ['127.0.0.1:8080'] }),
  properties: {
    unix: one(path()),
    token: one(secretFile()),
    tls: fields({ cert: one(named('CERT', path())), key: one(named('KEY', secretFile())) }),
    read_only: flag(),
    allow: many(cidr()),
    host: many(name()),
  },
  api: adminCalls,
  setup({ args, host, read_only: readOnly, ...options }, context) {
    return new Admin({ ...options, address: args.flat(), hosts: host.map(textOfName), readOnly }, context);
  },
});
