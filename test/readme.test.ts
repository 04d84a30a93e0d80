/** Each plugin's README says what the plugin takes, and its examples load. (That its sections are there is a rule of `tidy.test.ts`.) */
import test from 'ava';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSyntax, type SectionDefinition, type Properties } from '../core/properties.js';
import { plugins } from '../plugins/index.js';
import { check, codeOf, wholeCorefile } from './check.js';
import { repositoryRoot } from './tidy.js';

interface Section {
  readonly title: string;
  readonly text: string;
}

const sectionsOf = (text: string): Section[] =>
  text.split(/^## /m).slice(1).map((part) => ({ title: part.slice(0, part.indexOf('\n')), text: part.slice(part.indexOf('\n') + 1) }));

for (const definition of plugins) {
  const path = join(repositoryRoot(), 'plugins', definition.name, 'README.md');
  // Its absence is the tidy test's to report.
  if (!existsSync(path)) continue;
  const text = readFileSync(path, 'utf8');
  const sections = sectionsOf(text);
  const section = (title: string): string => sections.find((each) => each.title === title)?.text ?? '';

  test(`${definition.name}: the README says in one line what it does`, (t) => {
    t.regex(section('Name'), new RegExp(`^\n\\*${definition.name}\\* - .+\\.\n\n$`));
  });

  test(`${definition.name}: the README’s syntax is the plugin’s`, (t) => {
    // The list's plugins are of many types; what syntax needs is common to all.
    const table = definition as { readonly name: string } & SectionDefinition<unknown, Properties>;
    t.is(codeOf(section('Syntax'))[0]?.text, `${describeSyntax(table)}\n`);
  });

  test(`${definition.name}: the README’s examples load`, async (t) => {
    const examples = codeOf(text).filter(({ language }) => language === 'corefile');
    t.true(examples.length > 0, 'there is an example');
    for (const example of examples) await t.notThrowsAsync(check(path, wholeCorefile(example.text)), example.text);
  });
}

test('an example with a mistake does not load', async (t) => {
  await t.throwsAsync(check('README.md', wholeCorefile('ttl { mim 5 }\n')), { message: /did you mean 'min'/ });
});
