import test from 'ava';
import fc from 'fast-check';
import { isWithin, nameFromText, type Name } from '../../core/name.js';
import { regexp, type Regexp } from '../../core/properties.js';
import { NameRules, type NameRule } from './rules.js';

const pattern = (source: string): Regexp => regexp({ ignoreCase: true }).read(source, { file: 'Corefile', line: 1, column: 1 });
const find = <T>(rules: NameRules<T>, text: string): T | undefined => rules.find({ name: nameFromText(text), text });

test('the first rule in the file that holds decides, whatever its kind', (t) => {
  const rules = new NameRules([
    { condition: [nameFromText('corp.example')], value: 'zone' },
    { condition: pattern('^db[0-9]+'), value: 'expression' },
    { condition: pattern('.+\\.site\\.example$'), value: 'suffix' },
    { condition: [nameFromText('example')], value: 'last' },
  ]);
  t.is(find(rules, 'db1.corp.example'), 'zone');
  t.is(find(rules, 'db1.site.example'), 'expression');
  t.is(find(rules, 'www.site.example'), 'suffix');
  t.is(find(rules, 'site.example'), 'last');
  t.is(find(rules, 'DB7.org'), 'expression');
  t.is(find(rules, 'www.org'), undefined);
});

test('a zone holds its name and what is below, and nothing that only looks like it', (t) => {
  const rules = new NameRules([{ condition: [nameFromText('corp.example')], value: true }]);
  for (const text of ['corp.example', 'a.b.corp.example']) t.true(find(rules, text), text);
  for (const text of ['xcorp.example', 'example', 'corp.example.org']) t.is(find(rules, text), undefined, text);
});

test('it finds what going through the rules one by one finds', (t) => {
  const label = fc.constantFrom('a', 'b', 'c');
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => nameFromText(labels.join('.')));
  const rule = fc.oneof(name.map((zone): Name[] => [zone]), fc.constantFrom('^a', 'b\\.c$', '.+\\.a$', '^(.*\\.)?b\\.a$', 'c\\.b').map(pattern));
  fc.assert(fc.property(fc.array(rule, { maxLength: 6 }), fc.array(label, { minLength: 1, maxLength: 5 }), (conditions, labels) => {
    const list = conditions.map((condition, value): NameRule<number> => ({ condition, value }));
    const text = labels.join('.');
    const asked = nameFromText(text);
    const expected = list.find(({ condition }) => ('source' in condition ? condition.test(text) : condition.some((zone) => isWithin(asked, zone))));
    t.is(find(new NameRules(list), text), expected?.value);
  }));
});
