import test from 'ava';
import { judge, readRepository, repositoryRoot, rules, TidyFile, type Finding } from './tidy.js';

const repository = readRepository(repositoryRoot());

for (const rule of rules) {
  test(`the house keeps the rule: ${rule.name}`, (t) => {
    t.deepEqual(judge(rule, repository).map(textOf), []);
  });
}

const textOf = ({ path, line, problem }: Finding): string => `${path}:${line}: ${problem}`;
/** A path that stands in no file, since it is put together here. */
const pathOf = (...parts: readonly string[]): string => `/${parts.join('/')}`;
const lines = (count: number, line = ''): string => `${line}\n`.repeat(count);

const wholePlugin = {
  'plugins/index.ts': "import a from './a/index.js';",
  'plugins/a/index.ts': "export default definePlugin({ name: 'a' });",
  'plugins/a/a.test.ts': '',
  'plugins/a/README.md': '# a\n## Name\n## Description\n## Syntax\n```\n## a comment\n```\n## Examples\n### One\n## Metrics\n## API\n## Bugs\n',
};

/** What breaks each rule, what only looks as if it did, and the places that are found. */
const examples: Readonly<Record<string, { readonly files: Readonly<Record<string, string>>; readonly found: readonly string[] }>> = {
  'imports point one way': {
    files: {
      'core/a.ts': "import './b.js';\nimport '../plugins/index.js';\nexport * from '../ha/machine/step.js';\nimport 'koa';",
      'core/b.ts': "const x: import('../vpndns/vpndns.js').X = await import('../testing/index.js');",
      'core/c.test.ts': "import '../testing/index.js';\nimport '../plugins/a/a.js';",
      'plugins/index.ts': "import './a/index.js';\nimport '../vpndns/vpndns.js';",
      'plugins/a/a.ts': "import { Q } from '../../core/query.js';\nimport './store.js';\nimport type { X } from '../b/b.js';\nimport '../../testing/i.js';",
      'plugins/a/a.test.ts': "import '../../testing/index.js';\nimport '../b/b.js';",
      'testing/index.ts': "import '../core/host.js';\nimport '../plugins/index.js';\nimport '../vpndns/serve.js';",
      'ha/machine/step.ts': "import './state.js';\nimport '../../core/errors.js';\nimport '../plugins/peers/peers.js';",
      'ha/plugins/peers/peers.ts': "import '../../machine/step.js';\nimport '../route/route.js';",
      'test/end-to-end.ts': "import '../ha/dynvpn.js';\nimport '../plugins/a/a.js';",
    },
    found: [
      'core/a.ts:2', 'core/a.ts:3', 'core/b.ts:1', 'core/b.ts:1', 'core/c.test.ts:2', 'plugins/index.ts:2', 'plugins/a/a.ts:3', 'plugins/a/a.ts:4',
      'plugins/a/a.test.ts:2', 'testing/index.ts:3', 'ha/machine/step.ts:2', 'ha/machine/step.ts:3', 'ha/plugins/peers/peers.ts:2',
    ],
  },
  'a package has one door': {
    files: {
      'core/wire/library.ts': "import packet from 'dns-packet';",
      'core/hooks.ts': "import { SyncHook } from 'tapable';\nimport type { Packet } from 'dns-packet';",
      'plugins/a/a.ts': "import { SyncHook } from 'tapable';\n// import 'dns-packet'",
      'plugins/a/a.test.ts': "import packet from 'dns-packet';",
    },
    found: ['core/hooks.ts:2', 'plugins/a/a.ts:1'],
  },
  'the outside world is handed in': {
    files: {
      'core/a.ts': [
        "import { setTimeout } from 'node:timers/promises';", 'process.exit(1);', 'Date.now();', 'new Date();', 'performance.now();',
        'Math.random();', 'setTimeout(f, 1);', 'const later = setInterval;', 'globalThis.setTimeout(f, 1);', 'const { env } = process;',
      ].join('\n'),
      'core/b.ts': [
        'worker.process(1);', '({ process: 1 });', 'new Date(0);', 'Math.max(1);', '// Date.now()', "'setTimeout(f, 1)';", 'interface A { process(): void }',
        'type Timer = ReturnType<typeof setTimeout>;', 'clock.setTimeout(f);', 'Date.UTC(2026, 0);',
      ].join('\n'),
      'core/runtime.ts': 'Date.now();',
      'core/c.test.ts': 'process.exit(1);',
      'bench/bench.ts': 'performance.now();',
    },
    found: Array.from({ length: 10 }, (_, i) => `core/a.ts:${i + 1}`),
  },
  'functions are short': {
    files: {
      'core/a.ts': `\nfunction a() {\n${lines(69)}}\nconst b = () => {\n${lines(69)}};\nclass C {\n  m() {\n${lines(69)}  }\n}\n`,
      'core/b.ts': `/**\n${lines(70, ' *')} */\nfunction a() {\n${lines(68)}}\n`,
    },
    found: ['core/a.ts:2', 'core/a.ts:73', 'core/a.ts:145'],
  },
  'no any': {
    files: { 'core/a.ts': 'let a: any;\nconst b = c as any;\nconst any = 1;\n// any\ntype D = Map<string, any>;\n' },
    found: ['core/a.ts:1', 'core/a.ts:2', 'core/a.ts:5'],
  },
  'every test runs': {
    files: { 'core/a.test.ts': "test.only('a', f);\ntest.serial.skip('b', f);\ntest.todo('c');\ntest.serial('d', f);\nlist.skip(1);\n'test.only';\n" },
    found: ['core/a.test.ts:1', 'core/a.test.ts:2', 'core/a.test.ts:3'],
  },
  'the compiler is not silenced': {
    files: { 'core/a.ts': '// @ts-ignore\n/* @ts-expect-error */\n// @ts-nocheck\n// @throws\n' },
    found: ['core/a.ts:1', 'core/a.ts:2', 'core/a.ts:3'],
  },
  'lines fit a screen': {
    files: { 'core/a.ts': `${'x'.repeat(160)}\n${'x'.repeat(161)}\n`, 'README.md': 'x'.repeat(161) },
    found: ['core/a.ts:2'],
  },
  'files are short': {
    files: { 'core/a.ts': lines(401), 'core/b.ts': lines(400), 'package-lock.json': lines(401) },
    found: ['core/a.ts:401'],
  },
  'nothing is put off': {
    files: { 'core/a.ts': '// TODO: more\n// a todo list\n', 'README.md': 'FIXME\nTODOS' },
    found: ['core/a.ts:1', 'README.md:1'],
  },
  'no path of one machine': {
    files: {
      'README.md': [
        pathOf('work', 'main'), `see ${pathOf('home', 'me', 'x')}`, `(${pathOf('Users', 'me')})`, pathOf('tmp', 'wt', 'x'),
        `https://example.org${pathOf('work', 'x')}`, `..${pathOf('work', 'x')}`, `~${pathOf('home', 'x')}`, pathOf('var', 'db', 'x'),
      ].join('\n'),
    },
    found: ['README.md:1', 'README.md:2', 'README.md:3', 'README.md:4'],
  },
  'no host of a registry': {
    files: {
      '.npmrc': 'registry=http://10.0.0.1/\n@me:registry = x\nomit-lockfile-registry-resolved=true\n',
      'README.md': 'https://registry.example.org/x\nhttp://npm.mirror.example:4873/\nhttps://www.npmjs.com/package/x\nconst registry = new Registry();\n',
    },
    found: ['.npmrc:1', '.npmrc:2', 'README.md:1', 'README.md:2'],
  },
  'the lock file names no addresses': {
    files: { 'package-lock.json': '{\n"version": "1.0.0",\n"resolved": "x"\n}', 'other.json': '"resolved": "x"' },
    found: ['package-lock.json:3'],
  },
  'a plugin is whole': {
    files: { ...wholePlugin, 'plugins/b/b.ts': '', 'ha/plugins/c/index.ts': '', 'ha/plugins/c/README.md': '' },
    found: ['plugins/b:1', 'plugins/b:1', 'plugins/b:1', 'ha/plugins/c:1'],
  },
  'one word names a plugin': {
    files: {
      ...wholePlugin,
      'plugins/b/index.ts': "export default definePlugin({ name: 'a' });",
      'plugins/b/README.md': '# b\n',
      'plugins/c/index.ts': "export default defineHostPlugin({ name: 'c' });",
      'plugins/c/README.md': '# The c plugin\n',
      'plugins/d/index.ts': "export const d = { name: 'd' };",
    },
    found: ['plugins/b:1', 'plugins/c:1', 'plugins/d:1'],
  },
  "a plugin's README has its sections": {
    files: {
      ...wholePlugin,
      'plugins/b/README.md': '# b\n## Name\n## Description\n## Syntax\n## Metrics\n## Examples\n## API\n## Bugs\n',
      'plugins/c/README.md': '# c\n## Description\n',
    },
    found: ['plugins/b/README.md:1', 'plugins/c/README.md:1'],
  },
  'every plugin is in the list': {
    files: { ...wholePlugin, 'plugins/b/index.ts': '', 'ha/plugins/c/index.ts': '' },
    found: ['plugins/index.ts:1'],
  },
};

for (const rule of rules) {
  test(`the rule can be broken: ${rule.name}`, (t) => {
    const { files, found } = examples[rule.name] ?? { files: {}, found: ['an example'] };
    const bad = Object.entries(files).map(([path, text]) => new TidyFile(path, text));
    t.deepEqual(judge(rule, bad).map(({ path, line }) => `${path}:${line}`), found);
  });
}

test('leave to break a rule ends when the rule is kept', (t) => {
  const rule = { name: 'r', check: () => [{ path: 'a.ts', line: 3, problem: 'bad' }] };
  t.deepEqual(judge(rule, []).map(textOf), ['a.ts:3: bad']);
  t.deepEqual(judge(rule, [], ['a.ts']), []);
  t.deepEqual(judge(rule, [], ['a.ts', 'b.ts']).map(textOf), ['b.ts:1: keeps the rule; take it off the list of exceptions']);
});

test('the repository is read whole', (t) => {
  const paths = repository.map(({ path }) => path);
  for (const path of ['package.json', '.gitignore', 'core/plugin.ts', 'test/tidy.test.ts']) t.true(paths.includes(path), path);
  t.false(paths.some((path) => /^(?:\.git|node_modules|dist)(?:\/|$)/.test(path)));
});
