import test from 'ava';
import { jsonSchemas, type JsonSchema } from './json-schema.js';

/** Every key that may stand in a file, with what is said of it: `sites.*.id`. */
function keysOf(schema: JsonSchema, path: readonly string[] = []): { key: string; schema: JsonSchema }[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, value]): { key: string; schema: JsonSchema }[] => {
    if (typeof value === 'boolean') return [];
    return [{ key: [...path, name].join('.'), schema: value }, ...keysOf(value, [...path, name])];
  });
  const choices = (schema.oneOf ?? []).flatMap((choice) => (typeof choice === 'boolean' ? [] : keysOf(choice, path)));
  const items = typeof schema.additionalProperties === 'object' ? keysOf(schema.additionalProperties, [...path, '*']) : [];
  return [...inner, ...choices, ...items];
}

test('every key of both files is explained, and none but those is allowed', (t) => {
  const { site, wan } = jsonSchemas();
  const keys = [...keysOf(site), ...keysOf(wan)];
  t.true(keys.length > 60);
  t.deepEqual(keys.filter(({ schema }) => schema.description === undefined).map(({ key }) => key), []);
  t.deepEqual([site.additionalProperties, wan.additionalProperties], [false, false]);
});

test('an editor knows what has to be there, what may be left out, and what it then is', (t) => {
  const { site, wan } = jsonSchemas();
  t.deepEqual([site.required, wan.required], [['site', 'wan', 'internet', 'containers'], ['networks', 'sites']]);
  const of = (name: string): JsonSchema | undefined => keysOf(wan).find(({ key }) => key === name)?.schema;
  t.deepEqual([of('numbers.vpn')?.type, of('numbers.vpn')?.default, of('ha.check_interval')?.default], ['integer', 50, '10s']);
  t.deepEqual([of('sites.*.id')?.minimum, of('sites.*.id')?.maximum, of('tunnel')?.enum], [1, 181, ['ipsec', 'ipsec-gre', 'gre']]);
});
