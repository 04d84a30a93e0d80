/** Each plugin's README says what the plugin takes, and its examples load. (That its sections are there is a rule of `tidy.test.ts`.) */
import test from 'ava';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '../core/configuration.js';
import { createLogger } from '../core/log.js';
import { Metrics } from '../core/metrics.js';
import type { AnyPlugin } from '../core/plugin.js';
import { describeSyntax, type SectionDefinition, type Properties } from '../core/properties.js';
import { systemRuntime, type Runtime } from '../core/runtime.js';
import { createHaHost } from '../ha/host.js';
import { plugins as haPlugins } from '../ha/plugins/index.js';
import { plugins as dnsPlugins } from '../plugins/index.js';
import { TestClock } from '../testing/index.js';
import { check, codeOf } from './check.js';
import { repositoryRoot } from './tidy.js';

interface Section {
  readonly title: string;
  readonly text: string;
}

const sectionsOf = (text: string): Section[] =>
  text.split(/^## /m).slice(1).map((part) => ({ title: part.slice(0, part.indexOf('\n')), text: part.slice(part.indexOf('\n') + 1) }));

/** A program with its plugins: whose READMEs they are, and how an example is set up as `--check` does it. */
interface Program {
  readonly plugins: readonly AnyPlugin[];
  readonly folder: string;
  /** Makes a whole configuration of an example that is one directive. */
  wrap(directive: string): string;
  /** Fails with the mistakes of a configuration. */
  check(text: string): Promise<void>;
}

const optionsOf = (name: string, env: Runtime['env'], file: string, text: string, plugins: readonly AnyPlugin[]) => {
  const clock = new TestClock();
  return {
    name, version: 'test', runtime: { ...systemRuntime(), clock, env }, log: createLogger(() => undefined, clock), metrics: new Metrics(),
    read: () => readConfiguration(plugins, { file, text, env: {} }),
  };
};

const vpndns: Program = {
  plugins: dnsPlugins as readonly AnyPlugin[],
  folder: 'plugins',
  wrap: (directive) => `. {\n${directive}}\n`,
  async check(text) {
    await check('README.md', text);
  },
};

/** A directory with every program that examples run. */
const programs = mkdtempSync(join(tmpdir(), 'programs-'));
for (const program of ['ip', 'vtysh', 'route', 'ping', 'systemctl']) writeFileSync(join(programs, program), '', { mode: 0o700 });
test.after.always(() => rmSync(programs, { recursive: true }));

const dynvpn: Program = {
  plugins: haPlugins as readonly AnyPlugin[],
  folder: 'ha/plugins',
  wrap(directive) {
    const others = ['vpn-script scripts', 'peers'].filter((line) => !directive.startsWith(line.split(' ')[0]!));
    return `host1 {\nconfig global.yml local.yml\n${directive}${others.join('\n')}\n}\n`;
  },
  async check(text) {
    const file = join(repositoryRoot(), 'examples/ha/Dynvpnfile');
    await createHaHost(optionsOf('dynvpn', { PATH: programs }, file, text, dynvpn.plugins)).check();
  },
};

/** An example that is one directive stands in a block of its own; what begins with an address is whole. */
const wholeCorefile = (example: string, { plugins, wrap }: Program): string =>
  (plugins.some(({ name }) => name === example.trim().split(/\s/)[0]) ? wrap(example) : example);

for (const [program, definition] of [vpndns, dynvpn].flatMap((each) => each.plugins.map((plugin) => [each, plugin] as const))) {
  const path = join(repositoryRoot(), program.folder, definition.name, 'README.md');
  // Its absence is the tidy test's to report; the plugins of one host that another shares are in the former's folder.
  if (!existsSync(path)) continue;
  const text = readFileSync(path, 'utf8');
  const sections = sectionsOf(text);
  const section = (title: string): string => sections.find((each) => each.title === title)?.text ?? '';
  const subject = `${program.folder}/${definition.name}`;

  test(`${subject}: the README says in one line what it does`, (t) => {
    t.regex(section('Name'), new RegExp(`^\n\\*${definition.name}\\* - .+\\.\n\n$`));
  });

  test(`${subject}: the README’s syntax is the plugin’s`, (t) => {
    t.is(codeOf(section('Syntax'))[0]?.text, `${describeSyntax(definition as SectionDefinition<unknown, Properties> & { readonly name: string })}\n`);
  });

  test(`${subject}: the README’s examples load`, async (t) => {
    const examples = codeOf(text).filter(({ language }) => language === 'corefile');
    t.true(examples.length > 0, 'there is an example');
    for (const example of examples) await t.notThrowsAsync(program.check(wholeCorefile(example.text, program)), example.text);
  });
}

test('the example of a site loads', async (t) => {
  await t.notThrowsAsync(dynvpn.check(readFileSync(join(repositoryRoot(), 'examples/ha/Dynvpnfile'), 'utf8')));
});

test('an example with a mistake does not load', async (t) => {
  await t.throwsAsync(vpndns.check(wholeCorefile('ttl { mim 5 }\n', vpndns)), { message: /did you mean 'min'/ });
});
