import test, { type ExecutionContext } from 'ava';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from './files.js';

async function directoryFor(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'files-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}

test('a file is written, and written anew, for its owner alone', async (t) => {
  const path = join(await directoryFor(t), 'state');
  await writeFileAtomically(path, 'old');
  await writeFileAtomically(path, new Uint8Array([0x6e, 0x65, 0x77]));
  t.is(await readFile(path, 'utf8'), 'new');
  t.is((await stat(path)).mode & 0o777, 0o600);
});

test('many writes at once leave one of them whole, and nothing beside it', async (t) => {
  const directory = await directoryFor(t);
  const path = join(directory, 'state');
  const contents = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
  await Promise.all(contents.map((content) => writeFileAtomically(path, content)));
  t.true(contents.includes(await readFile(path, 'utf8')));
  t.deepEqual(await readdir(directory), ['state']);
});

test('a write that fails leaves the old content, and nothing beside it', async (t) => {
  const directory = await directoryFor(t);
  const path = join(directory, 'state');
  await writeFile(path, 'old');
  const broken = (async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half');
    throw new Error('the source dried up');
  })();
  await t.throwsAsync(writeFileAtomically(path, broken), { message: 'the source dried up' });
  t.is(await readFile(path, 'utf8'), 'old');
  t.deepEqual(await readdir(directory), ['state']);
});

test('what stands in the way is told, and nothing is left beside it', async (t) => {
  const directory = await directoryFor(t);
  await t.throwsAsync(writeFileAtomically(join(directory, 'gone', 'state'), 'x'), { code: 'ENOENT' });
  await mkdir(join(directory, 'state'));
  await t.throwsAsync(writeFileAtomically(join(directory, 'state'), 'x'));
  t.deepEqual(await readdir(directory), ['state']);
});
