import { definePlugin } from '../../core/plugin.js';
import { cidr, fields, group, integer, many, name, named, one, regexp, repeated, required, section } from '../../core/properties.js';
import { groupProperties, servers } from '../../core/upstream/index.js';
import { compilePolicy } from './compile.js';
import { SourcePolicy } from './source-policy-forward.js';
import { newGroup, target } from './targets.js';

/** `to ADDRESS…`, or `to GROUP`. */
const to = required(many(target()));

export const properties = {
  default: many(target()),
  from: repeated(fields({ networks: many(cidr()) }, { to })),
  identity: repeated(fields({ network: one(cidr()) }, { port: one(integer({ min: 1, max: 65_535 }), { default: 53 }) })),
  rules: group({
    match: fields({ pattern: one(regexp({ ignoreCase: true })) }, { to }),
    zone: fields({ zones: many(named('NAME', name())) }, { to }),
  }),
  upstream: repeated(section({ args: one(newGroup()), properties: { to: required(many(servers())), ...groupProperties } })),
  ...groupProperties,
};

export default definePlugin({
  name: 'source-policy-forward',
  properties,
  setup: (options, context) => new SourcePolicy(compilePolicy(options, context), context),
});
