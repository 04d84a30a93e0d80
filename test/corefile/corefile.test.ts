/**
 * The Corefile language as text files. Each `*.txt` says what it shows, then has parts begun by `-- NAME --`: the files, of which `Corefile`
 * is the main one, and `result`: the mistakes as a terminal shows them, or what was bound. `REWRITE=1 npx ava …` writes the results anew.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { bind, dnsAddress, inFileOrder, parseCorefile, readAddresses } from '../../core/corefile/index.js';
import type { Block, BoundDirective, FileSource, ServerAddress } from '../../core/corefile/index.js';
import { attempt } from '../../core/corefile/mistakes.js';
import { at, drawMistake } from '../../core/errors.js';
import type { Mistake, Position } from '../../core/errors.js';
import { textOfName } from '../../core/name.js';
import type { Name } from '../../core/name.js';
import { directives } from './directives.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = join(root, 'test/corefile');

/** `-- NAME --` begins a part; what stands before the first is a comment. */
function partsOf(text: string): Map<string, string> {
  const [comment = '', ...rest] = text.split(/^-- (.+) --\n/m);
  const parts = new Map([['', comment]]);
  for (let i = 0; i < rest.length; i += 2) parts.set(rest[i]!, rest[i + 1]!);
  return parts;
}

/** The parts as a file system. */
const sourceOf = (parts: ReadonlyMap<string, string>): FileSource => ({
  readFile(path) {
    const text = parts.get(path);
    if (text === undefined) throw new Error('no such file');
    return text;
  },
  glob(pattern, directory) {
    const wanted = new RegExp(`^${join(directory, pattern).replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
    return [...parts.keys()].filter((name) => wanted.test(name)).sort();
  },
});

const isPosition = (value: object): value is Position => 'line' in value && 'column' in value;

/** A value of an option on one line, in which everything is as in a Corefile. */
const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'string') return inner.endsWith('\0') ? textOfName(inner as Name) : inner.replace(root, '/…/');
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    if (isPosition(inner)) return at(inner);
    if ('test' in inner && 'source' in inner) return `/${String(inner.source)}/`;
    if ('network' in inner && 'text' in inner) return inner.text;
    return 'octets' in inner && 'text' in inner ? inner.text : inner;
  });

function showDirective({ definition, options }: BoundDirective<{ readonly name: string }>): string {
  const { at: place, ...rest } = options;
  const lines = Object.entries(rest).filter(([, value]) => value !== undefined).sort(([a], [b]) => Number(b === 'args') - Number(a === 'args'));
  return [`  ${definition.name} (${at(place)})`, ...lines.map(([key, value]) => `    ${key}: ${show(value)}`)].join('\n');
}

const showAddress = ({ text, zones, port }: ServerAddress): string => `${text} = ${zones.map(textOfName).join(' ')} at port ${port}`;

/** Does what a DNS host does with a Corefile before it sets plugins up. */
function load(parts: ReadonlyMap<string, string>): string {
  const env = { ZONE: 'example.org', SPACED: 'two words' };
  const parsed = parseCorefile({ file: 'Corefile', env, source: sourceOf(parts) });
  const bound = bind(parsed.blocks, directives);
  const mistakes: Mistake[] = [...parsed.mistakes, ...bound.mistakes];
  const addresses = new Map(parsed.blocks.map((block) => [block, attempt(() => readAddresses(block, dnsAddress(53)), mistakes).flat()]));
  const of = (block: Block) => bound.directives.filter((directive) => directive.block === block);
  if (mistakes.length > 0) return inFileOrder(mistakes, parsed.files).map(drawMistake).join('\n');
  return [
    ...(parsed.files.length > 1 ? [`files: ${[...parsed.files, ...parsed.globs.map(({ pattern }) => pattern)].join(' ')}`] : []),
    ...parsed.plugins.map((plugin) => `plugin ${show(plugin)}`),
    ...parsed.blocks.flatMap((block) => [addresses.get(block)!.map(showAddress).join(', '), ...of(block).map(showDirective)]),
  ].join('\n');
}

const rewrite = process.env['REWRITE'] === '1';

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(file.slice(0, -'.txt'.length), (t) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const parts = partsOf(text);
    const result = `${load(parts)}\n`;
    if (rewrite) writeFileSync(path, `${text.slice(0, text.indexOf('-- result --\n'))}-- result --\n${result}`);
    t.is(result, rewrite ? result : (parts.get('result') ?? ''));
  });
}
