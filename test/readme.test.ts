/** Each plugin's README says what the plugin takes, and its examples load. (That its sections are there is a rule of `tidy.test.ts`.) */
import test from 'ava';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress, type Address } from '../core/address.js';
import { readConfiguration } from '../core/configuration.js';
import { createDnsHost } from '../core/dns.js';
import { createLogger } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import type { AnyPlugin } from '../core/plugin.js';
import { describeSyntax, type SectionDefinition, type Properties } from '../core/properties.js';
import { systemRuntime } from '../core/runtime.js';
import { plugins } from '../plugins/index.js';
import { TestClock } from '../testing/index.js';
import { repositoryRoot } from './tidy.js';

interface Section {
  readonly title: string;
  readonly text: string;
}

interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

const sectionsOf = (text: string): Section[] =>
  text.split(/^## /m).slice(1).map((part) => ({ title: part.slice(0, part.indexOf('\n')), text: part.slice(part.indexOf('\n') + 1) }));

const codeOf = (text: string): CodeBlock[] => [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = '', code = '']) => ({ language, text: code }));

/** An example that is one directive stands in a block of its own; what begins with an address is whole. */
const wholeCorefile = (example: string): string => {
  const [first = ''] = example.trim().split(/\s/);
  return plugins.some(({ name }) => name === first) ? `. {\n${example}}\n` : example;
};

/** Interfaces that examples may name. */
const interfaces = (): ReadonlyMap<string, readonly Address[]> =>
  new Map([['lo', [parseAddress('127.0.0.1')!]], ['eth0', [parseAddress('192.0.2.1')!]], ['wg0', [parseAddress('10.0.0.1')!]]]);

/** Sets the configuration up as `--check` does; fails with its mistakes. */
async function check(text: string): Promise<void> {
  const clock = new TestClock();
  const runtime = { ...systemRuntime(), clock, env: {} };
  const { host, server } = createDnsHost({
    name: 'vpndns', version: 'test', runtime, log: createLogger(() => undefined, clock), metrics: new Metrics(), defaultPort: 53, interfaces,
    read: () => readConfiguration(plugins as readonly AnyPlugin[], { file: 'README.md', text, env: {} }),
  });
  await host.check();
  server.close();
}

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
    for (const example of examples) await t.notThrowsAsync(check(wholeCorefile(example.text)), example.text);
  });
}

test('an example with a mistake does not load', async (t) => {
  await t.throwsAsync(check(wholeCorefile('ttl { mim 5 }\n')), { message: /did you mean 'min'/ });
});
