import test from 'ava';
import fc from 'fast-check';
import { textOfName, isWithin, nameFromText } from '../../core/name.js';
import { regexp } from '../../core/properties.js';
import { suffixOf } from './patterns.js';

const meaning = (pattern: string): string | undefined => {
  const suffix = suffixOf(pattern);
  return suffix && `${suffix.extent} ${textOfName(suffix.zone)}`;
};

test('patterns that mean names in a domain are understood', (t) => {
  t.is(meaning('.+\\.example\\.com$'), 'below it example.com');
  t.is(meaning('^.*\\.example\\.com$'), 'below it example.com');
  t.is(meaning('\\.local$'), 'below it local');
  t.is(meaning('^(.*\\.)?Foo-1\\.com$'), 'both foo-1.com');
  t.is(meaning('(?:^|\\.)foo\\.com$'), 'both foo.com');
  t.is(meaning('^www\\.foo\\.com$'), 'the name www.foo.com');
});

test('all others stay expressions', (t) => {
  const others = [
    '.+site-A\\.com$', 'example\\.com$', '.+\\.example\\.com', '.+\\.example.com$', '^(a|b)\\.example\\.com$', '.+\\.ex[ab]\\.com$', '$', '^$', '.+\\.com$|x',
  ];
  for (const pattern of others) t.is(meaning(pattern), undefined, pattern);
});

test('a domain look-up says what the expression says, for every name', (t) => {
  const label = fc.constantFrom('a', 'b', 'example', 'xexample', 'com', 'org', '1-2');
  const beginning = fc.constantFrom('^', '.+\\.', '^.*\\.', '\\.', '^(.*\\.)?', '^(?:.+\\.)?', '(^|\\.)');
  const domain = fc.array(label, { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(beginning, domain, fc.array(label, { minLength: 1, maxLength: 4 }), fc.boolean(), (start, zone, labels, inZone) => {
    const pattern = `${start}${zone.join('\\.')}$`;
    const name = nameFromText((inZone ? [...labels.slice(0, 2), ...zone] : labels).join('.'));
    const suffix = suffixOf(pattern)!;
    const matches = { 'the name': name === suffix.zone, 'below it': isWithin(name, suffix.zone) && name !== suffix.zone, both: isWithin(name, suffix.zone) };
    const expression = regexp({ ignoreCase: true }).read(pattern, { file: 'Corefile', line: 1, column: 1 });
    t.is(matches[suffix.extent], expression.test(textOfName(name)), `${pattern} on ${textOfName(name)}`);
  }));
});
