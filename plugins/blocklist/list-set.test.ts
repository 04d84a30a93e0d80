import test, { type ExecutionContext } from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLogger } from '../../core/log.js';
import { Metrics } from '../../core/metrics.js';
import { nameFromText } from '../../core/name.js';
import { alone } from '../../core/workers/index.js';
import { TestClock } from '../../testing/clock.js';
import { Web } from '../../testing/web.js';
import { ListSet } from './list-set.js';
import type { UrlSource } from './url.js';

const dayMs = 86_400_000;

/** Lists from a directory with one file, and from these URLs. */
function world(t: ExecutionContext, urls: readonly UrlSource[] = []) {
  const directory = mkdtempSync(join(tmpdir(), 'list-set-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'a.txt');
  writeFileSync(path, 'a.example\n');
  const clock = new TestClock();
  const log: string[] = [];
  const metrics = new Metrics();
  const make = (): ListSet => {
    const sources = [{ kind: 'file', path, label: 'a.txt', allow: false }] as const;
    const set = new ListSet(
      { request: { sources, format: 'auto', match: 'exact' }, urls, directory: join(directory, 'kept') },
      { clock, metrics, workers: alone, log: createLogger((line) => log.push(line), clock) },
    );
    t.teardown(() => set.close());
    return set;
  };
  return { path, clock, log, metrics, make };
}

async function webOf(t: ExecutionContext, content: string): Promise<Web> {
  const web = await Web.start();
  web.answer = (_request, response) => void response.end(content);
  t.teardown(() => web.stop());
  return web;
}

const blocks = (set: ListSet, name: string): boolean => set.lists.blocked.matchName(nameFromText(name)) !== -1;

/** Waits until something has come about; the test's own time limit is the bound. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

test('the first generation waits for its lists, later ones have what there is', async (t) => {
  const { path, make } = world(t);
  const set = make();
  await set.open(1);
  t.true(blocks(set, 'a.example'));
  const { lists } = set;
  writeFileSync(path, 'changed.example\n');
  await set.open(2);
  t.is(set.lists, lists);
  await until(() => blocks(set, 'changed.example'));
});

test('lists that have not changed stay as they are when a new generation looks', async (t) => {
  const { make, log } = world(t);
  const set = make();
  await set.open(1);
  const { lists } = set;
  await set.open(2);
  await set.close();
  t.is(set.lists, lists);
  t.is(log.length, 1);
});

test('a list from the web is not waited for, is there once it came, and after a restart at once', async (t) => {
  const web = await webOf(t, 'web.example\n');
  const { make } = world(t, [{ url: web.url('/list?token=secret'), everyMs: dayMs }]);
  const set = make();
  await set.open(1);
  t.false(blocks(set, 'web.example'));
  t.is(web.asked.length, 0);
  set.watch();
  await until(() => blocks(set, 'web.example'));
  t.is(set.lists.lists.at(-1)?.label, `${new URL(web.url()).host}/list`);
  await web.stop();
  const again = make();
  await again.open(1);
  t.true(blocks(again, 'web.example'));
});

test('a list from the web is looked at again when its time has come', async (t) => {
  const web = await webOf(t, 'web.example\n');
  const { make, clock } = world(t, [{ url: web.url(), everyMs: dayMs }]);
  const set = make();
  await set.open(1);
  set.watch();
  await until(() => blocks(set, 'web.example'));
  web.answer = (_request, response) => void response.end('other.example\n');
  clock.advance(dayMs);
  await until(() => blocks(set, 'other.example'));
  t.false(blocks(set, 'web.example'));
  t.is(web.asked.length, 2);
});

test('a list that cannot be fetched is a problem until it can', async (t) => {
  const web = await webOf(t, 'web.example\n');
  const { make, log } = world(t, [{ url: web.url(), everyMs: dayMs }]);
  web.answer = (_request, response) => void response.writeHead(503).end();
  const set = make();
  await set.open(1);
  await set.reload();
  t.regex(set.problem ?? '', /can't fetch http.*503/);
  t.true(log.some((line) => line.includes('there is no copy of it')));
  t.true(blocks(set, 'a.example'));
  web.answer = (_request, response) => void response.end('web.example\n');
  await set.reload();
  t.is(set.problem, undefined);
  t.true(blocks(set, 'web.example'));
});

test('whoever closes it in the middle of a load or a download leaves nothing behind', async (t) => {
  const web = await webOf(t, '');
  const { make, clock } = world(t, [{ url: web.url(), everyMs: dayMs }]);
  const loading = make();
  const opened = t.throwsAsync(loading.open(1));
  await loading.close();
  await opened;
  web.answer = () => undefined;
  const fetching = make();
  await fetching.open(1);
  fetching.watch();
  await until(() => web.asked.length > 0);
  await fetching.close();
  t.is(clock.pending, 0);
});

test('the log tells what was loaded, and shows lines that are no names', async (t) => {
  const { path, make, log, metrics } = world(t);
  writeFileSync(path, 'a.example\nb.example\nno name\x1b[2J\n');
  const set = make();
  await set.open(1);
  t.deepEqual(log.map((line) => line.slice(25).trimEnd().replaceAll(path, 'PATH')), [
    `[INFO] 2 names are blocked and 0 allowed, by 1 lists read in ${set.lists.seconds.toFixed(1)} s`,
    '[WARNING] PATH: skipped 1 lines that are no names',
    "[WARNING] PATH:3: 'no name\\027[2J': more than a name stands on the line",
  ]);
  t.regex(await metrics.text(''), /blocklist_names\{list="a.txt"\} 2/);
  await set.close();
  t.notRegex(await metrics.text(''), /blocklist_names\{/);
});
