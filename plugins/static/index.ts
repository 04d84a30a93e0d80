import { address, fields, many, name, named, one, oneOf, path, repeated, seconds } from '../../core/properties.js';
import { definePlugin, sharedCall } from '../../core/plugin.js';
import { StaticRecords } from './records.js';

const reload = sharedCall<StaticRecords, { readonly error: readonly string[]; readonly successful: number }>({
  method: 'POST', path: '/static_records/reload', summary: 'Reads the files with static records anew',
  async ask(instances) {
    const results = await Promise.all(instances.map((each) => each.read()));
    return { error: results.flatMap(({ errors }) => errors), successful: results.reduce((sum, { records }) => sum + records, 0) };
  },
  // All workers read the same files; one may fail where the others don't.
  reply(parts) {
    const error = [...new Set(parts.flatMap((part) => part.error))];
    const successful = Math.min(...parts.map((part) => part.successful));
    return { message: 'completed', data: { error, total: successful + error.length, successful } };
  },
});

export default definePlugin({
  name: 'static',
  repeatable: true,
  args: many(named('FILE', path()), { min: 0 }),
  properties: {
    ttl: one(seconds(), { default: 1 }),
    ptr: one(oneOf('auto', 'off'), { default: 'auto' }),
    record: repeated(fields({ name: one(name()), addresses: many(address()) })),
  },
  api: [reload],
  setup({ args, ttl, ptr, record }, { block, log }) {
    const records = new StaticRecords({ files: args, inline: record, ttl, ptr: ptr === 'auto', log });
    block.hooks.query.tap('static', (query) => records.table.find(query.name, query.type));
    return records;
  },
});
