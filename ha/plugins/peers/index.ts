import { cidr, duration, fields, integer, many, one, oneOf, repeated, text } from '../../../core/properties.js';
import { secretFile } from '../../../core/secret.js';
import { defineHaPlugin } from '../../block.js';
import { Peers } from './peers.js';

export default defineHaPlugin({
  name: 'peers',
  properties: {
    secret: repeated(fields({ file: one(secretFile()), sites: many(text(), { min: 0 }) })),
    pull: one(duration({ min: 100 })),
    timeout: one(duration({ min: 100 })),
    retries: one(integer({ max: 100 })),
    partition: one(oneOf('available', 'majority')),
    allow: many(cidr()),
  },
  setup({ secret: secrets, pull: intervalMs, timeout: timeoutMs, retries, partition, allow }, context) {
    return new Peers({ secrets, intervalMs, timeoutMs, retries, partition, allow }, context);
  },
});
