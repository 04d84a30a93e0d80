import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { describeMistake } from '../errors.js';
import { limits } from '../limits.js';
import { dnsAddress } from './address.js';
import { bind, inFileOrder, parseCorefile, readAddresses } from './index.js';
import type { FileSource, ParsedCorefile } from './index.js';
import { attempt } from './mistakes.js';

const noFiles: FileSource = {
  readFile() {
    throw new Error('no such file');
  },
  glob: () => [],
};

const parse = (text: string, source: FileSource = noFiles): ParsedCorefile => parseCorefile({ file: 'Corefile', text, env: {}, source });
const problems = (parsed: ParsedCorefile): string[] => parsed.mistakes.map(describeMistake);

test('a block has addresses and directives', (t) => {
  const { blocks, mistakes } = parse('example.org, example.com:53,\n. {\n cache 30 {\n success 1\n }\n}');
  t.deepEqual(mistakes, []);
  t.deepEqual(blocks[0]!.addresses.map(({ text, at }) => `${text} ${at.line}:${at.column}`), ['example.org 1:1', 'example.com:53 1:14', '. 2:1']);
  t.deepEqual(blocks[0]!.directives.map(({ name, words }) => [name.text, ...words.map(({ text }) => text)]), [['cache', '30']]);
});

test('commas without spaces separate addresses, each at its own column', (t) => {
  t.deepEqual(parse('a,b,,c {\n}').blocks[0]!.addresses.map(({ text, at }) => `${text} ${at.column}`), ['a 1', 'b 3', 'c 6']);
});

test('a block of another host is named by whatever its host reads', (t) => {
  const [block] = parse('host1 {\n}').blocks;
  t.deepEqual(readAddresses(block!, { syntax: 'SITE', keywords: [], read: (site) => site.toUpperCase() }), ['HOST1']);
});

test('the main file is read where no text is given', (t) => {
  const read: string[] = [];
  const source: FileSource = { readFile: (path) => (read.push(path), '. {\n}'), glob: () => [] };
  t.is(parseCorefile({ file: 'etc/Corefile', env: {}, source }).blocks.length, 1);
  t.deepEqual(read, ['etc/Corefile']);
  t.deepEqual(problems(parseCorefile({ file: 'Corefile', env: {}, source: noFiles })), [
    'Corefile:1:1: \'Corefile\' is no file that can be read (no such file)',
  ]);
});

test('imports from the file system: relative to the importing file, patterns in order, hidden files left out', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vpncore-corefile-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  mkdirSync(join(directory, 'conf.d [x]'));
  write('conf.d [x]/all', 'import *.conf\nimport ../conf.d*/none*\n');
  write('conf.d [x]/b.conf', 'b.example {\n}\n');
  write('conf.d [x]/a.conf', 'a.example {\n import oops\n}\n');
  write('conf.d [x]/.swap.conf', 'nonsense');
  const { blocks, files, globs, mistakes } = parseCorefile({ file: join(directory, 'conf.d [x]', 'all'), env: {} });
  t.deepEqual(files.map((file) => file.slice(directory.length)), ['/conf.d [x]/all', '/conf.d [x]/a.conf', '/conf.d [x]/b.conf']);
  t.deepEqual(blocks.map(({ addresses }) => addresses[0]!.text), ['a.example', 'b.example']);
  t.deepEqual(globs.map(({ pattern }) => pattern), ['*.conf', '../conf.d*/none*']);
  t.is(mistakes.length, 1);
  t.true(mistakes[0]!.problem.includes('ENOENT'));
});

test('an absolute pattern does not count from the importing file', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vpncore-corefile-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'a.conf'), '. {\n}');
  const { files } = parseCorefile({ file: 'elsewhere/Corefile', text: `import ${directory}/*.conf`, env: {} });
  t.deepEqual(files, ['elsewhere/Corefile', join(directory, 'a.conf')]);
});

test('the size of a file is bounded', (t) => {
  t.deepEqual(problems(parse('#'.repeat(limits.corefileCharacters + 1))), [
    `Corefile:1:1: the file has ${limits.corefileCharacters + 1} characters; at most ${limits.corefileCharacters} are allowed`,
  ]);
});

test('snippets that double each other are stopped at a bound, with one mistake', (t) => {
  const levels = limits.corefileImportDepth - 2;
  const doubling = Array.from({ length: levels }, (_, i) => `(s${i}) {\n${`import s${i + 1}\n`.repeat(8)}}`).join('\n');
  const { mistakes } = parse(`${doubling}\n(s${levels}) {\nwhoami\n}\n. {\nimport s0\n}`);
  t.deepEqual(mistakes.map(({ problem }) => problem), [`with its imports the configuration has more than ${limits.corefileWords} words`]);
});

test('imports are not nested without end', (t) => {
  const source: FileSource = { readFile: (path) => `import ${path}x`, glob: () => [] };
  const { mistakes } = parse('import a', source);
  t.deepEqual(mistakes.map(({ problem }) => problem), [`imports are nested more than ${limits.corefileImportDepth} deep`]);
});

test('arguments belong to the import that gives them, not to the snippets that a file defines', (t) => {
  const source: FileSource = { readFile: () => '(s) {\n whoami {args[0]}\n}\n. {\n cache {args[0]}\n import s inner\n}', glob: () => [] };
  const { blocks, mistakes } = parse('import file outer', source);
  t.deepEqual(mistakes, []);
  t.deepEqual(blocks[0]!.directives.map(({ name, words }) => `${name.text} ${words[0]!.text}`), ['cache outer', 'whoami inner']);
});

test('mistakes come in the order in which a reader meets them, each once', (t) => {
  const source: FileSource = { readFile: () => 'x\n', glob: () => [] };
  const { mistakes, files } = parse('a {\n import f\n}\nb {\n import f\n}\nc\n', source);
  const bound = bind(parse('a {\n import f\n}\nb {\n import f\n}', source).blocks, []);
  t.deepEqual(inFileOrder([...bound.mistakes, ...mistakes], files).map(describeMistake), [
    'Corefile:7:1: \'c\' opens no block; expected: ADDRESS… { DIRECTIVES }',
    'f:1:1: there is no directive \'x\' (imported at Corefile:2:2)',
  ]);
});

test('property: any text gives blocks or mistakes, and binding it too', (t) => {
  const pieces = ['a', '.', 'import', 'plugin', '(s)', 's', 'f', '*', '{', '}', '"', '\n', '\n', ' ', ',', '#', '{args[0]}', '{$A}', 'cache{', 'before'];
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(' '));
  t.notThrows(() => fc.assert(fc.property(text, text, (main, imported) => {
    const source: FileSource = { readFile: (path) => (path.length < 9 ? imported : 'b {\n}'), glob: () => ['f', 'g'] };
    const { blocks, mistakes } = parse(main, source);
    const found = [...mistakes];
    for (const block of blocks) attempt(() => readAddresses(block, dnsAddress(53)), found);
    found.push(...bind(blocks, [{ name: 'a' }]).mistakes);
    return found.every(({ at, problem }) => at.line >= 1 && at.column >= 1 && problem.length > 0);
  }), { numRuns: 1500 }));
});
