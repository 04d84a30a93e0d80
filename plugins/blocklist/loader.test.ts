import test, { type ExecutionContext } from 'ava';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperationalError } from '../../core/errors.js';
import { nameFromText, parentOf, root, textOfName, type Name } from '../../core/name.js';
import { systemRandom } from '../../core/runtime.js';
import { lineOf } from './list-file.js';
import { loadLists, type LoadRequest } from './load.js';
import { listsOf, startLoading, type Lists } from './loader.js';
import type { ListSource } from './sources.js';

/** A directory with these files, which goes with the test. */
function directoryOf(t: ExecutionContext, files: Readonly<Record<string, string | Buffer>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'blocklist-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

const below = (path: string): ListSource => ({ kind: 'directory', path, allow: false });
const file = (path: string): ListSource => ({ kind: 'file', path, label: path, allow: false });
const request = (sources: readonly ListSource[], parts: Partial<LoadRequest> = {}): LoadRequest => ({ sources, format: 'auto', match: 'exact', ...parts });

async function load(sources: readonly ListSource[], parts: Partial<LoadRequest> = {}): Promise<Lists> {
  const loaded = await startLoading(request(sources, parts), () => undefined).result;
  if (loaded === undefined) throw new Error('nothing was loaded');
  return listsOf(loaded);
}

const blocks = ({ blocked }: Lists, name: string): boolean => blocked.matchName(nameFromText(name)) !== -1;
const allows = ({ allowed }: Lists, name: string): boolean => allowed.matchName(nameFromText(name)) !== -1;

test('every file below a directory is a list, in the order of their names, and hidden ones are none', async (t) => {
  const directory = directoryOf(t, {
    'b.txt': 'b.example\n', 'a.txt': '0.0.0.0 a.example\n0.0.0.0 b.example\n', 'sub/c.txt': '||c.example^\n@@||d.c.example^\n',
    '.hidden': 'e.example\n', '.git/x': 'f.example\n',
  });
  const lists = await load([below(directory)]);
  t.deepEqual(lists.lists.map(({ label, format, names, allow }) => ({ label, format, names, allow })), [
    { label: 'a.txt', format: 'hosts', names: 2, allow: false },
    { label: 'b.txt', format: 'plain', names: 0, allow: false },
    { label: 'sub/c.txt', format: 'adblock', names: 2, allow: false },
  ]);
  t.deepEqual(['a.example', 'b.example', 'c.example', 'x.c.example'].filter((name) => !blocks(lists, name)), []);
  t.deepEqual(['x.a.example', 'e.example', 'f.example'].filter((name) => blocks(lists, name)), []);
  t.true(allows(lists, 'd.c.example'));
  t.is(lists.blocked.size, 3);
});

test('match subdomains widens the formats that do not say it themselves', async (t) => {
  const directory = directoryOf(t, { 'a.txt': 'a.example\n', 'b.rpz': 'b.example CNAME .\n' });
  const lists = await load([below(directory)], { match: 'subdomains' });
  t.true(blocks(lists, 'x.a.example'));
  t.false(blocks(lists, 'x.b.example'));
});

test('names of allow files and of the Corefile go to the other index', async (t) => {
  const directory = directoryOf(t, { 'allow.txt': 'a.example\n||b.example^\n' });
  const lists = await load([
    { kind: 'file', path: join(directory, 'allow.txt'), label: 'allow.txt', allow: true },
    { kind: 'names', label: 'allow', names: [nameFromText('c.example')], allow: true },
  ]);
  t.is(lists.blocked.size, 0);
  t.true(['a.example', 'x.b.example', 'c.example'].every((name) => allows(lists, name)));
  t.is(lists.lists[lists.allowed.listOf(lists.allowed.matchName(nameFromText('c.example')))]?.label, 'allow');
});

test('lines that are no names are counted, and the first are shown', async (t) => {
  const bad = Array.from({ length: 9 }, (_, i) => `no name ${i}`);
  const binary = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 167) & 0xff));
  const directory = directoryOf(t, { 'a.txt': `good.example\n${bad.join('\n')}\n`, binary });
  const lists = await load([below(directory)], { format: 'plain' });
  const [first] = lists.lists;
  t.is(first?.skipped, 9);
  t.deepEqual(first?.samples.map(({ line, text }) => ({ line, text })), [0, 1, 2, 3, 4].map((i) => ({ line: i + 2, text: `no name ${i}` })));
  t.true(blocks(lists, 'good.example'));
});

test('symbolic links are followed, and a loop of them ends', async (t) => {
  const directory = directoryOf(t, { 'sub/a.txt': 'a.example\n', 'elsewhere/b.txt': 'b.example\n' });
  symlinkSync(directory, join(directory, 'sub', 'loop'));
  symlinkSync(join(directory, 'elsewhere', 'b.txt'), join(directory, 'sub', 'link.txt'));
  const lists = await load([below(join(directory, 'sub'))]);
  t.true(blocks(lists, 'a.example') && blocks(lists, 'b.example'));
});

test('a source that cannot be read fails the whole load, and says which and why', async (t) => {
  const directory = directoryOf(t, { 'a.txt': 'a.example\n' });
  symlinkSync('nowhere', join(directory, 'broken'));
  for (const sources of [[file(join(directory, 'missing.txt'))], [below(join(directory, 'missing'))], [below(directory)], [file(directory)]]) {
    const error = await t.throwsAsync(load(sources), { instanceOf: OperationalError });
    t.true(error.message.startsWith(`can't read ${directory}`), error.message);
    t.false(error.message.includes('\n'));
  }
});

