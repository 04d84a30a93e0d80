/**
 * What lists cost: `node dist/bench/list-memory.js [COUNT 1000000]`. Loads COUNT names, then loads them again beside the old index as a reload
 * does; prints the memory over that of the process before it, the peaks, the seconds, and the time of a look-up.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hastenCollection } from '../core/lists/release.js';
import { nameFromText } from '../core/name.js';
import { listsOf, startLoading, type Lists } from '../plugins/blocklist/loader.js';
import { nameOfNumber } from './names.js';

const mib = 2 ** 20;
const count = Number(process.argv[2] ?? 1_000_000);
const lookUps = 1_000_000;

/** Makes the file in a process of its own, so that this one stays small. */
function writeFile(path: string): void {
  const file = openSync(path, 'w');
  spawnSync(process.execPath, [fileURLToPath(new URL('./names.js', import.meta.url)), String(count)], { stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
}

/** Loads the file and says what that took; `rss` is the process's memory before the first load, in MiB. */
async function load(what: string, path: string, rss: number): Promise<Lists> {
  const loaded = await startLoading({ sources: [{ kind: 'file', path, label: path, allow: false }], format: 'auto', match: 'exact' }, () => undefined).result;
  if (loaded === undefined) throw new Error('nothing was loaded');
  const lists = listsOf(loaded);
  const now = process.memoryUsage.rss() / mib - rss;
  const peak = process.resourceUsage().maxRSS / 1024 - rss;
  console.log(`${what}: ${lists.blocked.size} names, ${now.toFixed(1)} MiB, peak ${peak.toFixed(1)} MiB, ${lists.seconds.toFixed(2)} s`);
  return lists;
}

/** Nanoseconds of a look-up of listed names, and of names that are not listed. */
function measureLookUps({ blocked }: Lists, suffix: string): string {
  const names = Array.from({ length: 1000 }, (_, i) => Buffer.from(nameFromText(nameOfNumber((i * 997) % count) + suffix), 'latin1'));
  let found = 0;
  const begun = performance.now();
  for (let i = 0; i < lookUps; i++) {
    const name = names[i % names.length]!;
    if (blocked.match(name, 0, name.length) !== -1) found++;
  }
  return `${(((performance.now() - begun) * 1e6) / lookUps).toFixed(0)} ns, ${found} of ${lookUps} found`;
}

const directory = mkdtempSync(join(tmpdir(), 'list-memory-'));
try {
  const path = join(directory, 'names.txt');
  writeFile(path);
  const rss = process.memoryUsage.rss() / mib;
  console.log(`empty: ${rss.toFixed(1)} MiB`);
  let lists = await load('load', path, rss);
  console.log(`look-up: ${measureLookUps(lists, '')}; of other names ${measureLookUps(lists, '.test')}`);
  for (let round = 0; round < 5; round++) {
    lists = await load('reload', path, rss);
    hastenCollection();
    await pause(200);
    console.log(`  later ${(process.memoryUsage.rss() / mib - rss).toFixed(1)} MiB`);
  }
} finally {
  rmSync(directory, { recursive: true });
}
