/** That every id of reliability.md has a test, or a reason why it needs none: read from the titles and from README.md. */
import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../tidy/files.js';

const folder = join(repositoryRoot(), 'test/conformance');

const idsFrom = (letter: string, first: number, last: number, width = 2): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `${letter}${String(first + i).padStart(width, '0')}`);

const wanted = [
  ...idsFrom('C', 1, 83), ...idsFrom('C', 88, 96), ...idsFrom('A', 1, 52), ...idsFrom('A', 60, 62), ...idsFrom('P', 1, 23, 1), ...idsFrom('V', 1, 20),
];

/** Ids at the beginning of a title (`C26 A01: …`), or alone in a string that becomes part of one. */
function idsInTitles(source: string): string[] {
  const lists = source.matchAll(/['`]((?:[CAPV]\d{1,2} ?)+)(?:: |['`])/g);
  return [...lists].flatMap(([, list]) => list!.trim().split(' '));
}

/** Ids in the table of what does not apply, with the reason. */
const excused = (readme: string): Map<string, string> =>
  new Map([...readme.matchAll(/^\| ([CAPV]\d{1,2}) \| .+? \| (.+) \|$/gm)].map(([, id, reason]) => [id!, reason!]));

const sources = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'coverage.test.ts');
const titled = new Set(sources.flatMap((name) => idsInTitles(readFileSync(join(folder, name), 'utf8'))));
const reasons = excused(readFileSync(join(folder, 'README.md'), 'utf8'));

test('every id has a test or a reason, and none has both', (t) => {
  t.deepEqual(wanted.filter((id) => !titled.has(id) && !reasons.has(id)), [], 'in neither');
  t.deepEqual(wanted.filter((id) => titled.has(id) && reasons.has(id)), [], 'in both');
  for (const [id, reason] of reasons) t.true(reason.length > 40, `${id}: a reason is a sentence`);
});

test('there are no ids but those', (t) => {
  t.deepEqual([...titled, ...reasons.keys()].filter((id) => !wanted.includes(id)), []);
});

test('titles and reasons are read as they stand', (t) => {
  const source = "test('C26: a', f); { title: 'A01 P1: b' }; U01: 'C63 A07', `V01: ${x}`; 'C1x: y'; 'see C27'; 'CC: z'";
  t.deepEqual(idsInTitles(source), ['C26', 'A01', 'P1', 'C63', 'A07', 'V01']);
  t.deepEqual([...excused('| id | what | why |\n|---|---|---|\n| C76 | x | because |\n| C84 |\n')], [['C76', 'because']]);
});
