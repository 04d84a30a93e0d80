import test from 'ava';
import { recorded, recording, type FileSource } from './files.js';
import { parseCorefile } from './parser.js';

const disk = (files: Readonly<Record<string, string>>): FileSource => ({
  readFile(path) {
    const text = files[path];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  },
  glob: (pattern, directory) => Object.keys(files).filter((path) => path.startsWith(`${directory}/`) && path.endsWith(pattern.slice(1))),
});

test('what was read once is read again as it was, whatever the disk says by then', (t) => {
  const files = { '/etc/Corefile': '. {\nimport *.conf\nimport /etc/more\n}\n', '/etc/a.conf': 'whoami\n', '/etc/b.conf': 'any\n', '/etc/more': 'errors\n' };
  const source = recording(disk(files), '/etc/Corefile', undefined);
  const first = parseCorefile({ file: '/etc/Corefile', env: {}, source });
  t.deepEqual(first.mistakes, []);
  const read = structuredClone(source.read);
  const again = parseCorefile({ file: read.file, env: {}, source: recorded(read) });
  t.deepEqual(again, first);
});

test('a text that is in memory is recorded too', (t) => {
  const { read } = recording(disk({}), 'Corefile', '. {\n}\n');
  t.deepEqual(parseCorefile({ file: read.file, env: {}, source: recorded(read) }).files, ['Corefile']);
});

test('what was not read before is not there', (t) => {
  const source = recorded(recording(disk({}), 'Corefile', '').read);
  t.throws(() => source.readFile('other'), { message: 'it was not read before' });
  t.deepEqual(source.glob('*', '/etc'), []);
});