test('a directory that may not be read is a failure too', async (t) => {
  const directory = directoryOf(t, { 'locked/a.txt': 'a.example\n' });
  chmodSync(join(directory, 'locked'), 0);
  t.teardown(() => chmodSync(join(directory, 'locked'), 0o700));
  const outcome = load([below(directory)]);
  if (process.getuid?.() === 0) t.log('root may read everything');
  await (process.getuid?.() === 0 ? t.notThrowsAsync(outcome) : t.throwsAsync(outcome, { message: /can't read .*locked.*EACCES/ }));
});

test('lists that have not changed are not read again', async (t) => {
  const directory = directoryOf(t, { 'a.txt': 'a.example\n' });
  const { fingerprint } = await load([below(directory)]);
  t.is(await startLoading(request([below(directory)], { unless: fingerprint }), () => undefined).result, undefined);
  utimesSync(join(directory, 'a.txt'), 1, 1);
  t.not((await load([below(directory)], { unless: fingerprint })).fingerprint, fingerprint);
  writeFileSync(join(directory, 'b.txt'), 'b.example\n');
  t.true(blocks(await load([below(directory)], { unless: fingerprint }), 'b.example'));
});

test('a load that is given up fails, and leaves no thread behind', async (t) => {
  const directory = directoryOf(t, { 'a.txt': Array.from({ length: 300_000 }, (_, i) => `host${i}.example\n`).join('') });
  const loading = startLoading(request([below(directory)]), () => undefined);
  const outcome = t.throwsAsync(loading.result, { instanceOf: OperationalError, message: /given up/ });
  await loading.close();
  await outcome;
  await loading.close();
});

test('a mistake inside the thread is a failed load, and nobody waits for it for ever', async (t) => {
  const loading = startLoading(request([{ kind: 'nonsense' } as unknown as ListSource], { match: 'exact' }), () => undefined);
  await t.throwsAsync(loading.result, { instanceOf: OperationalError });
});

test('progress is told while names come in', (t) => {
  const directory = directoryOf(t, { 'a.txt': Array.from({ length: 20_000 }, (_, i) => `host${i}.example\n`).join('') });
  const told: number[] = [];
  loadLists(request([below(directory)]), systemRandom(), (names) => told.push(names));
  t.deepEqual(told, [8192, 16_384]);
});

test('the line that lists a name is found again in the file', async (t) => {
  const padding = Array.from({ length: 50_000 }, (_, i) => `0.0.0.0 host${i}.example\n`).join('');
  const directory = directoryOf(t, { 'a.txt': `# comment\n\n${padding}0.0.0.0 a.example b.example\n`, 'b.txt': '||c.example^\n@@||c.example^\n' });
  const name = nameFromText('B.example');
  t.is(await lineOf(join(directory, 'a.txt'), 'hosts', { name, allow: false }), 50_003);
  t.is(await lineOf(join(directory, 'a.txt'), 'hosts', { name: nameFromText('x.example'), allow: false }), undefined);
  t.is(await lineOf(join(directory, 'b.txt'), 'adblock', { name: nameFromText('c.example'), allow: true }), 2);
  await t.throwsAsync(lineOf(join(directory, 'c.txt'), 'plain', { name, allow: false }));
});

// The real lists lie beside the repository; AVA runs in its root.
const data = '../shared/data';

/** The names in a real list, read in the simplest way there is, and whether they cover what is below them. */
const readers: Readonly<Record<string, { readonly pattern: RegExp; readonly subdomains: boolean }>> = {
  'adblock-tracking.txt': { pattern: /^\|\|([^\s^]+)\^\s*$/gm, subdomains: true },
  'dnsmasq-torrent.txt': { pattern: /^server=\/([^/\s]+)\/\s*$/gm, subdomains: true },
  'hosts-adservers.txt': { pattern: /^0\.0\.0\.0 (\S+)\s*$/gm, subdomains: false },
  'plain-smart-tv.txt': { pattern: /^([^#\s]+)\s*$/gm, subdomains: false },
};

test('the real lists are loaded to the last name, and block no other', async (t) => {
  if (!existsSync(data)) {
    t.log(`skipped: ${data} is not there`);
    t.pass();
    return;
  }
  const paths = Object.keys(readers).map((name) => join(data, 'blocklists', name));
  const lists = await load(paths.map(file));
  const exact = new Set<Name>();
  const zones = new Set<Name>();
  for (const [name, { pattern, subdomains }] of Object.entries(readers)) {
    const text = readFileSync(join(data, 'blocklists', name), 'utf8');
    for (const [, listed] of text.matchAll(pattern)) (subdomains ? zones : exact).add(nameFromText(listed!));
  }
  const all = new Set([...exact, ...zones]);
  t.is(lists.blocked.size, all.size);
  t.is(lists.lists.reduce((sum, { skipped }) => sum + skipped, 0), 0);
  t.deepEqual([...all].filter((name) => lists.blocked.matchName(name) === -1).map(textOfName), []);
  const isListed = (name: Name): boolean => {
    for (let above: Name | undefined = name; above !== undefined && above !== root; above = parentOf(above)) if (zones.has(above)) return true;
    return exact.has(name);
  };
  for (const asked of readdirSync(join(data, 'names'))) {
    const names = readFileSync(join(data, 'names', asked), 'utf8').split('\n').filter((line) => line !== '').map(nameFromText);
    t.deepEqual(names.filter((name) => (lists.blocked.matchName(name) !== -1) !== isListed(name)).map(textOfName), []);
  }
});
