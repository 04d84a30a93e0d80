import test, { type ExecutionContext } from 'ava';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfiguration } from './configuration.js';
import { describeMistake } from './errors.js';
import { definePlugin, type AnyPlugin } from './plugin.js';
import { many, text } from './properties.js';

const nothing = (name: string): AnyPlugin => definePlugin({ name, args: many(text(), { min: 0 }), setup: () => undefined }) as AnyPlugin;
const builtIn = ['first', 'second', 'third'].map(nothing);

/** The text of a module whose default export is a plugin. */
const pluginText = (name: string): string => `export default { name: '${name}', setup() {} };\n`;

/** A directory with these files in it. */
async function directoryWith(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'configuration-'));
  t.teardown(() => rm(directory, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

/** The names of all plugins in their order of action. */
async function orderOf(directory: string, corefile: string): Promise<string[]> {
  const { plugins } = await readConfiguration(builtIn, { file: join(directory, 'Corefile'), text: corefile, env: {} });
  return plugins.map(({ name }) => name);
}

/** The mistakes, each without the directory. */
async function mistakesOf(directory: string, corefile: string): Promise<string[]> {
  const { mistakes } = await readConfiguration(builtIn, { file: join(directory, 'Corefile'), text: corefile, env: {} });
  return mistakes.map((mistake) => describeMistake(mistake).replaceAll(`${directory}/`, ''));
}

test('directives act in the order of the plugins, those of one name in the order of the file', async (t) => {
  const corefile = '. {\nthird\nfirst a\n}\nx {\nsecond\n}';
  const { blocks, files } = await readConfiguration(builtIn, { file: 'Corefile', text: corefile, env: {} });
  const found = blocks.map(({ addresses, directives }) =>
    [addresses.map((word) => word.text), directives.map(({ definition, at }) => `${definition.name} ${at.line}`)]);
  t.deepEqual(found, [[['.'], ['first 3', 'third 2']], [['x'], ['second 6']]]);
  t.deepEqual(files, ['Corefile']);
});

test('a Corefile without a block is a mistake that shows the smallest', async (t) => {
  t.deepEqual(await mistakesOf('', '# nothing\n'), ['Corefile:1:1: there is no block in it; the smallest is `. { whoami }`']);
});

test('mistakes of all kinds are reported together, in the order of the files', async (t) => {
  const directory = await directoryWith(t, { 'part.conf': 'sekond\n' });
  const corefile = '. {\nthird {\n}\nimport part.conf\n}\nplugin ./gone.js\nx {\nfirst\nfirst\n}';
  const mistakes = await mistakesOf(directory, corefile);
  t.deepEqual(mistakes.map((line) => line.replace(/^(\S+).*/, '$1')), ['Corefile:2:7:', 'Corefile:6:1:', 'Corefile:9:1:', 'part.conf:1:1:']);
});

test('an external plugin acts last, or where it is told to', async (t) => {
  const directory = await directoryWith(t, { 'a.mjs': pluginText('a'), 'lib/b.mjs': pluginText('b'), 'c.mjs': pluginText('c') });
  t.deepEqual(await orderOf(directory, 'plugin ./a.mjs\n. {\na\n}'), ['first', 'second', 'third', 'a']);
  t.deepEqual(await orderOf(directory, 'plugin ./a.mjs before first\nplugin ./lib/b.mjs after second\n. {\n}'), ['a', 'first', 'second', 'b', 'third']);
  t.deepEqual(await orderOf(directory, 'plugin ./a.mjs\nplugin ./c.mjs before a\n. {\n}'), ['first', 'second', 'third', 'c', 'a']);
  t.deepEqual(await orderOf(directory, `plugin ${join(directory, 'a.mjs')}\n. {\n}`), ['first', 'second', 'third', 'a']);
});

test('its path counts from the file that names it', async (t) => {
  const directory = await directoryWith(t, { 'more/plugins.conf': 'plugin ./a.mjs\n', 'more/a.mjs': pluginText('a') });
  t.deepEqual(await orderOf(directory, 'import more/plugins.conf\n. {\na\n}'), ['first', 'second', 'third', 'a']);
});

test('a package is looked up from the Corefile’s directory', async (t) => {
  const directory = await directoryWith(t, {
    'node_modules/@scope/a/package.json': '{ "name": "@scope/a", "type": "module", "exports": "./plugin.js" }',
    'node_modules/@scope/a/plugin.js': pluginText('a'),
    'node_modules/b/package.json': '{ "name": "b", "main": "main.mjs" }', 'node_modules/b/main.mjs': pluginText('b'),
  });
  t.deepEqual(await orderOf(directory, 'plugin @scope/a\nplugin b\n. {\n}'), ['first', 'second', 'third', 'a', 'b']);
});

test('with mistakes, the rest is there to find more in', async (t) => {
  const { blocks, mistakes } = await readConfiguration(builtIn, { file: 'Corefile', text: '. {\nfurst\nsecond\n}', env: {} });
  t.is(mistakes.length, 1);
  t.deepEqual(blocks[0]!.directives.map(({ definition }) => definition.name), ['second']);
});

test('the built-in plugins of a host stay as they are', async (t) => {
  const directory = await directoryWith(t, { 'a.mjs': pluginText('a') });
  await orderOf(directory, 'plugin ./a.mjs\n. {\n}');
  t.is(builtIn.length, 3);
});

const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['a file that is not there', 'plugin ./gone.mjs', /^Corefile:1:1: plugin: can't load \.\/gone\.mjs: Cannot find module/],
  ['a package that is not there', 'plugin @x/gone', /^Corefile:1:1: plugin: there is no package '@x\/gone'; install it beside .* \(npm install @x\/gone\)$/],
  ['a package for import alone', 'plugin esm', /package 'esm' has no entry point that is for "default"; name the file itself, as \.\/node_modules\/esm\//],
  ['a module that throws', 'plugin ./throws.mjs', /plugin: can't load \.\/throws\.mjs: oops$/],
  ['a module that is no JavaScript', 'plugin ./syntax.mjs', /plugin: can't load \.\/syntax\.mjs: /],
  ['a module without a default export', 'plugin ./none.mjs', /plugin: the default export of \.\/none\.mjs is no plugin; make it with definePlugin\(\)$/],
  ['a default export that is no plugin', 'plugin ./null.mjs', /the default export of \.\/null\.mjs is no plugin/],
  ['a plugin without setup', 'plugin ./nameonly.mjs', /the default export of \.\/nameonly\.mjs is no plugin/],
  ['the name of a built-in plugin', 'plugin ./first.mjs', /plugin: there is a plugin 'first' already$/],
  ['one plugin twice', 'plugin ./a.mjs\nplugin ./a.mjs', /^Corefile:2:1: plugin: there is a plugin 'a' already$/],
  ['an unknown place', 'plugin ./a.mjs before gone', /plugin: it can't act before 'gone': there is no such plugin$/],
  ['a place that comes later', 'plugin ./a.mjs after b\nplugin ./b.mjs', /^Corefile:1:1: plugin: it can't act after 'b': there is no such plugin$/],
];

for (const [what, line, message] of wrong) {
  test(`a plugin line with ${what} is a mistake, told with its place`, async (t) => {
    const directory = await directoryWith(t, {
      'throws.mjs': "throw new Error('oops');", 'syntax.mjs': 'export default {', 'none.mjs': 'export const a = 1;', 'null.mjs': 'export default null;',
      'nameonly.mjs': "export default { name: 'a' };", 'first.mjs': pluginText('first'), 'a.mjs': pluginText('a'), 'b.mjs': pluginText('b'),
      'node_modules/esm/package.json': '{ "name": "esm", "exports": { "import": "./a.mjs" } }', 'node_modules/esm/a.mjs': pluginText('esm'),
    });
    const [mistake, ...more] = await mistakesOf(directory, `${line}\n. {\n}`);
    t.regex(mistake!, message);
    t.deepEqual(more, []);
  });
}
