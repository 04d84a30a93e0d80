import { address, fields, many, name, named, one, oneOf, path, repeated, seconds } from '../../core/properties.js';
import { definePlugin, type ApiCall } from '../../core/plugin.js';
import { StaticRecords } from './records.js';

const reload: ApiCall<StaticRecords> = {
  method: 'POST', path: '/static_records/reload', summary: 'Reads the files with static records anew',
  async handle(instances) {
    const results = await Promise.all(instances.map((each) => each.read()));
    const error = results.flatMap(({ errors }) => errors);
    const successful = results.reduce((sum, { records }) => sum + records, 0);
    return { message: 'completed', data: { error, total: successful + error.length, successful } };
  },
};

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
