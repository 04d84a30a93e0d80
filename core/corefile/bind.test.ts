import test from 'ava';
import { describeMistake } from '../errors.js';
import { definePlugin } from '../plugin.js';
import type { AnyPlugin } from '../plugin.js';
import type { DnsBlock } from '../block.js';
import { flag, many, one, seconds, text } from '../properties.js';
import { bind, parseCorefile } from './index.js';

const blocksOf = (text: string) => parseCorefile({ file: 'Corefile', text, env: {} }).blocks;
const bound = (text: string, definitions: Parameters<typeof bind>[1]) => {
  const { directives, mistakes } = bind(blocksOf(text), definitions);
  return {
    directives: directives.map(({ definition, options }) => `${definition.name} ${JSON.stringify(options.args)}`),
    mistakes: mistakes.map(describeMistake),
  };
};

test('directives come block by block, in the order of the definitions, then of the file', (t) => {
  const definitions = [{ name: 'first' }, { name: 'many', repeatable: true, args: one(text()) }, { name: 'last' }];
  t.deepEqual(bound('a {\nlast\nmany 2\nmany 1\nfirst\n}\nb {\nlast\nfirst\n}', definitions), {
    directives: ['first undefined', 'many "2"', 'many "1"', 'last undefined', 'first undefined', 'last undefined'],
    mistakes: [],
  });
});

test('each directive knows its definition, its block and its place', (t) => {
  const blocks = blocksOf('a {\n x\n}');
  const definition = { name: 'x' };
  const [directive] = bind(blocks, [definition]).directives;
  t.is(directive!.definition, definition);
  t.is(directive!.block, blocks[0]!);
  t.like(directive!.at, { line: 2, column: 2 });
  t.is(directive!.options.at, directive!.at);
});

test('a list of plugins of different options binds, and setup gets them', (t) => {
  const seen: unknown[] = [];
  const plugins: readonly AnyPlugin<DnsBlock>[] = [
    definePlugin({ name: 'ttl', properties: { min: one(seconds(), { default: 5 }) }, setup: ({ min, args }) => void seen.push(min, args) }),
    definePlugin({ name: 'names', args: many(text()), properties: { loud: flag() }, setup: ({ args, loud }) => void seen.push(args, loud) }),
  ];
  const { directives } = bind(blocksOf('a {\n names x y {\n loud\n }\n ttl\n}'), plugins);
  for (const { definition, options } of directives) definition.setup(options as never, undefined as never);
  t.deepEqual(seen, [5, undefined, ['x', 'y'], true]);
});

test('a directive with mistakes is left out; the others are not', (t) => {
  t.deepEqual(bound('a {\n x 1\n y\n z\n}', [{ name: 'x' }, { name: 'y' }]), {
    directives: ['y undefined'],
    mistakes: ['Corefile:2:4: x: \'1\' is unexpected; \'x\' stands alone', 'Corefile:4:2: there is no directive \'z\'; known: x, y'],
  });
});

test('a directive stands once in a block, a process-wide one once in all of them', (t) => {
  t.deepEqual(bound('a {\n x\n x\n p\n}\nb {\n x\n p\n}', [{ name: 'x' }, { name: 'p', processWide: true }]).mistakes, [
    'Corefile:3:2: x: may stand once in a block; the first is at Corefile:2:2',
    'Corefile:8:2: p: acts on the whole process and may stand once; the first is at Corefile:4:2',
  ]);
});
